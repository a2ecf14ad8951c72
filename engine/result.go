package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/tools"
)

// The two tools that end a step with a result schema.
const (
	finishTool = "finish"
	giveUpTool = "give_up"
)

// resultTool is a step's result schema as the finish tool. Only a call of it counts as a result: text that looks
// like one, wherever it stands, does not.
type resultTool struct {
	def    model.ToolDef
	schema *spec.Schema
	unwrap func(arguments json.RawMessage) json.RawMessage
}

func newResultTool(schema *spec.Schema, strict bool) *resultTool {
	parameters, unwrap := schema.ResultTool()
	def := tools.Finish(parameters)
	def.Strict = strict
	return &resultTool{def: def, schema: schema, unwrap: unwrap}
}

// value checks the arguments of a finish call and returns the result as the model wrote it. Nothing is coerced: a result
// is what the schema says.
func (t *resultTool) value(call model.Block) (json.RawMessage, error) {
	if call.BadArgs != "" {
		return nil, fmt.Errorf("the arguments are not a JSON object: %.200s", call.BadArgs)
	}
	raw := t.unwrap(call.Args)
	violations := t.schema.ValidateJSON(raw)
	if len(violations) == 0 {
		return raw, nil
	}
	lines := make([]string, len(violations))
	for i, v := range violations {
		lines[i] = v.String()
	}
	return nil, fmt.Errorf("the result does not fit its schema:\n%s", strings.Join(lines, "\n"))
}

// end answers calls of finish and give_up. The first valid finish or the first give_up counts; what comes after is
// answered, and ignored.
func (c *conversation) end(calls []*pendingCall) (value json.RawMessage, err error) {
	for _, call := range calls {
		if value != nil || err != nil {
			call.fail("ignored: the step had ended already")
			continue
		}
		if call.Name == giveUpTool {
			call.succeed("You gave up.")
			err = c.gaveUp(call.Block)
			continue
		}
		v, wrong := c.result.value(call.Block)
		if wrong == nil {
			call.succeed("The result is accepted.")
			value = v
			continue
		}
		call.fail(wrong.Error() + "\nCall finish again with a result that fits.")
		err = c.attempt(wrong.Error())
	}
	return value, err
}

func (c *conversation) gaveUp(call model.Block) error {
	var args struct{ Reason string }
	if json.Unmarshal(call.Args, &args) != nil || strings.TrimSpace(args.Reason) == "" {
		args.Reason = "it gave no reason"
	}
	return c.failed(GaveUp, "the model gave up: "+args.Reason, nil)
}
