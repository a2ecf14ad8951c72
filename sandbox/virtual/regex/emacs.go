package regex

import "strings"

// FromEmacs writes an expression of Emacs' language, which is regcomp's own default, as a basic one: there + and ? are operators without
// a backslash, and there are no intervals.
func FromEmacs(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			if i++; s[i] != '+' && s[i] != '?' && s[i] != '{' && s[i] != '}' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		case c == '[':
			j := i + 1
			if j < len(s) && s[j] == '^' {
				j++
			}
			if j < len(s) && s[j] == ']' {
				j++
			}
			for j < len(s) && s[j] != ']' {
				j++
			}
			j = min(j, len(s)-1)
			b.WriteString(s[i : j+1])
			i = j
		case c == '+' || c == '?':
			b.WriteString(`\` + s[i:i+1])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
