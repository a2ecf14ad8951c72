package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

const canary = "canary-9e107d9d372bb6826bd81d35"

// grantProject is a project whose commands are hooks: look gives its arguments and its secret, drop is granted to nobody.
func grantProject(agent string) fstest.MapFS {
	project := agentFile(agent)
	project[".flue/commands/look.yaml"] = &fstest.MapFile{Data: []byte(`description: Look something up.
hook: look
args: ["{word}…", "-n"]
env: {TOKEN: "${{ env.TOKEN }}"}
max_calls: 9
`)}
	project[".flue/commands/drop.yaml"] = &fstest.MapFile{Data: []byte("description: Drop it.\nhook: look\n")}
	return project
}

// grantConfig has the hook look, which prints its arguments, its input and its secret.
func grantConfig(t testing.TB, project fstest.MapFS, st store.Store) engine.Config {
	cfg := config(t, project, st)
	cfg.Env = func(name string) (string, bool) { return map[string]string{"TOKEN": canary}[name], name == "TOKEN" }
	cfg.Sandboxes = func(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
		return virtual.New(virtual.Config{Known: func(name string) bool { return cfg.Project.Commands[name] != nil }})
	}
	cfg.Hooks = map[string]engine.Hook{"look": func(ctx context.Context, c engine.HookCall) (engine.HookResult, error) {
		in, err := io.ReadAll(c.Stdin)
		if err != nil {
			return engine.HookResult{}, err
		}
		return engine.HookResult{Stdout: fmt.Sprintf("%s:%s:%s\n", strings.Join(c.Args, ","), strings.TrimSpace(string(in)), c.Env["TOKEN"])}, nil
	}}
	return cfg
}

// TestGrantsInTheShell: granted commands are commands of the shell like any other; what is not granted is not there.
func TestGrantsInTheShell(t *testing.T) {
	for _, tt := range []struct{ script, out string }{
		{"look a 'b c'", "a,b c::[redacted]\n"},
		{"echo in | look a | tr a-z A-Z", "A:IN:[REDACTED]\n"},
		{"x=$(look a); echo \"<$x>\"", "<a::[redacted]>\n"},
		{"printf 'a\\nb\\n' | xargs -n1 look", "a::[redacted]\nb::[redacted]\n"},
		{"look a >f; cat f", "a::[redacted]\n"},
		{"look a <<<text", "a:text:[redacted]\n"},
		{"f() { look \"$1\"; }; f a & wait", "a::[redacted]\n"},
		{"for w in a b; do look $w; done | sort -r", "b::[redacted]\na::[redacted]\n"},
		{"timeout 5 look a; env X=1 look b", "a::[redacted]\nb::[redacted]\n"},
		{"echo c | tee f | xargs -I{} -P2 look {}", "c::[redacted]\n"},
		{"touch f; find f -exec look {} \\;", "f::[redacted]\n"},
		{"look a -x 2>&1; echo $?", "look: refused: argument 2, \"-x\": expected nothing more or {word}, which must not begin with - (args: {word}…)\n126\n"},
		{"drop 2>&1 | sed 's/.*: drop/drop/'; echo ${PIPESTATUS[0]}", "drop: not granted to this step\n127\n"},
		{"/bin/look a 2>/dev/null; echo $?", "127\n"},
		{"env | grep -c TOKEN", "0\n"},
	} {
		source := strings.ReplaceAll(tt.script, "'", "''") // a YAML string in single quotes
		project := grantProject("description: x\ncommands: [look]\nsteps: [{id: s, shell: '" + source + "', continue_on_error: true}]\n")
		var out string
		for e, err := range start(t, grantConfig(t, project, memory.New())).Run(t.Context(), engine.Request{Agent: "main"}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Type == engine.StepEnd {
				out = e.Output.Stdout
			}
		}
		if out != tt.out {
			t.Errorf("%s: %q, want %q", tt.script, out, tt.out)
		}
	}
}

// TestGrantsOfAStep: a step's own list replaces its agent's, for exactly its life; every call is an event.
func TestGrantsOfAStep(t *testing.T) {
	project := withModel(grantProject(`description: x
model: scripted/m
commands: [look]
steps:
  - {id: all, shell: "look a; sleep 5 && look late &"}
  - {id: none, shell: "look b", commands: [], continue_on_error: true}
  - {id: other, shell: "drop c; look d", commands: [drop], continue_on_error: true}
  - parallel:
      - {id: left, shell: "look e"}
      - {id: right, shell: "look f || drop g", commands: [drop]}
  - {id: asked, prompt: Look., checks: [{shell: look checked}]}
`), "turns:\n  - calls: [{bash: {command: look h}}]\n  - text: done\n")
	var got []string
	for e, err := range start(t, grantConfig(t, project, memory.New())).Run(t.Context(), engine.Request{Agent: "main", Session: "s"}) {
		if err != nil {
			t.Fatal(err)
		}
		switch e.Type {
		case engine.CommandStart:
			got = append(got, fmt.Sprintf("%s: %s %s", e.Step, e.Command, e.Args))
		case engine.CommandEnd:
			if *e.ExitCode != 0 {
				t.Errorf("%s ended with %d", e.Command, *e.ExitCode)
			}
		case engine.StepEnd:
			if e.Step == "none" && !strings.Contains(e.Output.Stderr, "look: not granted to this step") {
				t.Errorf("%+v", e.Output)
			}
		}
	}
	counts := map[string]int{}
	for _, line := range got {
		counts[line]++
	}
	for _, want := range []string{`all: look ["a"]`, `other: drop ["c"]`, `left: look ["e"]`, `right: drop ["g"]`, `asked: look ["h"]`, `asked: look ["checked"]`} {
		if counts[want] != 1 {
			t.Errorf("%q is there %d times", want, counts[want])
		}
	}
	if len(got) != 6 {
		t.Errorf("%q", got)
	}
}

// TestGrantsOfSubagents: a sub-agent has the commands of its own file, not those of the agent that calls it.
func TestGrantsOfSubagents(t *testing.T) {
	project := withModel(grantProject("description: x\nmodel: scripted/m\ncommands: [look]\nsubagents: [helper]\nprompt: Delegate.\n"),
		"turns:\n  - calls: [{task: {agent: helper, prompt: Look.}}]\n  - text: done\n")
	project[".flue/agents/helper.yaml"] = &fstest.MapFile{Data: []byte("description: Helps.\nmodel: scripted/h\ncommands: [drop]\nprompt: x\n")}
	project[".flue/models/h.yaml"] = &fstest.MapFile{Data: []byte("turns:\n  - calls: [{bash: {command: look a; drop b}}]\n  - text: done\n")}
	var calls, results []string
	for e, err := range start(t, grantConfig(t, project, memory.New())).Run(t.Context(), engine.Request{Agent: "main"}) {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Type == engine.CommandStart:
			calls = append(calls, e.Command)
		case e.Type == engine.ToolEnd && e.Tool == "bash":
			results = append(results, fmt.Sprint(e.Result))
		}
	}
	if fmt.Sprint(calls) != "[drop]" || len(results) != 1 || !strings.Contains(results[0], "look: not granted to this step") {
		t.Errorf("%q, %q", calls, results)
	}
}

// TestNoCanary: a secret is in nothing that a run shows, stores or sends to a model, however a command prints it.
func TestNoCanary(t *testing.T) {
	st := memory.New()
	project := withModel(grantProject("description: x\nmodel: scripted/m\ncommands: [look]\nprompt: Look.\n"),
		"turns:\n  - calls: [{bash: {command: 'look a; look b >file; cat file | base64'}}, {look: {}}]\n  - text: 'I saw "+canary+"'\n")
	cfg := grantConfig(t, project, st)
	seen := 0
	for e, err := range start(t, cfg).Run(t.Context(), engine.Request{Agent: "main", Session: "s", Payload: json.RawMessage(`{"` + canary + `": ["` + canary + `"]}`)}) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if e.Type == engine.TextDelta {
			continue // its own words, which came from the test, in pieces
		}
		data, err := json.Marshal(e)
		if err != nil || strings.Contains(string(data), canary) {
			t.Errorf("%s, %v", data, err)
		}
	}
	for entry, err := range st.Entries(t.Context(), store.Key{Agent: "main", Session: "s"}, 0) {
		if err != nil || strings.Contains(string(entry.Data), canary) {
			t.Errorf("%s: %s, %v", entry.Type, entry.Data, err)
		}
	}
	if seen < 8 {
		t.Errorf("only %d events", seen)
	}
}

// TestCommandsThatCannotRun: nothing runs when a command is not ready.
func TestCommandsThatCannotRun(t *testing.T) {
	project := grantProject("description: x\ncommands: [look]\nsteps: [{shell: echo hi}]\n")
	cfg := grantConfig(t, project, memory.New())
	cfg.Env = nil
	for _, err := range start(t, cfg).Run(t.Context(), engine.Request{Agent: "main"}) {
		var request *engine.RequestError
		if !errors.As(err, &request) || !strings.Contains(err.Error(), "command look: env.TOKEN: the variable TOKEN is not set") {
			t.Errorf("%v", err)
		}
	}
}

// TestProgramInTheShell: a loop that reads lines keeps those that a program of the host leaves unread.
func TestProgramInTheShell(t *testing.T) {
	bin := t.TempDir()
	record := filepath.Join(t.TempDir(), "record")
	script := fmt.Sprintf("#!/bin/sh\nprintf '<%%s>' \"$@\" >>%[1]s\necho >>%[1]s\necho \"token $TOKEN\"\n", record)
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	project := agentFile(`description: x
commands: [gh]
steps: [{id: s, shell: "printf '1\\n2\\n' | while read -r n; do gh issue view $n; done; gh auth token || true"}]
`)
	project[".flue/commands/gh.yaml"] = &fstest.MapFile{Data: []byte("description: x\nexec: gh\nargs: ['issue view {n}']\nmatch: {n: '[0-9]+'}\nenv: {TOKEN: '${{ env.TOKEN }}'}\nisolation: none\n")}
	cfg := grantConfig(t, project, memory.New())
	cfg.Env = func(name string) (string, bool) {
		value, ok := map[string]string{"TOKEN": canary, "PATH": bin + ":/usr/bin:/bin"}[name]
		return value, ok
	}
	done, transcript := finish(t, start(t, cfg).Run(t.Context(), engine.Request{Agent: "main"}))
	if done.Outcome != store.Completed || done.Text != "token [redacted]\ntoken [redacted]\n" {
		t.Errorf("%q\n%s", done.Text, transcript)
	}
	data, err := os.ReadFile(record)
	if err != nil || string(data) != "<issue><view><1>\n<issue><view><2>\n" {
		t.Errorf("%q, %v", data, err)
	}
}

func withModel(project fstest.MapFS, script string) fstest.MapFS {
	project[".flue/models/m.yaml"] = &fstest.MapFile{Data: []byte(script)}
	return project
}
