package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

// TestBlocks checks every code block of the documentation that is a whole file of a project: one whose line before is the
// file's path alone, or whose info string names its kind, such as ```yaml agent.
func TestBlocks(t *testing.T) {
	root := filepath.Join("..", "..")
	checked := 0
	for _, file := range documentation(t, root) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range wholeFiles(string(text)) {
			checked++
			fsys := fstest.MapFS{found.path: &fstest.MapFile{Data: []byte(found.text)}}
			for _, problem := range lint.Check(spec.Load(fsys)) {
				// What the file names is elsewhere, and what may be open to improvement is still right.
				if rule := lint.Find(problem.Rule); problem.Severity == spec.Error && (rule == nil || rule.Group != lint.Names && rule.Name != "skill-link") {
					t.Errorf("%s:%d: the block is wrong in its line %d: %s [%s]", file, found.line, problem.Pos.Line, problem.Text, problem.Rule)
				}
			}
		}
	}
	if checked < 15 {
		t.Errorf("only %d blocks were found: the test looks in the wrong place", checked)
	}
}

func documentation(t *testing.T, root string) []string {
	t.Helper()
	files := []string{"README.md"}
	for _, dir := range []string{"docs", "examples", "skills"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(name, ".md") && !strings.Contains(name, "/.flue/") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// wholeFile is a block that is a whole file of a project.
type wholeFile struct {
	line       int // of the document
	path, text string
}

var (
	fence     = regexp.MustCompile("(?m)^```(?:yaml|markdown)(?: ([a-z]+))?\n((?s:.*?\n))```$")
	pathAlone = regexp.MustCompile("^`(\\.flue/[^`<>]+\\.(?:yaml|md))`:?$")
)

// paths are where a block of a kind stands that does not say it.
var paths = map[string]string{
	"agent": ".flue/agents/example.yaml", "role": ".flue/roles/example.md", "skill": ".flue/skills/example/SKILL.md",
	"command": ".flue/commands/example.yaml", "tool": ".flue/tools/example.yaml", "sandbox": ".flue/sandboxes/example.yaml",
	"settings": ".flue/flue.yaml", "model": ".flue/models/example.yaml",
}

func wholeFiles(document string) []wholeFile {
	var found []wholeFile
	for _, at := range fence.FindAllStringSubmatchIndex(document, -1) {
		path := ""
		if at[2] >= 0 {
			path = paths[document[at[2]:at[3]]]
		}
		before := strings.TrimRight(document[:at[0]], "\n")
		if m := pathAlone.FindStringSubmatch(before[strings.LastIndexByte(before, '\n')+1:]); m != nil {
			path = m[1]
		}
		if path != "" {
			found = append(found, wholeFile{strings.Count(document[:at[0]], "\n") + 1, path, document[at[4]:at[5]]})
		}
	}
	return found
}

func TestWholeFiles(t *testing.T) {
	tests := []struct{ document, want string }{
		{"`.flue/agents/a.yaml`\n\n```yaml\nprompt: x\n```\n", ".flue/agents/a.yaml"},
		{"`.flue/roles/a.md`:\n```markdown\nx\n```\n", ".flue/roles/a.md"},
		{"Text.\n\n```yaml agent\nprompt: x\n```\n", ".flue/agents/example.yaml"},
		{"In `.flue/agents/a.yaml` you write\n\n```yaml\nprompt: x\n```\n", ""},
		{"`.flue/agents/<name>.yaml`\n\n```yaml\nprompt: x\n```\n", ""},
		{"`.flue/agents/a.yaml`\n\n```sh\nx\n```\n", ""},
	}
	for _, test := range tests {
		got := ""
		for _, found := range wholeFiles(test.document) {
			got += found.path
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.document, got, test.want)
		}
	}
}
