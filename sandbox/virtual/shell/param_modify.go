package shell

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// modify applies # ## % %% ^ ^^ , ,, to each value.
func (s *shell) modify(e *syntax.Expansion, vals []string) []string {
	pattern := s.wordPattern(e.Word)
	out := make([]string, len(vals))
	for i, v := range vals {
		s.work(len(v))
		switch e.Op {
		case syntax.RemSmallPrefix:
			out[i] = s.trimPrefix(v, pattern, false)
		case syntax.RemLargePrefix:
			out[i] = s.trimPrefix(v, pattern, true)
		case syntax.RemSmallSuffix:
			out[i] = s.trimSuffix(v, pattern, false)
		case syntax.RemLargeSuffix:
			out[i] = s.trimSuffix(v, pattern, true)
		case syntax.UpperFirst, syntax.UpperAll:
			out[i] = s.mapCase(v, pattern, unicode.ToUpper, e.Op == syntax.UpperAll)
		case syntax.LowerFirst, syntax.LowerAll:
			out[i] = s.mapCase(v, pattern, unicode.ToLower, e.Op == syntax.LowerAll)
		case toggleFirst, toggleAll:
			out[i] = s.mapCase(v, pattern, toggleCase, e.Op == toggleAll)
		default:
			s.discard("%s: bad substitution", e.Op.String())
		}
	}
	return out
}

func toggleCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

func (s *shell) mapCase(v, pattern string, f func(rune) rune, all bool) string {
	if pattern == "" && all {
		return strings.Map(f, v)
	}
	var b strings.Builder
	for i, r := range v {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(v[i:])
		}
		if (all || i == 0) && (pattern == "" || s.match(pattern, v[i:i+size])) {
			b.WriteRune(f(r))
		} else {
			b.WriteString(v[i : i+size])
		}
	}
	return b.String()
}
