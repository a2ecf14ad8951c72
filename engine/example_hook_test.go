package engine_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store/memory"
)

// A program that embeds the engine gives agents a command of its own: the file says what may be asked and which secret
// it takes, and a Go function does it. Its output is redacted before the agent sees it.
func ExampleHook() {
	project, problems := spec.Load(fstest.MapFS{
		".flue/agents/restock.yaml": {Data: []byte(`description: Order what runs out.
commands: [stock]
steps:
  - shell: |
      echo "bolts: $(stock count bolts)"
      stock order nuts 2>&1 || echo "status $?"
`)},
		".flue/commands/stock.yaml": {Data: []byte(`description: The warehouse.
hook: warehouse
env: {API_KEY: "${{ env.WAREHOUSE_KEY }}"}
args: ["count {part}"]
match: {part: "[a-z]+"}
`)},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	e, err := engine.New(engine.Config{
		Project: project,
		Store:   memory.New(),
		Models: func(context.Context, string, engine.RunInfo) (engine.Model, error) {
			return engine.Model{}, fmt.Errorf("this agent asks no model")
		},
		Sandboxes: func(context.Context, engine.SandboxRequest) (sandbox.Sandbox, error) {
			return virtual.New(virtual.Config{})
		},
		Env: func(name string) (string, bool) {
			return map[string]string{"WAREHOUSE_KEY": "key-4711"}[name], name == "WAREHOUSE_KEY"
		},
		Hooks: map[string]engine.Hook{
			"warehouse": func(ctx context.Context, c engine.HookCall) (engine.HookResult, error) {
				return engine.HookResult{Stdout: fmt.Sprintf("12 (%s, asked with %s)\n", c.Args[1], c.Env["API_KEY"])}, nil
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range e.Run(context.Background(), engine.Request{Agent: "restock"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if event.Type == engine.Done {
			fmt.Print(event.Text)
		}
	}
	// Output:
	// bolts: 12 (bolts, asked with [redacted])
	// stock: refused: the arguments fit no line of args; allowed are:
	//   count {part}
	// status 126
}
