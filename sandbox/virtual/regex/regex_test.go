package regex

import (
	"fmt"
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		syntax        Syntax
		flags         Flags
		pattern, text string
		want          string // the offsets, or the error
	}{
		{BRE, 0, "abc", "xabc", "[1 4]"},
		{BRE, 0, "a*b", "xaab", "[1 4]"},
		{BRE, 0, "*a", "x*a", "[1 3]"},
		{BRE, 0, "^*a", "*a", "[0 2]"},
		{BRE, 0, `\(*a\)`, "*a", "[0 2 0 2]"},
		{BRE, 0, `a\|b`, "b", "[0 1]"},
		{BRE, 0, `a\{2\}`, "aaa", "[0 2]"},
		{BRE, 0, `a\{1`, "", `Unmatched \{`},
		{BRE, 0, `a\{2,1\}`, "", `Invalid content of \{\}`},
		{BRE, 0, `\(a`, "", `Unmatched ( or \(`},
		{BRE, 0, `a\)`, "", `Unmatched ) or \)`},
		{BRE, 0, `a+?`, "a+?", "[0 3]"},
		{BRE, 0, `a^b$c`, "a^b$c", "[0 5]"},
		{BRE, 0, `\(.\)\1`, "abb", "[1 3 1 2]"},
		{BRE, 0, `\(a\)\2`, "", "Invalid back reference"},
		{BRE, 0, `[]a]*`, "]a", "[0 2]"},
		{BRE, 0, `[a\]b`, `\b`, "[0 2]"},
		{BRE, 0, `[[:digit:]]\+`, "ab12", "[2 4]"},
		{BRE, 0, `[[:foo:]]`, "", "Invalid character class name"},
		{BRE, 0, `[a`, "", "Unmatched [, [^, [:, [., or [="},
		{BRE, 0, `[b-a]`, "", "Invalid range end"},
		{BRE, 0, `\<foo\>`, "xfoo foo", "[5 8]"},
		{BRE, 0, `\<.`, " ab", "[1 2]"},
		{BRE, Escapes, `a\nb`, "a\nb", "[0 3]"},
		{BRE, Escapes, `[\n]`, "a\n", "[1 2]"},
		{BRE, Escapes, `\x5e`, "a^", "[0 0]"},
		{BRE, IgnoreCase, "ABC", "abc", "[0 3]"},
		{BRE, Multiline, "^b$", "a\nb\nc", "[2 3]"},
		{ERE, 0, "a|ab", "abc", "[0 2]"},
		{ERE, 0, "(a|ab)(c|bcd)", "abcd", "[0 4 0 1 1 4]"},
		{ERE, 0, "a{1", "a{1", "[0 3]"},
		{ERE, Strict, "a{1", "", `Unmatched \{`},
		{ERE, 0, "a)", "a)", "[0 2]"},
		{ERE, Strict, "*a", "", "Invalid preceding regular expression"},
		{ERE, 0, "*a", "*a", "[1 2]"},
		{ERE, 0, "a+?b", "aab", "[0 3]"},
		{ERE, 0, "x{1001}", "", "[]"},
		{ERE, 0, "(a)(b)?", "a", "[0 1 0 1 -1 -1]"},
		{ERE, 0, `a\`, "", "Trailing backslash"},
		{ERE, 0, "é.", "aéx", "[1 4]"},
		{ERE, Bytes, "é.", "aéx", "[1 4]"},
		{ERE, Bytes, "^..$", "é", "[0 2]"},
		{Awk, 0, `[\/\]]+`, "a/]", "[1 3]"},
		{Awk, 0, `\yab\y`, "ab", "[0 2]"},
		{Awk, 0, `a\.b\/`, "a.b/", "[0 4]"},
		{Perl, 0, `foo\Kbar`, "foobar", "[3 6 3 3]"},
		{Perl, 0, `(?<=a)b`, "ab", "[1 2]"},
		{Perl, 0, `(?P<x>a)(?P=x)`, "aa", "[0 2 0 1]"},
		{Perl, 0, `a|ab`, "ab", "[0 1]"},
		{Perl, 0, `a(`, "", "missing closing parenthesis"},
		{BRE, Words, "a*", "xaa aa", "[4 6]"},
		{BRE, Words, `\(a\)\1`, "xaa aa", "[4 6 4 5]"},
		{BRE, Lines, "a|b", "xa|b", "[]"},
		{BRE, Lines, `a\|ab`, "ab", "[0 2]"},
		{Literal, 0, "a.b", "axb a.b", "[4 7]"},
		{Literal, IgnoreCase, "A.b", "axb a.B", "[4 7]"},
	} {
		var got string
		if re, err := Compile(c.pattern, c.syntax, c.flags); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(re.Find([]byte(c.text), 0))
		}
		if got != c.want {
			t.Errorf("%q on %q: %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

func TestFindFrom(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          string
	}{
		{"^a", "aaa", "[0 1]"},
		{`\ba`, "aa a", "[0 1][3 4]"},
		{"a|aa", "aaa", "[0 2][2 3]"},
		{`(a)\1`, "aaaa", "[0 2 0 1][2 4 2 3]"},
		{`\<.`, "ab cd", "[0 1][3 4]"},
		{"é", "éé", "[0 2][2 4]"},
	} {
		re, err := Compile(c.pattern, ERE, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for from := 0; ; {
			m := re.Find([]byte(c.text), from)
			if m == nil {
				break
			}
			got += fmt.Sprint(m)
			from = m[1]
		}
		if got != c.want {
			t.Errorf("%q on %q: %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

func TestWordsFrom(t *testing.T) {
	re, err := CompileAny([]string{"ab", "cd"}, ERE, Words)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("ab cd ab")
	for from, want := range map[int]string{0: "[0 2]", 1: "[3 5]", 2: "[3 5]", 5: "[6 8]"} {
		if got := fmt.Sprint(re.Find(text, from)); got != want {
			t.Errorf("from %d: %s, want %s", from, got, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`\(a*\)\1`, `[[:alpha:]-z]`, `a{2,3}|b+`, `\<x\>`, `(?<n>a)\k<n>`, "[\xff]"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 50 {
			return
		}
		for syntax := BRE; syntax <= Literal; syntax++ {
			for _, flags := range []Flags{0, IgnoreCase | Escapes, Bytes | Strict, Words} {
				re, err := Compile(pattern, syntax, flags)
				if err != nil {
					continue
				}
				m := re.Find([]byte(text), 0)
				if m != nil && (m[0] < 0 || m[0] > m[1] && syntax != Perl || m[1] > len(text)) {
					t.Fatalf("%q on %q: %v", pattern, text, m)
				}
				if m != nil && m[1] > 0 {
					re.Find([]byte(text), m[1])
				}
			}
		}
	})
}
