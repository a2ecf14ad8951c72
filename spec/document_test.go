package spec

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// TestIn looks for the word needle in a value, and expects its place in the file where the word is written.
func TestIn(t *testing.T) {
	tests := map[string]string{
		"plain":                  "prompt: say the needle\n",
		"plain in two lines":     "prompt: say\n  the needle\n",
		"plain with a gap":       "prompt: say\n\n\n  the\n  needle\n",
		"single quotes":          "prompt: 'it''s the needle'\n",
		"single in lines":        "prompt: 'it''s\n\n   the  \n needle'\n",
		"double quotes":          "prompt: \"a\\tb\\x41\\u00e4 \\\"needle\\\"\"\n",
		"double in lines":        "prompt: \"say \\\n   the\n\n  needle\"\n",
		"literal":                "prompt: |\n  say\n    the\n\n  needle\n",
		"literal with indent":    "prompt: |2\n    say\n  needle\n",
		"literal after blank":    "prompt: |-\n\n \n  needle\n",
		"literal, CRLF":          "prompt: |\r\n  say\r\n  the needle\r\n",
		"folded":                 "prompt: >\n  say\n  the\n\n  big needle\n",
		"folded, more indented":  "prompt: >-\n  say\n    * a\n    * b\n\n\n  the needle\n",
		"after wide characters":  "prompt: \"äöü 日本 needle\"\n",
		"after an anchor":        "prompt: &a  needle\n",
		"after a tag":            "prompt: !!str needle\n",
		"byte order mark":        "\ufeffprompt: needle\n",
		"in a list in a mapping": "args: {prompt: [a, 'b', needle]}\n",
		"through an alias":       "args: {prompt: &x needle}\ninstructions: *x\n",
		"a key with a slash":     "args:\n  a/b~c: needle\n",
		"line separator":         "# a\u2028# b\nprompt: needle\n",
	}
	pointers := map[string]string{
		"in a list in a mapping": "/args/prompt/2", "through an alias": "/instructions", "a key with a slash": "/args/a~1b~0c",
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			d, problems := ParseDocument("a.yaml", "agent", []byte(source))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			pointer := pointers[name]
			if pointer == "" {
				pointer = "/prompt"
			}
			offset := strings.Index(d.Node(pointer).Value, "needle")
			if got, want := d.In(pointer, offset), d.Pos(strings.Index(source, "needle")); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	tests := []struct {
		name, source, pointer, body string
		offset                      int
		want                        Pos
	}{
		{"body is the prompt", "---\nmodel: a/b\n---\n\nSay hello\nto me.\n", "/prompt", "Say hello\nto me.", 10, Pos{"a.md", 6, 1}},
		{"body is the instructions", "---\nprompt: x\n---\nBe kind.\n", "/instructions", "Be kind.", 3, Pos{"a.md", 4, 4}},
		{"prompt stays a key", "---\nprompt: x\n---\nBe kind.\n", "/prompt", "Be kind.", 0, Pos{"a.md", 2, 9}},
		{"CRLF", "---\r\nmodel: a/b\r\n---\r\nSay\r\nhello.\r\n", "/prompt", "Say\nhello.", 4, Pos{"a.md", 5, 1}},
		{"no frontmatter", "\n  Say hello.\n", "/prompt", "  Say hello.", 2, Pos{"a.md", 2, 3}},
		{"key below the mark", "\ufeff---\nmodel: a/b\n---\nx", "/model", "x", 2, Pos{"a.md", 2, 10}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, problems := ParseDocument("a.md", "agent", []byte(test.source))
			if len(problems) > 0 || d.Body != test.body {
				t.Fatalf("%v %q", problems, d.Body)
			}
			if got := d.In(test.pointer, test.offset); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	const source = "model: a/b # c\nlimits: {turns: 3}\nsteps:\n  - prompt: 'it''s'\n  - shell: |\n      ls\n"
	tests := []struct {
		pointer              string
		key, keyEnd, at, end string // line:column
	}{
		{"", "1:1", "1:6", "1:1", "1:6"},
		{"/model", "1:1", "1:6", "1:8", "1:11"},
		{"/limits", "2:1", "2:7", "2:9", "2:10"},
		{"/limits/turns", "2:10", "2:15", "2:17", "2:18"},
		{"/limits/missing", "2:1", "2:7", "2:9", "2:10"},
		{"/steps/0", "4:5", "4:11", "4:5", "4:11"},
		{"/steps/0/prompt", "4:5", "4:11", "4:13", "4:20"},
		{"/steps/1/shell", "5:5", "5:10", "5:12", "5:13"},
	}
	d, _ := ParseDocument("a.yaml", "agent", []byte(source))
	for _, test := range tests {
		key, keyEnd := d.KeySpan(test.pointer)
		at, end := d.Span(test.pointer)
		for i, pair := range [][2]string{{key.String(), test.key}, {keyEnd.String(), test.keyEnd}, {at.String(), test.at}, {end.String(), test.end}} {
			if pair[0] != "a.yaml:"+pair[1] {
				t.Errorf("%q: %d: got %s, want %s", test.pointer, i, pair[0], pair[1])
			}
		}
	}
}

// FuzzIn checks that every letter of a value that stands in the file as it is, is found there.
func FuzzIn(f *testing.F) {
	for _, seed := range []string{
		"say\n  the needle", "'it''s\n\n the'", `"a\tb\x41 \` + "\n" + ` x"`, "|\n  a\n    b\n\n  c\n", ">-\n a\n  b\n\n\n c\n d\n",
		"|2\n   a\n", ">\n\n a\n\n  b\n c\n", "\"a\r\n b\"", "&x !!str 'a'", "|+\n a\n\n\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, scalar string) {
		if !utf8.ValidString(scalar) || strings.ContainsAny(scalar, "\u0085\u2028\u2029") {
			t.Skip("other line breaks have no exact place")
		}
		d, problems := ParseDocument("a.yaml", "agent", []byte("a: "+scalar+"\n"))
		n := d.Node("/a")
		if len(problems) > 0 || n == nil || n.Kind != yaml.ScalarNode || bareReturn(d.Source) {
			t.Skip()
		}
		for i := range len(n.Value) {
			at := d.In("/a", i)
			offset := d.lines[at.Line-1] + at.Col - 1
			c := n.Value[i]
			if c <= ' ' || c == '\'' || n.Style&yaml.DoubleQuotedStyle != 0 && d.Source[offset] == '\\' || c >= utf8.RuneSelf {
				continue
			}
			if d.Source[offset] != c {
				t.Fatalf("byte %d of %q is %q, but at %v there is %q", i, n.Value, c, at, d.Source[offset])
			}
		}
	})
}

// bareReturn says whether there is a CR without LF, which YAML takes for the end of a line and nobody else does.
func bareReturn(source []byte) bool {
	return strings.Contains(strings.ReplaceAll(string(source), "\r\n", ""), "\r")
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"prompt: a\n", "prompt: a\npayload: {$ref: \"#/$defs/x\", $defs: {x: {type: string}}}\n", "steps: [{parallel: [null]}, null]\n",
		"triggers: {webhook: true, cron: [{schedule: x}]}\nprompt: x", "model: [a/b]\ntools: null\nsandbox: {type: local}\nprompt: x",
		"accept: [{rule: a, because: b}]\n<<: {prompt: a}\n", "result: schemas/a.json\nprompt: x", "---\nprompt: a\n---\nx", "a: &a {b: *a}",
		"payload: {$ref: \"a%zz\"}\nprompt: x", "payload: {$ref: \"#\"}\nprompt: x", "payload: {pattern: \"(?<x>\"}\nprompt: x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, file := range []string{"a.yaml", "a.md", "SKILL.md"} {
			d, problems := ParseDocument(file, "agent", []byte(source))
			problems = append(problems, d.decode(&Agent{})...)
			for _, p := range problems {
				if p.Pos.Line < 1 || p.Pos.Line > len(d.lines) || p.Pos.Col < 1 || p.Text == "" || p.Rule == "" {
					t.Fatalf("%+v", p)
				}
			}
		}
		loadAgentText(source)
		ParseSkill([]byte(source), "x/SKILL.md")
	})
}
