package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
)

// invoke runs a declared tool as the engine does.
func invoke(t *testing.T, tool Tool, args string) Result {
	t.Helper()
	fitted, _, err := Coerce(tool.Def.Parameters, json.RawMessage(args))
	if err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	r, err := tool.Run(t.Context(), fitted)
	if err != nil {
		t.Fatalf("%s: %v", args, err)
	}
	return r
}

func TestDeclaredScript(t *testing.T) {
	box := newFake(nil)
	tool := Declared(Env{Sandbox: box}, Declaration{Def: model.ToolDef{Name: "count", Parameters: json.RawMessage(`{"type": "object"}`)}, Timeout: time.Second,
		Script: func(args map[string]any) (string, error) {
			if args["file"] == nil {
				return "", errors.New("there is no file")
			}
			return fmt.Sprint("wc ", args["file"]), nil
		}})
	for _, c := range []struct {
		exit int
		args string
		want Result
	}{
		{0, `{"file": "a"}`, Result{Text: "3 a\n"}},
		{2, `{"file": "a"}`, Result{Text: "3 a\nexit status 2\n", IsError: true}},
		{0, `{}`, Result{Text: "count: there is no file", IsError: true}},
	} {
		box.exec = func(e sandbox.Exec) (sandbox.ExecResult, error) {
			e.Output(sandbox.Stdout, []byte("3 a\n"))
			return sandbox.ExecResult{ExitCode: c.exit}, nil
		}
		if got := invoke(t, tool, c.args); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.args, got, c.want)
		}
	}
	if box.last.Script != "wc a" || box.last.Timeout != time.Second {
		t.Errorf("the sandbox was given %+v", box.last)
	}
}

func TestDeclaredCommand(t *testing.T) {
	var got sandbox.Call
	run := func(ctx context.Context, c sandbox.Call) int {
		got = c
		if _, err := io.Copy(c.Stdout, c.Stdin); err != nil || slices.Contains(c.Args, "hang") {
			<-ctx.Done()
		}
		fmt.Fprint(c.Stdout, "closed ")
		fmt.Fprintln(c.Stderr, c.Args[len(c.Args)-1])
		if slices.Contains(c.Args, "7") {
			return 126
		}
		return 0
	}
	env := Env{Sandbox: newFake(nil), Command: func(name string) (sandbox.GrantedCommand, bool) { return run, name == "gh" }}
	declare := func(command string) Tool {
		return Declared(env, Declaration{Def: model.ToolDef{Name: "close", Parameters: json.RawMessage(`{"type": "object"}`)}, Timeout: 50 * time.Millisecond,
			Command: command, Args: func(args map[string]any) ([]string, error) {
				return []string{"issue", "close", fmt.Sprint(args["n"])}, nil
			}})
	}
	for args, want := range map[string]Result{
		`{"n": 6}`:      {Text: "closed 6\n"},
		`{"n": 7}`:      {Text: "closed 7\nexit status 126\n", IsError: true},
		`{"n": "hang"}`: {Text: "closed hang\n\nclose stopped after 50ms\n", IsError: true},
	} {
		if result := invoke(t, declare("gh"), args); result != want {
			t.Errorf("%s: %+v, want %+v", args, result, want)
		}
	}
	if got.Dir != "/workspace" || !slices.Equal(got.Args[:2], []string{"issue", "close"}) {
		t.Errorf("the command was given %+v", got)
	}
	env.Command = nil
	if _, err := declare("gh").Run(t.Context(), json.RawMessage(`{}`)); err == nil || !strings.Contains(err.Error(), `no command "gh"`) {
		t.Errorf("without commands: %v", err)
	}
}

func TestDeclaredWithoutParameters(t *testing.T) {
	tool := Declared(Env{Sandbox: newFake(nil)}, Declaration{Script: func(map[string]any) (string, error) { return "", nil }})
	if _, _, err := Coerce(tool.Def.Parameters, json.RawMessage(`{"x": 1}`)); err == nil {
		t.Error("arguments were accepted")
	}
}
