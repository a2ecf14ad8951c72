// Package tools is what the model may call, bound to a sandbox. Start at Tool; each built-in one is an
// x.go and an x.md, the text that the model reads.
package tools

import (
	"context"
	"encoding/json"

	"github.com/flue-run/flue/model"
)

// Tool is something a model may call.
type Tool struct {
	Def model.ToolDef
	// Run does one call. args satisfy Def.Parameters. What goes wrong in the call's own terms (no such
	// file, a match that is not unique) is a Result with IsError; an error means that the run cannot go on.
	Run func(ctx context.Context, args json.RawMessage) (Result, error)
	// Writes names the file that a call changes, so that calls on the same one run one after another; nil or "": none.
	Writes func(args json.RawMessage) string
	// Idempotent calls may be repeated when a crash left them without a result.
	Idempotent bool
}

type callID struct{}

// WithCall tells a tool's Run the id of the call that it carries out.
func WithCall(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, callID{}, id)
}

// CallID is the id of the call that a tool's Run carries out; "" where nobody told it.
func CallID(ctx context.Context) string {
	id, _ := ctx.Value(callID{}).(string)
	return id
}

// Result is what the model gets back.
type Result struct {
	Text    string
	IsError bool
}
