package tools

import (
	_ "embed"
	"encoding/json"

	"github.com/flue-run/flue/model"
)

//go:embed finish.md
var finishText string

//go:embed give_up.md
var giveUpText string

// Finish tells a model of the tool that ends a step with a result; parameters are the result's schema, wrapped where it
// is no object's. The engine answers the call.
func Finish(parameters json.RawMessage) model.ToolDef {
	return model.ToolDef{Name: "finish", Description: finishText, Parameters: parameters}
}

// GiveUp tells a model of the tool that ends a step without a result. The engine answers the call.
func GiveUp() model.ToolDef {
	return model.ToolDef{Name: "give_up", Description: giveUpText, Parameters: json.RawMessage(`{
  "type": "object",
  "required": ["reason"],
  "additionalProperties": false,
  "properties": {"reason": {"type": "string", "minLength": 1, "description": "What was tried, and what stands in the way."}}
}`)}
}
