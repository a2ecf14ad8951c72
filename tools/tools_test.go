package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/schema"
)

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// project is what the tools are tried on.
func project() *fakeSandbox {
	return newFake(map[string]string{
		"README.md": "# Hello\n", "articles/refund.md": "Refunds\nwithin 30 days.\n", "articles/old/a.md": "old refund\n",
		"src/main.go": "package main\n", "src/x.ts": "let a\n", "src/.hidden.ts": "let b\n", ".git/config": "refund\n",
		"empty": "", "image.png": "\x89PNG\x00\x01", "long.txt": lines(1, 2500), "crlf.txt": "a\r\nb\r\n", "twice": "x\ny\nx\n",
		"wide.txt": strings.Repeat("w", 60<<10) + "\nshort\n", "ro/f": "a\n", "latin1": "caf\xe9\n", "indent.go": "func f() {\n\treturn\n}\n",
		"/etc/hosts": "localhost\n",
	})
}

func TestFileTools(t *testing.T) {
	for _, c := range []struct {
		tool, args string
		want       string // the text; of long ones the end after …
		isError    bool
	}{
		{"read", `{"path": "README.md"}`, "# Hello\n", false},
		{"read", `{"path": "/etc/hosts"}`, "localhost\n", false},
		{"read", `{"path": "articles/refund.md", "offset": 2}`, "within 30 days.\n", false},
		{"read", `{"path": "long.txt", "offset": 3, "limit": 2}`, "line 3\nline 4\n[lines 5 to 2500 are left out; go on with offset=5]\n", false},
		{"read", `{"path": "long.txt"}`, lines(1, 2000) + "[lines 2001 to 2500 are left out; go on with offset=2001]\n", false},
		{"read", `{"path": "long.txt", "offset": 2499}`, "line 2499\nline 2500\n", false},
		{"read", `{"path": "long.txt", "offset": 2501}`, "the file has 2500 lines; offset=2501 is behind its end", true},
		{"read", `{"path": "wide.txt"}`, "line 1 alone has 60 KiB, more than the 50 KiB that fit; cut it with bash: sed -n 1p FILE | cut -c 1-2000", true},
		{"read", `{"path": "wide.txt", "offset": 2}`, "short\n", false},
		{"read", `{"path": "empty"}`, "(the file is empty)", false},
		{"read", `{"path": "latin1"}`, "caf\uFFFD\n", false},
		{"read", `{"path": "image.png"}`, "image.png is not text (6 bytes); look at it with bash: file, strings, xxd", true},
		{"read", `{"path": "/dev/zero"}`, "/dev/zero is not a file", true},
		{"edit", `{"path": "/dev/zero", "old_text": "x", "new_text": "y"}`, "/dev/zero is not a file", true},
		{"grep", `{"pattern": "x", "path": "/dev"}`, "no match\n", false},
		{"read", `{"path": "articles"}`, "articles is a directory; it holds old/, refund.md", true},
		{"read", `{"path": "articles/refnud.md"}`, "articles/refnud.md does not exist; did you mean articles/refund.md?", true},
		{"read", `{"path": "artcles/refund.md"}`, "artcles/refund.md does not exist; did you mean articles?", true},
		{"read", `{"path": "readme.md"}`, "readme.md does not exist; did you mean README.md?", true},
		{"read", `{"path": "src/zzzzzz"}`, "src/zzzzzz does not exist; src holds .hidden.ts, main.go, x.ts", true},

		{"write", `{"path": "new/file.txt", "content": "a\nb"}`, "made new/file.txt: 2 lines, 3 bytes", false},
		{"write", `{"path": "README.md", "content": ""}`, "replaced README.md: 0 lines, 0 bytes", false},
		{"write", `{"path": "src", "content": ""}`, "src is a directory; name a file in it", true},
		{"write", `{"path": "ro/f", "content": ""}`, "writing ro/f: not allowed: it is read-only or outside the sandbox", true},

		{"edit", `{"path": "README.md", "old_text": "Hello", "new_text": "Bye"}`, "README.md: replaced 1 place, in line 1", false},
		{"edit", `{"path": "crlf.txt", "old_text": "a\nb\n", "new_text": "c\n"}`, "crlf.txt: replaced 1 place, in line 1", false},
		{"edit", `{"path": "twice", "old_text": "x", "new_text": "z"}`, "twice: old_text is there 2 times, in lines 1, 3; add lines around it until it is unique, or set replace_all", true},
		{"edit", `{"path": "twice", "old_text": "x", "new_text": "", "replace_all": true}`, "twice: replaced 2 places, in lines 1, 3", false},
		{"edit", `{"path": "twice", "old_text": "q", "new_text": "z"}`, "twice: old_text is not in the file; read the file and copy the text exactly", true},
		{"edit", `{"path": "indent.go", "old_text": "{\n    return\n}", "new_text": "z"}`, "indent.go: old_text is not in the file; read the file and copy the text exactly", true},
		{"edit", `{"path": "indent.go", "old_text": "    return\n}\n", "new_text": "z"}`, "indent.go: old_text is not in the file; lines 2 to 3 differ from it only in white space: read them and copy them exactly", true},
		{"edit", `{"path": "twice", "old_text": "x", "new_text": "x"}`, "twice: old_text and new_text are the same, so there is nothing to change", true},
		{"edit", `{"path": "nope", "old_text": "x", "new_text": "y"}`, "nope does not exist; /workspace holds", true},

		{"grep", `{"pattern": "refund"}`, "articles/old/a.md:1:old refund\n", false},
		{"grep", `{"pattern": "(?i)refund"}`, "articles/old/a.md:1:old refund\narticles/refund.md:1:Refunds\n", false},
		{"grep", `{"pattern": "days.", "literal": true, "path": "articles"}`, "articles/refund.md:2:within 30 days.\n", false},
		{"grep", `{"pattern": "localhost", "path": "/etc"}`, "/etc/hosts:1:localhost\n", false},
		{"grep", `{"pattern": "let", "include": "*.ts"}`, "src/.hidden.ts:1:let b\nsrc/x.ts:1:let a\n", false},
		{"grep", `{"pattern": ".", "include": "articles/**/*.md", "path": "."}`, "articles/old/a.md:1:old refund\narticles/refund.md:1:Refunds\narticles/refund.md:2:within 30 days.\n", false},
		{"grep", `{"pattern": "a$", "path": "crlf.txt"}`, "crlf.txt:1:a\n", false},
		{"grep", `{"pattern": "nothing-like-it"}`, "no match\n", false},
		{"grep", `{"pattern": "^w"}`, "articles/refund.md:2:within 30 days.\nwide.txt:1:" + strings.Repeat("w", 500) + "… [cut]\n", false},
		{"grep", `{"pattern": "line", "path": "long.txt"}`, "", false}, // below
		{"grep", `{"pattern": "(?=x)"}`, "error parsing regexp: invalid or unsupported Perl syntax: `(?=`; set literal to search for plain text", true},
		{"grep", `{"pattern": "x", "path": "artcles"}`, "artcles does not exist; did you mean articles?", true},
		{"grep", `{"pattern": "x", "include": "{a"}`, `include: "{a": { is not closed`, true},

		{"glob", `{"pattern": "*.md"}`, "README.md\n", false},
		{"glob", `{"pattern": "**/*.md"}`, "README.md\narticles/old/a.md\narticles/refund.md\n", false},
		{"glob", `{"pattern": "src/*.{ts,go}"}`, "src/.hidden.ts\nsrc/main.go\nsrc/x.ts\n", false},
		{"glob", `{"pattern": "[!.]*.ts", "path": "src"}`, "src/x.ts\n", false},
		{"glob", `{"pattern": "/etc/h?sts"}`, "/etc/hosts\n", false},
		{"glob", `{"pattern": "*.rs"}`, "no file matches\n", false},
		{"glob", `{"pattern": "atricles/*"}`, "atricles does not exist; did you mean articles?", true},
		{"glob", `{"pattern": "*", "path": "README.md"}`, "README.md is a file; path must be a directory", true},
	} {
		r := call(t, Env{Sandbox: project()}, c.tool, c.args)
		if c.want == "" {
			continue
		}
		if strings.HasSuffix(c.want, "holds") {
			r.Text = r.Text[:min(len(r.Text), len(c.want))]
		}
		if r.Text != c.want || r.IsError != c.isError {
			t.Errorf("%s %s\n got %q %v\nwant %q %v", c.tool, c.args, r.Text, r.IsError, c.want, c.isError)
		}
	}
}

func TestWritten(t *testing.T) {
	for _, c := range []struct{ tool, args, file, want string }{
		{"write", `{"path": "new/file.txt", "content": "a\nb"}`, "new/file.txt", "a\nb"},
		{"edit", `{"path": "README.md", "old_text": "Hello", "new_text": "$1 \\1"}`, "README.md", "# $1 \\1\n"},
		{"edit", `{"path": "crlf.txt", "old_text": "a\nb\n", "new_text": "c\nd\n"}`, "crlf.txt", "c\r\nd\r\n"},
		{"edit", `{"path": "twice", "old_text": "x", "new_text": "z", "replace_all": true}`, "twice", "z\ny\nz\n"},
		{"edit", `{"path": "twice", "old_text": "x\ny\nx\n", "new_text": ""}`, "twice", ""},
		{"edit", `{"path": "twice", "old_text": "x", "new_text": "z"}`, "twice", "x\ny\nx\n"},
	} {
		s := project()
		call(t, Env{Sandbox: s}, c.tool, c.args)
		if got := string(s.files[s.key(c.file)].Data); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.tool, c.args, got, c.want)
		}
	}
}

func TestListsAreBounded(t *testing.T) {
	s := project()
	if text := call(t, Env{Sandbox: s}, "grep", `{"pattern": "line", "path": "long.txt"}`).Text; strings.Count(text, "\n") != 101 ||
		!strings.HasSuffix(text, "long.txt:100:line 100\n[only the first 100 matches are shown; narrow pattern, path or include]\n") {
		t.Error(text)
	}
	for i := range 1001 {
		s.files[fmt.Sprintf("workspace/many/%04d", i)] = s.files["workspace/empty"]
	}
	if text := call(t, Env{Sandbox: s}, "glob", `{"pattern": "many/*"}`).Text; !strings.HasSuffix(text, "many/0999\n[1000 of 1001 files are shown; narrow pattern or path]\n") {
		t.Error(text[len(text)-200:])
	}
	if text := call(t, Env{Sandbox: s, Limit: 20}, "read", `{"path": "long.txt"}`).Text; text != "line 1\nline 2\n[lines 3 to 2500 are left out; go on with offset=3]\n" {
		t.Error(text)
	}
}

func TestBash(t *testing.T) {
	both := func(e sandbox.Exec) {
		e.Output(sandbox.Stdout, []byte("one\n"))
		e.Output(sandbox.Stderr, []byte("two\n"))
		e.Output(sandbox.Stdout, []byte("three"))
	}
	for _, c := range []struct {
		exec func(e sandbox.Exec) (sandbox.ExecResult, error)
		want string
	}{
		{func(e sandbox.Exec) (sandbox.ExecResult, error) { both(e); return sandbox.ExecResult{}, nil }, "one\ntwo\nthree\n"},
		{func(e sandbox.Exec) (sandbox.ExecResult, error) { both(e); return sandbox.ExecResult{ExitCode: 2}, nil }, "one\ntwo\nthree\nexit status 2\n"},
		{func(e sandbox.Exec) (sandbox.ExecResult, error) { return sandbox.ExecResult{}, nil }, "(no output)\n"},
		{func(e sandbox.Exec) (sandbox.ExecResult, error) { return sandbox.ExecResult{ExitCode: 1}, nil }, "exit status 1\n"},
		{func(e sandbox.Exec) (sandbox.ExecResult, error) {
			return sandbox.ExecResult{ExitCode: 124, Limit: "timeout"}, nil
		}, "stopped after 5s: pass a longer timeout, or do less at once\nexit status 124\n"},
		{func(e sandbox.Exec) (sandbox.ExecResult, error) {
			return sandbox.ExecResult{ExitCode: 137, Limit: "memory"}, nil
		}, "stopped by the limit on memory\nexit status 137\n"},
	} {
		s := project()
		s.exec = c.exec
		if r := call(t, Env{Sandbox: s}, "bash", `{"command": "x", "timeout": 5}`); r.Text != c.want || r.IsError {
			t.Errorf("%q, want %q", r.Text, c.want)
		}
	}
}

func TestBashLongOutput(t *testing.T) {
	s := project()
	s.files["tmp/flue/output-1.txt"] = s.files["workspace/empty"] // of an earlier run
	env := Env{Sandbox: s}
	tools := Builtin(env)
	bash := tools[slices.IndexFunc(tools, func(t Tool) bool { return t.Def.Name == "bash" })]
	for i, c := range []struct{ output, want string }{
		{lines(1, 2500), "[the first 500 lines (4392 bytes) are left out; all of it is in /tmp/flue/output-2.txt]\n" + lines(501, 2500)},
		{"a\n" + strings.Repeat("w", 60<<10), "[the last line alone is too long to show (60 KiB); all of it is in /tmp/flue/output-3.txt: cut it with bash]\n(no output)\n"},
	} {
		s.exec = func(e sandbox.Exec) (sandbox.ExecResult, error) {
			e.Output(sandbox.Stdout, []byte(c.output))
			return sandbox.ExecResult{}, nil
		}
		r, err := bash.Run(t.Context(), json.RawMessage(`{"command": "x"}`))
		if err != nil || r.Text != strings.TrimSuffix(c.want, "(no output)\n") {
			t.Errorf("%.200q, %v; want %.200q", r.Text, err, c.want)
		}
		if got := string(s.files[fmt.Sprintf("tmp/flue/output-%d.txt", i+2)].Data); got != c.output {
			t.Errorf("kept %.100q", got)
		}
	}
	if s.last.Timeout != bashTimeout {
		t.Errorf("timeout %s", s.last.Timeout)
	}
}

func TestBashPassesOn(t *testing.T) {
	s := project()
	s.exec = func(e sandbox.Exec) (sandbox.ExecResult, error) {
		e.Output(sandbox.Stderr, []byte("live"))
		return sandbox.ExecResult{}, nil
	}
	var heard string
	env := Env{
		Sandbox:  s,
		Grants:   func() sandbox.Grants { return sandbox.Grants{"gh": nil} },
		OnOutput: func(_ context.Context, stream sandbox.Stream, data []byte) { heard += fmt.Sprint(stream, string(data)) },
	}
	call(t, env, "bash", `{"command": "gh x"}`)
	if _, granted := s.last.Grants["gh"]; !granted || heard != "2live" || s.last.Script != "gh x" {
		t.Errorf("%+v, heard %q", s.last, heard)
	}
	s.exec = func(sandbox.Exec) (sandbox.ExecResult, error) { return sandbox.ExecResult{}, errors.New("gone") }
	if _, err := Bash(env).Run(t.Context(), json.RawMessage(`{"command": "x"}`)); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a broken sandbox gives %v", err)
	}
}

type fakeSkills map[string]string

func (s fakeSkills) Names() []string { return sortedNames(s) }

func (s fakeSkills) Skill(_ context.Context, name string) (string, error) {
	if s[name] == "" {
		return "", errors.New("broken")
	}
	return s[name], nil
}

func sortedNames(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

func TestSkill(t *testing.T) {
	env := Env{Sandbox: project(), Skills: fakeSkills{"triage": "Do it.", "review": ""}}
	for args, want := range map[string]string{
		`{"name": "triage"}`:  "Do it.",
		`{"name": "traige"}`:  `there is no skill "traige"; did you mean "triage"?`,
		`{"name": "zzzzzzz"}`: `there is no skill "zzzzzzz"; there are: review, triage`,
		`{"name": "review"}`:  `the skill review cannot be read: broken`,
	} {
		if r := call(t, env, "skill", args); r.Text != want || r.IsError != (want != "Do it.") {
			t.Errorf("%s: %q", args, r.Text)
		}
	}
}

func TestBuiltin(t *testing.T) {
	var names []string
	for _, tool := range Builtin(Env{Sandbox: project(), Skills: fakeSkills{}}) {
		names = append(names, tool.Def.Name)
		if _, err := schema.Compile(tool.Def.Parameters, nil); err != nil {
			t.Errorf("%s: %v", tool.Def.Name, err)
		}
		if tool.Def.Description == "" || strings.Contains(strings.TrimSpace(tool.Def.Description), "\n") {
			t.Errorf("%s is described as %q", tool.Def.Name, tool.Def.Description)
		}
	}
	if !slices.Equal(names, Names()) {
		t.Errorf("%v, want %v", names, Names())
	}
	for _, def := range []json.RawMessage{GiveUp().Parameters} {
		if _, err := schema.Compile(def, nil); err != nil {
			t.Error(err)
		}
	}
	write := Write(Env{Sandbox: project()})
	for args, want := range map[string]string{`{"path": "a/../b"}`: "/workspace/b", `{"path": "/x"}`: "/x", `{}`: "", `[`: ""} {
		if got := write.Writes(json.RawMessage(args)); got != want {
			t.Errorf("%s writes %q, want %q", args, got, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Grep(Env{Sandbox: project()}).Run(ctx, json.RawMessage(`{"pattern": "x"}`)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzGlob(f *testing.F) {
	for _, p := range []string{"**/*.md", "a{b,c}[!d]?", "[", "{{", `\`, "[a-", "[]]", "**"} {
		f.Add(p, "a/b.md")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if re, err := compileGlob(pattern); err == nil {
			re.MatchString(name)
		}
		if !strings.HasPrefix(pattern, fixedFolder(pattern)) {
			t.Error(pattern)
		}
	})
}
