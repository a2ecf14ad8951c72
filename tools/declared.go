package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/schema"
)

// Declaration is a tool that a project defines itself. One of Script, Args and Request is set; it makes of a call's
// arguments what is done, and its error is what the model is told instead.
type Declaration struct {
	Def        model.ToolDef // no Parameters: it takes no arguments
	Timeout    time.Duration // of one call; 0: 60 s
	Idempotent bool

	Script  func(args map[string]any) (string, error)   // a script of the sandbox
	Command string                                      // the privileged command that gets Args
	Args    func(args map[string]any) ([]string, error) // arguments of Command
	Request func(args map[string]any) (Request, error)  // what is sent over HTTP
	Redact  func(text string) string                    // takes the secrets of Request out of what comes back; nil: there are none
}

const (
	declaredTimeout = 60 * time.Second
	noParameters    = `{"type": "object", "properties": {}, "additionalProperties": false}`
)

// Declared makes the tool that a project defines.
func Declared(env Env, d Declaration) Tool {
	if d.Timeout == 0 {
		d.Timeout = declaredTimeout
	}
	if d.Def.Parameters == nil {
		d.Def.Parameters = json.RawMessage(noParameters)
	}
	var act func(ctx context.Context, args map[string]any) (Result, error)
	switch {
	case d.Script != nil:
		act = d.script(env)
	case d.Request != nil:
		act = d.request(env)
	default:
		act = d.command(env)
	}
	return Tool{Def: d.Def, Idempotent: d.Idempotent, Run: func(ctx context.Context, raw json.RawMessage) (Result, error) {
		value, err := schema.Decode(raw)
		if err != nil {
			return refuse("the arguments of %s are not valid JSON: %v", d.Def.Name, err)
		}
		args, ok := value.(map[string]any)
		if !ok {
			return refuse("the arguments of %s are not an object", d.Def.Name)
		}
		return act(ctx, args)
	}}
}

func (d Declaration) script(env Env) func(context.Context, map[string]any) (Result, error) {
	run := env.scripts()
	return func(ctx context.Context, args map[string]any) (Result, error) {
		script, err := d.Script(args)
		if err != nil {
			return refuse("%s: %v", d.Def.Name, err)
		}
		text, failed, err := run(ctx, script, d.Timeout)
		return Result{Text: text, IsError: failed}, err
	}
}

func (d Declaration) command(env Env) func(context.Context, map[string]any) (Result, error) {
	kept := &keeper{files: env.Sandbox.FS()}
	return func(ctx context.Context, args map[string]any) (Result, error) {
		words, err := d.Args(args)
		if err != nil {
			return refuse("%s: %v", d.Def.Name, err)
		}
		var run sandbox.GrantedCommand
		if env.Command != nil {
			run, _ = env.Command(d.Command)
		}
		if run == nil {
			return Result{}, fmt.Errorf("there is no command %q to call", d.Command)
		}
		limited, cancel := context.WithTimeout(ctx, d.Timeout)
		defer cancel()
		var output lockedBuffer
		result := sandbox.ExecResult{ExitCode: run(limited, sandbox.Call{
			Args: words, Dir: env.Sandbox.FS().Dir(), Stdin: strings.NewReader(""), Stdout: &output, Stderr: &output})}
		if ctx.Err() != nil {
			return Result{}, fmt.Errorf("calling %s: %w", d.Command, context.Cause(ctx))
		}
		if limited.Err() != nil {
			result.Limit = "timeout"
		}
		text, err := kept.shorten(ctx, valid(output.String()), env.limit())
		if err != nil {
			return Result{}, err
		}
		return Result{Text: text + d.ending(result, text), IsError: result.ExitCode != 0 || result.Limit != ""}, nil
	}
}

// ending is that of a script, but for the advice: the model cannot choose the timeout of a declared tool.
func (d Declaration) ending(r sandbox.ExecResult, output string) string {
	if r.Limit != "timeout" {
		return ending(r, d.Timeout, output)
	}
	return fmt.Sprintf("\n%s stopped after %s\n", d.Def.Name, d.Timeout)
}

// lockedBuffer collects what a command writes to both of its streams, in order.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
