package lint

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/spec"
	"github.com/google/go-cmp/cmp"
)

const (
	token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
	bell  = "\x1b]0;owned\u202e"
)

var rendered = fstest.MapFS{
	".flue/agents/a.yaml": {Data: []byte("prompt: Say hello.\nthinking: \"日本\"\nargs: {a: no, key: " + token + ", b:\t012}\ntols: [read] # " + token + "\n")},
	".flue/agents/b.md":   {Data: []byte("---\nmodel: " + strings.Repeat("x", 300) + "\n---\nSay hello.\n")},
	".flue/agents/c.md":   {Data: []byte("---\nthinking: \"a\u202eb\"\n---\nSay hello.\n")},
	".flue/rolls/x.md":    {Data: []byte("x")},
}

func TestText(t *testing.T) {
	p, problems := spec.Load(rendered)
	var out bytes.Buffer
	if err := Text(&out, Check(p, problems), SourcesOf(p)); err != nil {
		t.Fatal(err)
	}
	stars := strings.Repeat("*", len(token))
	want := `.flue/agents/a.yaml:2:11: thinking: expected one of off, minimal, low, medium, high, but got "日本" [bad-value]
    2 | thinking: "日本"
      |           ^~~~~~
.flue/agents/a.yaml:3:11: warning: readers of YAML disagree about what no is; put quotes around it [yaml-trap]
    3 | args: {a: no, key: ` + stars + `, b:	012}
      |           ^~
.flue/agents/a.yaml:3:20: a secret stands here: it begins with ghp_; replace the secret, and write ${{ env.NAME }} in a file that may name one [literal-secret]
    3 | args: {a: no, key: ` + stars + `, b:	012}
      |                    ^` + strings.Repeat("~", len(stars)-1) + `
.flue/agents/a.yaml:3:65: warning: readers of YAML disagree about what 012 is; put quotes around it [yaml-trap]
    3 | args: {a: no, key: ` + stars + `, b:	012}
      | ` + strings.Repeat(" ", 63) + `	^~~
.flue/agents/a.yaml:4:1: unknown key "tols"; did you mean "tools"? [unknown-key]
    4 | tols: [read] # ` + stars + `
      | ^~~~
.flue/agents/a.yaml:4:16: a secret stands here: it begins with ghp_; replace the secret, and write ${{ env.NAME }} in a file that may name one [literal-secret]
    4 | tols: [read] # ` + stars + `
      |                ^` + strings.Repeat("~", len(stars)-1) + `
.flue/agents/b.md:2:8: model: expected provider/model-id, such as anthropic/claude-sonnet-4-6, but got a text of 300 bytes [bad-value]
    2 | model: ` + strings.Repeat("x", 153) + `…
      |        ^` + strings.Repeat("~", 152) + `
.flue/agents/c.md:2:11: thinking: expected one of off, minimal, low, medium, high, but got "a\u202eb" [bad-value]
    2 | thinking: "a�b"
      |           ^~~~~
.flue/agents/c.md:2:13: a character that cannot be seen: U+202E; remove it; where it is wanted in YAML, write it as an escape in double quotes [hidden-text]
    2 | thinking: "a�b"
      |             ^
.flue/rolls:1:1: flue does not read "rolls"; did you mean "roles"? [bad-name]
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	p, problems := spec.Load(fstest.MapFS{".flue/agents/a.yaml": {Data: []byte("prompt: x\ntols: [x]\n")}})
	var out bytes.Buffer
	if err := JSON(&out, Check(p, problems)); err != nil {
		t.Fatal(err)
	}
	const want = `[
  {
    "rule": "unknown-key",
    "severity": "error",
    "message": "unknown key \"tols\"",
    "hint": "did you mean \"tools\"?",
    "file": ".flue/agents/a.yaml",
    "line": 2,
    "column": 1,
    "end_line": 2,
    "end_column": 5,
    "url": "https://github.com/flue-run/flue/blob/main/docs/lint.md#unknown-key",
    "fix": {
      "replacement": "tools"
    }
  }
]
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	out.Reset()
	if err := JSON(&out, nil); err != nil || out.String() != "[]\n" {
		t.Errorf("nothing found: %q %v", out.String(), err)
	}
}

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	at := spec.Pos{File: "a", Line: 1, Col: 1}
	var out bytes.Buffer
	problem := spec.Problem{Pos: at, End: at, Rule: "x", Text: bell}
	if err := Text(&out, []spec.Problem{problem}, func(string) []byte { return []byte(bell) }); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("%q", out.String())
	}
}
