package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// regexWord expands the right side of =~, in which quoted text matches itself.
func (s *shell) regexWord(w *syntax.Word) string {
	b := builder{s: s, masked: true}
	b.parts(w.Parts, quoteNone)
	out := make([]byte, 0, len(b.text))
	inBracket := false
	for i, c := range b.text {
		if b.mask[i] && c < 0x80 && !isNameByte(c) && c > ' ' {
			if inBracket && c != '\\' && c != ']' && c != '^' && c != '-' {
				out = append(out, c)
				continue
			}
			out = append(out, '\\')
		} else if !b.mask[i] {
			switch c {
			case '[':
				inBracket = true
			case ']':
				inBracket = false
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// regexMatch is =~: leftmost-longest, with the groups in BASH_REMATCH.
func (s *shell) regexMatch(text, expr string) bool {
	s.traceCond("=~", text, expr)
	flags := "(?s)"
	if s.opts&optNocasematch != 0 {
		flags = "(?si)"
	}
	rx, err := s.regexp(flags + extendedRegexp(expr))
	s.work(len(text) + len(expr))
	if err != nil {
		s.condError = true
		return false
	}
	loc := rx.FindStringSubmatchIndex(text)
	groups := make([]string, 0, len(loc)/2)
	for i := 0; i < len(loc); i += 2 {
		if loc[i] < 0 {
			groups = append(groups, "")
		} else {
			groups = append(groups, text[loc[i]:loc[i+1]])
		}
	}
	v := s.writable("BASH_REMATCH")
	s.store(v, func() { v.attr |= indexed; v.list = newArray(groups) })
	return loc != nil
}

// extendedRegexp translates a POSIX extended regular expression to Go's.
func extendedRegexp(e string) string {
	var b strings.Builder
	for i := 0; i < len(e); i++ {
		switch c := e[i]; c {
		case '\\':
			if i+1 == len(e) {
				b.WriteString(`\\`)
				continue
			}
			i++
			switch c := e[i]; {
			case c == '<' || c == '>':
				b.WriteString(`\b`)
			case strings.IndexByte("bBwWsS", c) >= 0:
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < 0x80 && !isNameByte(c):
				b.WriteByte('\\')
				b.WriteByte(c)
			default:
				b.WriteByte(c)
			}
		case '[':
			end := bracketEnd(e, i)
			if end < 0 {
				b.WriteByte('[')
				continue
			}
			b.WriteString(posixBracket(e[i : end+1]))
			i = end
		case '{':
			if !isInterval(e[i:]) {
				b.WriteString(`\{`)
				continue
			}
			if strings.HasPrefix(e[i:], "{,") {
				b.WriteString("{0")
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isInterval(e string) bool {
	end := strings.IndexByte(e, '}')
	return end > 1 && strings.Trim(e[1:end], "0123456789,") == ""
}

// bracketEnd finds the ] of a bracket expression in a regular expression.
func bracketEnd(e string, i int) int {
	j := i + 1
	if j < len(e) && e[j] == '^' {
		j++
	}
	if j < len(e) && e[j] == ']' {
		j++
	}
	for j < len(e) {
		switch {
		case e[j] == '[' && j+1 < len(e) && strings.IndexByte(":.=", e[j+1]) >= 0:
			end := strings.Index(e[j+2:], string(e[j+1])+"]")
			if end < 0 {
				return -1
			}
			j += end + 4
			continue
		case e[j] == ']':
			return j
		}
		j++
	}
	return -1
}

// posixBracket rewrites a bracket expression, in which a backslash is an ordinary character.
func posixBracket(e string) string {
	var b strings.Builder
	b.WriteByte('[')
	i := 1
	if e[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for first := i; i < len(e)-1; i++ {
		switch c := e[i]; {
		case c == '[' && e[i+1] == ':':
			end := strings.Index(e[i:], ":]")
			b.WriteString(e[i : i+end+2])
			i += end + 1
		case c == '[' && (e[i+1] == '.' || e[i+1] == '='):
			end := strings.Index(e[i+2:], string(e[i+1])+"]")
			for _, r := range e[i+2 : i+2+end] {
				if r < 0x80 && !isNameByte(byte(r)) {
					b.WriteByte('\\')
				}
				b.WriteRune(r)
			}
			i += end + 3
		case c == '\\' || c == '[' || c == ']' || c == '^' && i == first || c == '&' || c == '~':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '-' && (i == first || i == len(e)-2):
			b.WriteString(`\-`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(']')
	return b.String()
}
