package shell

import (
	"strings"
	"unicode/utf8"
)

// patternRegexp translates a pattern to Go's regular expressions; ok is false for !( ), which they lack.
func patternRegexp(p string) (re string, ok bool) {
	var b strings.Builder
	var closers []string
	for i := 0; i < len(p); i++ {
		c := p[i]
		if i+1 < len(p) && p[i+1] == '(' && strings.IndexByte("?*+@!", c) >= 0 && closeParen(p, i+1) > 0 {
			if c == '!' {
				return "", false
			}
			b.WriteString("(?:")
			closers = append(closers, map[byte]string{'?': ")?", '*': ")*", '+': ")+", '@': ")"}[c])
			i++
			continue
		}
		switch c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteByte('.')
		case '|':
			if len(closers) > 0 {
				b.WriteByte('|')
			} else {
				b.WriteString(`\|`)
			}
		case ')':
			if n := len(closers); n > 0 {
				b.WriteString(closers[n-1])
				closers = closers[:n-1]
			} else {
				b.WriteString(`\)`)
			}
		case '[':
			if _, rest, valid := bracket(p[i:], 0); valid {
				end := len(p) - len(rest)
				b.WriteString(bracketRegexp(p[i:end]))
				i = end - 1
			} else {
				b.WriteString(`\[`)
			}
		case '\\':
			if i+1 < len(p) {
				i++
				c = p[i]
			}
			fallthrough
		default:
			if c < utf8.RuneSelf && !isNameByte(c) {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		}
	}
	return b.String(), len(closers) == 0
}

func bracketRegexp(p string) string {
	var b strings.Builder
	b.WriteByte('[')
	i := 1
	if p[i] == '!' || p[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for ; i < len(p)-1; i++ {
		switch c := p[i]; {
		case c == '[' && p[i+1] == ':':
			if end := strings.Index(p[i:], ":]"); end > 0 {
				b.WriteString(p[i : i+end+2])
				i += end + 1
				continue
			}
			b.WriteString(`\[`)
		case c == '\\' && i+1 < len(p)-1:
			i++
			if p[i] < utf8.RuneSelf && !isNameByte(p[i]) {
				b.WriteByte('\\')
			}
			b.WriteByte(p[i])
		case c == '-' || c >= utf8.RuneSelf || isNameByte(c):
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	b.WriteByte(']')
	return b.String()
}
