package shell

import (
	"strings"
	"unicode/utf8"
)

func (s *shell) trimPrefix(v, pattern string, longest bool) string {
	if !hasMeta(pattern) {
		return strings.TrimPrefix(v, literalPattern(pattern))
	}
	if i, ok := s.oneStar(v, pattern, longest, true); ok {
		return v[i:]
	}
	if longest {
		for i := len(v); i >= 0; i-- {
			if (i == len(v) || utf8.RuneStart(v[i])) && s.match(pattern, v[:i]) {
				return v[i:]
			}
		}
		return v
	}
	for i := 0; i <= len(v); i++ {
		if (i == len(v) || utf8.RuneStart(v[i])) && s.match(pattern, v[:i]) {
			return v[i:]
		}
	}
	return v
}

func (s *shell) trimSuffix(v, pattern string, longest bool) string {
	if !hasMeta(pattern) {
		return strings.TrimSuffix(v, literalPattern(pattern))
	}
	if i, ok := s.oneStar(v, pattern, longest, false); ok {
		return v[:i]
	}
	if longest {
		for i := 0; i <= len(v); i++ {
			if (i == len(v) || utf8.RuneStart(v[i])) && s.match(pattern, v[i:]) {
				return v[:i]
			}
		}
		return v
	}
	for i := len(v); i >= 0; i-- {
		if (i == len(v) || utf8.RuneStart(v[i])) && s.match(pattern, v[i:]) {
			return v[:i]
		}
	}
	return v
}

// oneStar finds where a prefix or a suffix that matches a pattern is cut off. ok says that the pattern is text with one
// star before or behind it, as most are, and that this tells.
func (s *shell) oneStar(v, pattern string, longest, prefix bool) (at int, ok bool) {
	star := strings.IndexByte(pattern, '*')
	text, first := pattern[star+1:], star == 0
	if !first {
		text = pattern[:len(pattern)-1]
	}
	if star < 0 || !first && star != len(text) || text == "" || hasMeta(text) || strings.ContainsAny(text, "\\(") {
		return 0, false
	}
	s.work(len(v))
	uncut := len(v)
	if prefix {
		uncut = 0
	}
	switch {
	case first == prefix && longest == prefix: // the last place of the text
		at = strings.LastIndex(v, text)
	case first == prefix:
		at = strings.Index(v, text)
	case prefix && strings.HasPrefix(v, text), !prefix && strings.HasSuffix(v, text): // at the end that is cut off
		at = uncut
		if longest {
			return len(v) - uncut, true
		}
		if !prefix {
			at = len(v) - len(text)
		}
	default:
		at = -1
	}
	if at < 0 {
		return uncut, true
	}
	if prefix {
		at += len(text)
	}
	return at, at == len(v) || utf8.RuneStart(v[at]) // else it is within a character
}
