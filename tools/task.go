package tools

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/flue-run/flue/model"
)

//go:embed task.md
var taskText string

// Subagent is an agent that a model may delegate to.
type Subagent struct{ Name, Description string }

// TaskArgs are the arguments of the task tool.
type TaskArgs struct {
	Prompt    string
	Agent     string
	Workspace string // the folder to work in; "" is the working directory
}

// Task makes the tool that delegates to a sub-agent; run carries a call out, by its id.
func Task(agents []Subagent, run func(ctx context.Context, call string, a TaskArgs) (Result, error)) Tool {
	names := make([]string, len(agents))
	for i, a := range agents {
		names[i] = a.Name
	}
	allowed, _ := json.Marshal(names) // strings always marshal
	parameters := fmt.Sprintf(`{
  "type": "object",
  "required": ["prompt", "agent"],
  "additionalProperties": false,
  "properties": {
    "prompt": {"type": "string", "minLength": 1, "description": "What to do, with all that it needs to know: the sub-agent has not read this conversation."},
    "agent": {"enum": %s, "description": "Who does it."},
    "workspace": {"type": "string", "description": "The folder to work in. Default: the working directory."}
  }
}`, allowed)
	return Tool{
		Def: model.ToolDef{Name: "task", Description: taskText, Parameters: json.RawMessage(parameters)},
		Run: func(ctx context.Context, args json.RawMessage) (Result, error) {
			var a TaskArgs
			if err := json.Unmarshal(args, &a); err != nil {
				return refuse("the arguments of task are not what its parameters say: %v", err)
			}
			return run(ctx, CallID(ctx), a)
		},
	}
}
