package grep

import (
	"unicode/utf8"
)

// replaced is a line with its matches replaced.
func (in *input) replaced(line []byte) (out []byte) {
	done := 0
	for at := 0; at <= len(line); {
		m := in.re.Find(line, at)
		if m == nil {
			break
		}
		out = in.expand(append(out, line[done:m[0]]...), line, m)
		done = m[1]
		if at = m[1]; m[0] == m[1] {
			_, size := utf8.DecodeRune(line[at:])
			at += max(size, 1)
		}
	}
	return append(out, line[done:]...)
}

// expand appends the replacement of a match: $0, $1, ${1} are groups, $$ is a dollar.
func (in *input) expand(to, line []byte, m []int) []byte {
	text := *in.replace
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			to = append(to, text[i])
			continue
		}
		rest := text[i+1:]
		braces := rest[0] == '{'
		if braces {
			rest = rest[1:]
		}
		n, digits := 0, 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' && digits < 3 {
			n = n*10 + int(rest[digits]-'0')
			digits++
		}
		switch {
		case text[i+1] == '$':
			to = append(to, '$')
			i++
			continue
		case digits == 0:
			to = append(to, '$')
			continue
		}
		if 2*n+1 < len(m) && m[2*n] >= 0 {
			to = append(to, line[m[2*n]:m[2*n+1]]...)
		}
		if i += digits; braces {
			i += 2
		}
	}
	return to
}
