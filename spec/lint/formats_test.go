package lint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestSARIF holds what is written of every finding in testdata against what the standard requires.
func TestSARIF(t *testing.T) {
	raw, err := os.ReadFile("testdata/sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	standard, err := schema.Compile(json.RawMessage(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/err/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := spec.Load(filesOf(archive.Files))
		problems = Check(p, problems)
		var out bytes.Buffer
		if err := SARIF(&out, problems, SourcesOf(p)); err != nil {
			t.Fatal(err)
		}
		for _, v := range standard.ValidateJSON(out.Bytes()) {
			t.Errorf("%s: %v", file, v)
		}
		var log sarifLog
		if err := json.Unmarshal(out.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if len(run.Results) != len(problems) {
			t.Errorf("%s: %d results of %d problems", file, len(run.Results), len(problems))
		}
		for _, result := range run.Results {
			if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
				t.Errorf("%s: the rule of index %d is not %s", file, result.RuleIndex, result.RuleID)
			}
			if r := result.Locations[0].PhysicalLocation.Region; r.EndLine < r.StartLine || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
				t.Errorf("%s: %s ends before it begins: %+v", file, result.RuleID, r)
			}
		}
	}
}

func TestColumnsAreCharacters(t *testing.T) {
	source := func(string) []byte { return []byte("\ufeff日本: x\nä: y\n") }
	for _, c := range []struct{ line, col, want int }{{1, 1, 1}, {1, 9, 5}, {2, 5, 4}, {2, 99, 6}, {9, 9, 1}} {
		if got := characters(source, spec.Pos{Line: c.line, Col: c.col}); got != c.want {
			t.Errorf("%d:%d is character %d, want %d", c.line, c.col, got, c.want)
		}
	}
}

func TestFileURI(t *testing.T) {
	for file, want := range map[string]string{".flue/agents/a b.yaml": ".flue/agents/a%20b.yaml", "../x#y.md": "../x%23y.md", "/p/x.md": "file:///p/x.md", "a:b": "./a:b"} {
		if got := fileURI(file); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

func TestGitHub(t *testing.T) {
	var problems []spec.Problem
	for i := range 12 {
		at := spec.Pos{File: "a,b:c.yaml", Line: i + 1, Col: 1}
		problems = append(problems, spec.Problem{Pos: at, End: at, Rule: "unused", Severity: spec.Warning, Text: "a warning"})
	}
	at, end := spec.Pos{File: "x.yaml", Line: 1, Col: 4}, spec.Pos{File: "x.yaml", Line: 1, Col: 6}
	problems = append(problems, spec.Problem{Pos: at, End: end, Rule: "unknown-key", Text: "100%\n::set-output name=x::y", Hint: token})
	var out bytes.Buffer
	if err := GitHub(&out, problems, func(string) []byte { return []byte("ä: b") }); err != nil {
		t.Fatal(err)
	}
	want := "::error file=x.yaml,line=1,col=3,endColumn=4,title=flue lint%3A unknown-key::100%25�::set-output name=x::y; " +
		strings.Repeat("*", len(token)) + "%0A" + reference + "unknown-key\n"
	for i := range 10 {
		want += fmt.Sprintf("::warning file=a%%2Cb%%3Ac.yaml,line=%d,col=1,endColumn=1,title=flue lint%%3A unused::a warning%%0A%sunused\n", i+1, reference)
	}
	want += "::notice title=flue lint::and 2 more, of which GitHub shows no annotation:%0A" +
		"a,b:c.yaml:11:1: warning: a warning [unused]%0Aa,b:c.yaml:12:1: warning: a warning [unused]\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFix: what one file becomes, and the rules that are left in it.
func TestFix(t *testing.T) {
	const agent = ".flue/agents/a.yaml"
	for _, c := range []struct{ name, file, before, after, left string }{
		{"a near key keeps its comment", agent, "promt: Hi. # why\n", "prompt: Hi. # why\n", ""},
		{"quotes of a key are replaced with it", agent, "'promt': Hi.\n", "prompt: Hi.\n", ""},
		{"a word of another format is not renamed", agent, "prompt: Hi.\nmax_turns: 3\n", "", "unknown-key"},
		{"a key that is there already", agent, "prompt: Hi.\nprompts: Ho.\n", "", "unknown-key"},
		{"two that mean the same", agent, "promt: Hi.\npromtp: Ho.\n", "promt: Hi.\nprompt: Ho.\n", "unknown-key"},
		{"a key in a key", agent, "prompt: Hi.\nlimts: {trns: 3}\n", "prompt: Hi.\nlimits: {turns: 3}\n", ""},
		{"traps", agent, "prompt: Hi.\nargs: {a: no, b: 012, c: [yes]}\n", "prompt: Hi.\nargs: {a: \"no\", b: \"012\", c: [\"yes\"]}\n", ""},
		{"one anchor, two places", agent, "prompt: Hi.\nargs: {a: &x [no], b: *x}\n", "prompt: Hi.\nargs: {a: &x [\"no\"], b: *x}\n", ""},
		{"line ends, mark and tab", agent, "\ufeffpromt:\tHi.\r\nargs: {a: b}\r\n", "prompt: Hi.\nargs: {a: b}\n", ""},
		{"an open result", agent, "prompt: Hi.\nresult:\n  type: object\n  properties: # all\n    a: {type: string}\n",
			"prompt: Hi.\nresult:\n  type: object\n  additionalProperties: false\n  properties: # all\n    a: {type: string}\n", ""},
		{"an open result in braces", agent, "prompt: Hi.\nresult: {type: object, properties: {a: {type: string}}}\n",
			"prompt: Hi.\nresult: {type: object, additionalProperties: false, properties: {a: {type: string}}}\n", ""},
		{"an open result in frontmatter", ".flue/agents/a.md", "---\nresult:\n    properties: {a: {type: string}}\n---\nHi.\n",
			"---\nresult:\n    additionalProperties: false\n    properties: {a: {type: string}}\n---\nHi.\n", ""},
		{"a skill's name", ".flue/skills/refunds/SKILL.md", "---\nname: refund\ndescription: How.\n---\nX.\n", "---\nname: refunds\ndescription: How.\n---\nX.\n", ""},
		{"a skill's name that YAML takes for a number", ".flue/skills/1/SKILL.md", "---\nname: one\ndescription: How.\n---\nX.\n", "---\nname: \"1\"\ndescription: How.\n---\nX.\n", ""},
		{"what cannot be read", agent, "promt: [\n", "", "yaml-syntax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes, _, left := Fix(fstest.MapFS{c.file: {Data: []byte(c.before)}}, spec.Load, func(string) bool { return true })
			after := ""
			for _, change := range changes {
				after = string(change.After)
				if change.File != c.file || string(change.Before) != c.before {
					t.Errorf("changed %s, which was %q", change.File, change.Before)
				}
			}
			if after != c.after {
				t.Errorf("got %q, want %q", after, c.after)
			}
			rules := map[string]bool{}
			for _, p := range left {
				rules[p.Rule] = true
			}
			if rules[c.left] != (c.left != "") || len(rules) > 1 && c.left == "" {
				t.Errorf("left are %v", left)
			}
		})
	}
}

func TestFixOnlyWhereAsked(t *testing.T) {
	files := fstest.MapFS{".flue/agents/a.yaml": {Data: []byte("promt: Hi.\n")}, ".flue/agents/b.yaml": {Data: []byte("promt: Hi.\n")}}
	changes, _, left := Fix(files, spec.Load, func(file string) bool { return file == ".flue/agents/b.yaml" })
	if len(changes) != 1 || changes[0].File != ".flue/agents/b.yaml" || len(left) == 0 {
		t.Errorf("%v %v", changes, left)
	}
}

// TestSecretsAreNotShown: neither what has the form of a key nor what stands where one belongs, nor in another finding's line.
func TestSecretsAreNotShown(t *testing.T) {
	const password = "correct-horse-battery"
	files := fstest.MapFS{".flue/sandboxes/a.yaml": {Data: []byte("{type: daytona, api_key: " + password + ", imge: x, snapshot: " + token + "}\n")}}
	p, problems := spec.Load(files)
	problems = Check(p, problems)
	if len(problems) != 3 {
		t.Errorf("found %v", problems)
	}
	for name, write := range map[string]func(io.Writer) error{
		"text":   func(w io.Writer) error { return Text(w, problems, SourcesOf(p)) },
		"json":   func(w io.Writer) error { return JSON(w, problems) },
		"sarif":  func(w io.Writer) error { return SARIF(w, problems, SourcesOf(p)) },
		"github": func(w io.Writer) error { return GitHub(w, problems, SourcesOf(p)) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), password) || strings.Contains(out.String(), token) || !strings.Contains(out.String(), "literal-secret") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}
