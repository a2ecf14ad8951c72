package regex

import (
	"regexp"
	"strings"
	"testing"
)

var dfaCases = []struct{ pattern, text string }{
	{"a", "bab"}, {"^a$", "a"}, {"^a$", "a\n"}, {"(?m)^a$", "b\na\nc"}, {"^", ""}, {"$", ""}, {"x*", ""}, {"a+b|c", "aaac"},
	{`\bfoo\b`, "a foo, b"}, {`\bfoo\b`, "afoo"}, {`foo\B`, "food"}, {`\B`, ""}, {`é+$`, "caféé"}, {`^.$`, "\xff"}, {`[^a]`, "a"},
	{`(?i)straße`, "STRASSE Straße"}, {`(?i)k`, "\u212a"}, {`a{3,5}b`, "aab aaaab"}, {`\Aab|cd\z`, "xcd"}, {`(?s)a.b`, "a\nb"},
	{`a.b`, "a\nb"}, {`\pL\d`, "ж1"}, {`[\x{10000}-\x{10ffff}]`, "😀"}, {`fo[xo] .*7`, "the fox has 7"}, {`()|x`, "y"}, {`a\b`, "aé"},
	{`(a|b)*abb(a|b){9}`, strings.Repeat("abbab", 40)}, {`[^\s\S]`, "anything"}, {`x{0}y`, "y"},
}

func TestDFA(t *testing.T) {
	for _, c := range dfaCases {
		sameAsRegexp(t, c.pattern, c.text)
	}
}

// TestDFAForgets: an automaton with very many states stays small, and right.
func TestDFAForgets(t *testing.T) {
	re := regexp.MustCompile(`(a|b)*a(a|b){12}c`)
	d := newDFA(re.String())
	text := make([]byte, 200_000)
	for i, x := 0, uint32(1); i < len(text); i++ {
		x = x*1664525 + 1013904223
		text[i] = 'a' + byte(x>>31)
	}
	if matchDFA(d, text) || d.size > maxStates {
		t.Errorf("a match, or %d bytes of states", d.size)
	}
	if text = append(text, "abbbbbbbbbbbbc"...); !matchDFA(d, text) {
		t.Error("no match")
	}
}

func FuzzDFA(f *testing.F) {
	for _, c := range dfaCases {
		f.Add(c.pattern, c.text)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) { sameAsRegexp(t, pattern, text) })
}

func sameAsRegexp(t *testing.T, pattern, text string) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return
	}
	d := newDFA(pattern)
	if d == nil {
		return
	}
	for range 2 { // the second time, the states are there
		if got, want := matchDFA(d, text), re.MatchString(text); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	}
}
