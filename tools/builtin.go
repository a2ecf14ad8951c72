package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
)

// Env is what the tools work on.
type Env struct {
	Sandbox sandbox.Sandbox
	// Grants are the privileged commands that a bash call has, asked for when it begins. nil: none.
	Grants func() sandbox.Grants
	// Command finds a privileged command for a declared tool that calls it. nil: there is none.
	Command func(name string) (sandbox.GrantedCommand, bool)
	// Skills are those that the skill tool opens. nil: there is no skill tool.
	Skills SkillSource
	// OnOutput receives the output of a bash call as it appears; ctx is that of the call. nil: nobody listens.
	OnOutput func(ctx context.Context, stream sandbox.Stream, data []byte)
	// Limit is the most that a file or a command's output takes of a result, in bytes. 0: 50 KiB.
	Limit int
}

// SkillSource gives the skills that may be opened.
type SkillSource interface {
	// Names lists them.
	Names() []string
	// Skill is what the model reads of one of them, fresh. The error is about reading it.
	Skill(ctx context.Context, name string) (string, error)
}

// Names are the tools that an agent has unless it lists its own. The engine adds task, finish and give_up itself.
func Names() []string {
	return []string{"bash", "edit", "glob", "grep", "read", "skill", "write"}
}

// Builtin makes the built-in tools, sorted by name.
func Builtin(env Env) []Tool {
	list := []Tool{Bash(env), Edit(env), Glob(env), Grep(env), Read(env)}
	if env.Skills != nil {
		list = append(list, Skill(env))
	}
	return append(list, Write(env))
}

// Definitions are those of the built-in tools, the skill tool among them, in the order of Builtin: what they work on does
// not change what a model is told of them.
var Definitions = sync.OnceValue(func() []model.ToolDef {
	var list []model.ToolDef
	for _, tool := range []func(Env) Tool{Bash, Edit, Glob, Grep, Read, Skill, Write} {
		list = append(list, tool(Env{Sandbox: nowhere{}}).Def)
	}
	return list
})

// nowhere is the sandbox of tools that are never called.
type nowhere struct{ sandbox.Sandbox }

func (nowhere) FS() sandbox.FS { return nil }

// define makes a tool of a function that gets its arguments decoded.
func define[A any](name, description string, parameters json.RawMessage, run func(ctx context.Context, a A) (Result, error)) Tool {
	return Tool{
		Def: model.ToolDef{Name: name, Description: description, Parameters: parameters},
		Run: func(ctx context.Context, args json.RawMessage) (Result, error) {
			var a A
			if err := json.Unmarshal(args, &a); err != nil {
				return refuse("the arguments of %s are not what its parameters say: %v", name, err)
			}
			return run(ctx, a)
		},
	}
}

// compact is a schema without the white space that it is written with.
func compact(schema string) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(schema)); err != nil {
		panic("tools: " + err.Error()) // of our own text
	}
	return b.Bytes()
}

// refuse is the result of a call that could not be done for a reason the model can act on.
func refuse(format string, args ...any) (Result, error) {
	return Result{Text: fmt.Sprintf(format, args...), IsError: true}, nil
}
