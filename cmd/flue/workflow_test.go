package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"
)

// TestWorkflows checks every workflow file here and the one that flue init writes, and that each action in it is pinned.
func TestWorkflows(t *testing.T) {
	files := 0
	for _, pattern := range []string{"../../.github/workflows/*.yml", "../../examples/*/.github/workflows/*.yml", "template_*/.github/workflows/*.yml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files++
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			lintWorkflow(t, name, text)
			for _, use := range regexp.MustCompile(`(?m)uses:.*$`).FindAllString(string(text), -1) {
				if !regexp.MustCompile(`uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(use) {
					t.Errorf("%s: %s: not pinned by commit with its version beside it", name, use)
				}
			}
		}
	}
	if files < 2 {
		t.Errorf("%d workflow files: the test looks in the wrong place", files)
	}
}

// TestPin: all that name the action name the same commit of it, and the release that it installs.
func TestPin(t *testing.T) {
	pins := map[string]bool{}
	for _, name := range []string{"../../README.md", "../../examples/triage/.github/workflows/triage.yml", "template_github/.github/workflows/triage.yml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pins[regexp.MustCompile(`flue-run/flue@.*`).FindString(string(text))] = true
	}
	for pin := range pins {
		if len(pins) != 1 || !strings.HasSuffix(pin, " # v"+readAction(t).Inputs["version"].Default) {
			t.Errorf("the action is named %q, with the release %s in action.yml", pin, readAction(t).Inputs["version"].Default)
		}
	}
}

// TestAction checks action.yml: its scripts as those of a workflow with the same inputs, which actionlint can read, and
// that no expression stands in one.
func TestAction(t *testing.T) {
	action := readAction(t)
	inputs := map[string]any{}
	for name, input := range action.Inputs {
		declared := map[string]any{"type": "string", "required": input.Required, "description": input.Description}
		if !input.Required {
			declared["default"] = input.Default
		}
		inputs[name] = declared
	}
	outputs := map[string]string{}
	for name, output := range action.Outputs {
		outputs[name] = output.Value
	}
	var steps []any
	for _, step := range action.Runs.Steps {
		steps = append(steps, step)
		if strings.Contains(step.Run, "${{") {
			t.Errorf("an expression in the script of step %s", step.ID)
		}
	}
	text, err := yaml.Marshal(map[string]any{"on": map[string]any{"workflow_call": map[string]any{"inputs": inputs}}, "permissions": map[string]any{},
		"jobs": map[string]any{"action": map[string]any{"runs-on": "ubuntu-latest", "steps": steps, "outputs": outputs}}})
	if err != nil {
		t.Fatal(err)
	}
	lintWorkflow(t, "action.yml", text)
	if len(steps) != 2 || len(outputs) != 5 {
		t.Errorf("%d steps and %d outputs", len(steps), len(outputs))
	}
}

// TestActionScripts runs the scripts of action.yml by themselves: install.sh and run.sh.
func TestActionScripts(t *testing.T) {
	steps := readAction(t).Runs.Steps
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "action"),
		Cmds: scriptCommands,
		Setup: func(env *testscript.Env) error {
			for _, step := range steps {
				if err := os.WriteFile(filepath.Join(env.WorkDir, step.ID+".sh"), []byte(step.Run), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

func lintWorkflow(t *testing.T, name string, text []byte) {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	problems, err := linter.Lint(name, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%v", problem)
	}
}

// action is action.yml.
type action struct {
	Inputs map[string]struct {
		Description, Default string
		Required             bool
	}
	Outputs map[string]struct{ Value string }
	Runs    struct{ Steps []actionStep }
}

type actionStep struct {
	ID    string            `yaml:"id"`
	If    string            `yaml:"if,omitempty"`
	Shell string            `yaml:"shell"`
	Dir   string            `yaml:"working-directory,omitempty"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
}

func readAction(t *testing.T) action {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}
