package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// runnerCommands are the workflow commands that GitHub's runner would carry out of a step's output: `::name …::` behind
// white space at the begin of a line, which \r ends, too, and `##[name]` anywhere; none between ::stop-commands::TOKEN
// and ::TOKEN::.
func runnerCommands(text string) (names []string) {
	token := ""
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		command := commandLine.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case token != "":
			if command != nil && command[1] == token {
				token = ""
			}
		case command == nil:
			if old := oldCommand.FindStringSubmatch(line); old != nil {
				names = append(names, old[1])
			}
		case command[1] == "stop-commands":
			token = command[2]
		default:
			names = append(names, command[1])
		}
	}
	return names
}

var (
	commandLine = regexp.MustCompile(`^::([^ :]+)[^:]*(?::[^:]+)*::(.*)$`)
	oldCommand  = regexp.MustCompile(`##\[([a-z-]+)`)
)

// runnerOutputs reads a file of $GITHUB_OUTPUT as the runner does.
func runnerOutputs(text string) (names []string, values map[string]string) {
	values = map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for len(lines) > 0 {
		name, delimiter, heredoc := strings.Cut(lines[0], "<<")
		if end := slices.Index(lines[1:], delimiter); heredoc && end >= 0 {
			values[name] = strings.Join(lines[1:1+end], "\n")
			lines = lines[end+2:]
		} else {
			name, values[name], _ = strings.Cut(lines[0], "=")
			lines = lines[1:]
		}
		names = append(names, name)
	}
	return names, values
}

// commands is the script command `commands stdout|stderr NAME…`: the runner finds exactly these in what was written.
func commands(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: commands stdout|stderr NAME...")
	}
	if got := runnerCommands(ts.ReadFile(args[0])); !slices.Equal(got, args[1:]) {
		ts.Fatalf("the runner finds the commands %q, want %q", got, args[1:])
	}
}

// scriptOutputs is the script command `outputs FILE NAME…`: exactly these are set in a file of $GITHUB_OUTPUT.
func scriptOutputs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: outputs FILE NAME...")
	}
	if got, _ := runnerOutputs(ts.ReadFile(args[0])); !slices.Equal(got, args[1:]) {
		ts.Fatalf("the outputs are %q, want %q", got, args[1:])
	}
}

func TestInert(t *testing.T) {
	for text, want := range map[string]string{
		"plain a::b ::c\n":      "plain a::b ::c\n",
		"::error::x\n":          "\\u003a:error::x\n",
		"a\n \t::error::x":      "a\n \t\\u003a:error::x",
		"a\r::error::x":         "a\r\\u003a:error::x",
		"\u2003\u0085::error::": "\u2003\u0085\\u003a:error::",
		":::error::x":           "\\u003a::error::x",
		"::a::\n::b::":          "\\u003a:a::\n\\u003a:b::",
		"say ##[error]x":        "say #\\u0023[error]x",
		"###[error]":            "##\\u0023[error]",
		`{"a": "##[x]"}`:        `{"a": "#\u0023[x]"}`,
	} {
		var got strings.Builder
		if n, err := (inert{&got}).Write([]byte(text)); err != nil || n != len(text) || got.String() != want {
			t.Errorf("%q becomes %q (%d, %v), want %q", text, got.String(), n, err, want)
		}
		if found := runnerCommands(got.String()); found != nil {
			t.Errorf("%q is still obeyed: %q", got.String(), found)
		}
	}
}

func TestOutput(t *testing.T) {
	for _, value := range []string{"", "a\nb", "x<<y\nz\ny", "flue-\noutcome=completed"} {
		names, values := runnerOutputs(heredoc("result", value) + heredoc("outcome", "failed"))
		if len(names) != 2 || values["result"] != value || values["outcome"] != "failed" {
			t.Errorf("%q is read as %q", value, values)
		}
	}
	if heredoc("result", "x") == heredoc("result", "x") {
		t.Error("the delimiter can be known beforehand")
	}
}

func TestFenced(t *testing.T) {
	for text, want := range map[string]string{
		"a":             "```text\na\n```\n\n",
		"```\n<b>":      "````text\n```\n<b>\n````\n\n",
		"`````` and ``": "```````text\n`````` and ``\n```````\n\n",
	} {
		if got := fenced("text", text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := entities("a|<b>`"); got != "a&#124;&#60;b&#62;&#96;" {
		t.Errorf("got %q", got)
	}
}
