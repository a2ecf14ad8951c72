package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// trace writes a line of xtrace.
func (s *shell) trace(text string) {
	opts, status := s.opts, s.status
	s.opts &^= optXtrace
	prefix := s.get("PS4")
	if strings.ContainsAny(prefix, "$`\\") {
		prefix = s.tracePrefix(prefix)
	}
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

// tracePrefix expands PS4; one that cannot be expanded stays as it is.
func (s *shell) tracePrefix(ps4 string) (prefix string) {
	defer func() {
		if u, isUnwind := recover().(unwind); isUnwind {
			if u.kind == unwindDead {
				panic(u)
			}
			prefix = ps4
		}
	}()
	return s.prompt(ps4)
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

// quoteAssigned is how xtrace shows the value of an assignment.
func quoteAssigned(v string) string {
	if v == "" {
		return ""
	}
	return quoteXtrace(v)
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
