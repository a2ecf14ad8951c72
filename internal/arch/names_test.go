package arch

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
	"github.com/flue-run/flue/tools"
	"gopkg.in/yaml.v3"
)

// TestLintKnowsWhatIsBuiltIn compares the names that lint lists itself, since it may not import what defines them.
func TestLintKnowsWhatIsBuiltIn(t *testing.T) {
	names := append(tools.Names(), tools.Finish(nil).Name, tools.GiveUp().Name)
	var models []string
	for _, e := range model.Endpoints() {
		models = append(models, e.Name+"/some-model")
	}
	agent := "prompt: Say hello.\ntools: [" + strings.Join(names, ", ") + "]\nmodel: [" + strings.Join(models, ", ") + "]\n"
	project, problems := spec.Load(fstest.MapFS{".flue/agents/all.yaml": {Data: []byte(agent)}})
	for _, p := range lint.Check(project, problems) {
		if p.Severity == spec.Error {
			t.Error(p)
		}
	}
}

// findings are what lint says under a rule of a project of the files given, by their paths.
func findings(rule string, files map[string]string) []spec.Problem {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return slices.DeleteFunc(lint.Check(spec.Load(fsys)), func(p spec.Problem) bool { return p.Rule != rule })
}

// TestLintKnowsTheAction compares the inputs of action.yml with those that lint lists.
func TestLintKnowsTheAction(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Inputs map[string]any }
	if err := yaml.Unmarshal(raw, &action); err != nil || len(action.Inputs) == 0 {
		t.Fatal(action, err)
	}
	found := findings("action-input", map[string]string{
		".flue/agents/a.yaml":     "prompt: Say hello.\n",
		".github/workflows/a.yml": "jobs: {a: {steps: [{uses: flue-run/flue@v1, with: {agent: a, qqqqqqqq: x}}]}}\n",
	})
	want := "there are: " + strings.Join(slices.Sorted(maps.Keys(action.Inputs)), ", ")
	if len(found) != 1 || found[0].Hint != want {
		t.Errorf("got %v, want the hint %q", found, want)
	}
}

// TestLintKnowsTheProfiles compares the programs that have a profile with those that lint lets into the workspace with a
// secret.
func TestLintKnowsTheProfiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "command", "profile_*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, program := range append(files, "profile_other.go") {
		if strings.HasSuffix(program, "_test.go") {
			continue
		}
		program = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(program), "profile_"), ".go")
		command := fmt.Sprintf("description: x\nexec: %s\nargs: [x]\nenv: {T: '${{ env.T }}'}\nworkspace: ro\n", program)
		found := findings("secret-in-workspace-command", map[string]string{".flue/commands/c.yaml": command})
		if refused := len(found) > 0; refused != (program == "other") {
			t.Errorf("%s: %v", program, found)
		}
	}
}

// TestLintKnowsTheModels: no model of the table is taken for a wrong one, and where lint knows a window, it is the table's.
func TestLintKnowsTheModels(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("..", "..", "model", "table.go"))
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`"([a-z]+/[^"]+)":`).FindAllSubmatch(table, -1)
	if len(ids) < 30 {
		t.Fatalf("only %d models were found", len(ids))
	}
	known := 0
	for _, match := range ids {
		id := string(match[1])
		info, ok := model.Lookup(id)
		if !ok {
			t.Fatalf("%s is not in the table", id)
		}
		if found := findings("bad-model", map[string]string{".flue/agents/a.yaml": "model: " + id + "\nprompt: x\n"}); len(found) > 0 {
			t.Errorf("%s: %v", id, found)
		}
		if info.ContextWindow > 400_000 {
			continue // more than files can fill half of
		}
		long := func(tokens int) bool {
			text := fmt.Appendf(nil, "---\nmodel: %s\n---\n%s", id, bytes.Repeat([]byte("abc\n"), tokens))
			return len(findings("prompt-too-long", map[string]string{".flue/agents/a.md": string(text)})) > 0
		}
		if long(info.ContextWindow/2 - 10) {
			t.Errorf("%s has a larger window", id)
		}
		if long(info.ContextWindow/2 + 10) {
			known++
		}
	}
	if known < 10 {
		t.Errorf("lint knows the windows of %d models only", known)
	}
}
