package grammar

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var github = Source{
	Lines: []string{
		"issue view {number} [--json {fields}]",
		"issue comment {number} --body {text}",
		"issue edit {number} --add-label {label}",
		"label add {label}… [--force [--quiet]]",
		"api --method=GET repos/{repo}/issues",
		"top {count}",
	},
	Match: map[string]string{"number": "^[0-9]{1,9}$", "label": "^[a-z-]+$", "count": "^-?[0-9]$", "repo": "[a-z]+|[a-z]+/[a-z]+"},
	Deny:  []string{"--hostname", "--repo", "-R", "-chdir", "delete"},
}

// words splits at |, so that an argument may hold spaces.
func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func TestCheck(t *testing.T) {
	rules, err := Parse(github)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, refused string }{
		{"issue|view|12", ""},
		{"issue|view|12|--json|title,body", ""},
		{"issue|comment|12|--body|a text; with $(things) and\nlines", ""},
		{"issue|edit|12|--add-label|a-b", ""},
		{"top|-5", ""},
		{"label|add|a", ""},
		{"label|add|a|b|c|--force", ""},
		{"label|add|a|--force|--quiet", ""},
		{"api|--method=GET|repos/ab/cd/issues", ""},

		{"", "fit no line of args; allowed are:\n  issue view {number}"},
		{"pr|list", "fit no line of args"},
		{"issue", `ends too early: expected view (args: issue view`},
		{"issue|view", `expected {number} to match ^[0-9]{1,9}$`},
		{"issue|view|x", `argument 3, "x": expected {number} to match ^[0-9]{1,9}$ (args: issue view {number} [--json {fields}])`},
		{"issue|view|12\n", "to match"},
		{"issue|view|12\nx", "to match"},
		{"issue|view|1234567890", "to match"},
		{"issue|view|12|--json", "expected {fields}"},
		{"issue|view|12|--web", "expected --json or nothing more"},
		{"issue|view|12|--json|--web", "{fields}, which must not begin with -"},
		{"issue|view|--json|a|12", `argument 3, "--json"`}, // in this order
		{"issue|view|12|13", "nothing more"},
		{"issue|comment|12|--body|-", "must not begin with -"},
		{"issue|edit|12|--add-label|--body", "to match ^[a-z-]+$, which must not begin with -"},
		{"issue|comment|12|--body=x", "expected --body"},
		{"label|add|--force", "expected {label}"},
		{"label|add|a|--quiet", "expected"},
		{"api|--method=GET|repos/AB/issues", "to match"},
		{"api|--method=GET|repos/ab/cd/x/issues", "to match"}, // the whole text, not one branch of the pattern

		{"issue|comment|12|--body|--repo", "is denied (deny: --repo)"},
		{"issue|view|12|--repo=a/b", "is denied (deny: --repo)"},
		{"issue|view|12|--repository", "expected"},
		{"-R|a/b|issue|view|12", "(deny: -R)"},
		{"-Ra/b|issue|view|12", "(deny: -R)"},
		{"-R=a/b", "(deny: -R)"},
		{"-vR|a/b", "(deny: -R)"},
		{"--Rust", "fit no line"},
		{"-chdir=x", "(deny: -chdir)"},
		{"-c", "fit no line"},
		{"label|delete", "(deny: delete)"},
		{"issue|view|1\x00", "NUL"},
		{"issue|comment|1|--body|" + strings.Repeat("x", MaxArg), ""},
		{"issue|comment|1|--body|" + strings.Repeat("x", MaxArg+1), "has 65537 bytes"},
		{"label|add" + strings.Repeat("|"+strings.Repeat("x", 60000), 18), "more than 1048576 bytes"},
	} {
		err := rules.Check(words(tt.args))
		if tt.refused == "" && err != nil || tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused)) {
			t.Errorf("%.80q: %v, want %q", tt.args, err, tt.refused)
		}
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("%.80q: %T", tt.args, err)
		}
	}
}

func TestAny(t *testing.T) {
	rules, err := Parse(Source{Any: true, Deny: []string{"--exec"}})
	if err != nil {
		t.Fatal(err)
	}
	for args, ok := range map[string]bool{"": true, "a|-b|--c": true, "a|--exec=x": false, "\x00": false} {
		if err := rules.Check(words(args)); (err == nil) != ok {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ line, wrong string }{
		{"", ""},
		{"a [b [c]] {d} {e}… x={f}", ""},
		{"[a] [{b}…]", ""},
		{"a ]", "no [ before it"},
		{"a [b", "not closed"},
		{"a []", "[] is empty"},
		{"a x[0]y", "begins a word"},
		{"a…", "repeats a placeholder, not a word"},
		{"{a}…b", "stands behind a placeholder"},
		{"x{a}y…", "stands behind a placeholder"},
		{"{a b}", "write a placeholder"},
		{"{}", "name is letters"},
		{"{a}{b}", "at most one in a word"},
		{"}a{", "write a placeholder"},
		{"{{a}}", "write a placeholder"},
		{"a\u202eb", "cannot be seen"},
		{strings.Repeat("[", 17) + "a" + strings.Repeat("]", 17), "groups within groups"},
		{strings.Repeat("a", 9000), "longer"},
	} {
		_, err := Parse(Source{Lines: []string{tt.line}})
		if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%q: %v, want %q", tt.line, err, tt.wrong)
		}
	}
	for _, s := range []Source{
		{Lines: []string{"{a}"}, Match: map[string]string{"a": "("}},
		{Lines: []string{"{a}"}, Match: map[string]string{"a": "x)|(y"}}, // would take the anchors off
		{Lines: []string{"{a}"}, Match: map[string]string{"b": "x"}},
		{Lines: []string{"a"}, Deny: []string{""}},
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

// TestTime: a line that would keep a backtracking matcher busy for ages.
func TestTime(t *testing.T) {
	rules, err := Parse(Source{Lines: []string{strings.Repeat("[{a}…] ", 30) + "end"}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if rules.Check(strings.Split(strings.Repeat("x ", 2000)+"y", " ")) == nil {
		t.Error("is taken")
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("took %s", d)
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range github.Lines {
		f.Add(line, "issue|view|12", "[0-9]+")
	}
	f.Add("[[a] {b}…]", "a", "x)|(y")
	f.Add("{number}", "a", `\Qa`)
	f.Fuzz(func(t *testing.T, line, args, pattern string) {
		rules, err := Parse(Source{Lines: []string{line}, Match: map[string]string{"number": pattern}, Deny: []string{"-R", "--repo"}})
		if err != nil {
			return
		}
		if rules.Check(words(args)) != nil {
			return
		}
		for _, arg := range words(args) {
			if Denies("-R", arg) || Denies("--repo", arg) || strings.Contains(arg, "\x00") {
				t.Fatalf("%q accepts %q", line, args)
			}
			if !strings.Contains(line, "{") && !strings.Contains(line, arg) {
				t.Fatalf("%q has no placeholder and accepts %q", line, args)
			}
		}
	})
}
