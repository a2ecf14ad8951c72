package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// trace writes a line of xtrace.
func (s *shell) trace(text string) {
	opts, status := s.opts, s.status
	s.opts &^= optXtrace
	prefix := s.prompt(s.get("PS4"))
	s.opts, s.status = opts, status
	if prefix != "" { // a level for each substitution, eval and source
		prefix = strings.Repeat(prefix[:1], s.nestedTrace) + prefix
	}
	out := 2
	if fd := s.get("BASH_XTRACEFD"); fd != "" {
		if n, ok := plainInt(fd); ok {
			out = int(n)
		}
	}
	_, _ = s.handle(out).Write([]byte(prefix + text + "\n"))
}

// quoteXtrace is how xtrace shows a word: as quoteTrace, but newlines and tabs as they are.
func quoteXtrace(v string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, v)
	if len(plain) < len(v) && !needsANSI(plain) || v == "]" {
		return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
	}
	if v == "," {
		return v
	}
	return quoteTrace(v)
}

// printList shows the values of an array as they are written.
func printList(a *syntax.ArrayExpr) string {
	var words []string
	for _, e := range a.Elems {
		word := ""
		if e.Index != nil {
			word = "[" + printArith(e.Index) + "]="
		}
		if e.Value != nil {
			word += printWord(e.Value)
		}
		words = append(words, word)
	}
	return "(" + strings.Join(words, " ") + ")"
}
