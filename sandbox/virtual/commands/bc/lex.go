package bc

import (
	"fmt"
	"strings"
)

// token is a word of the language: "number", "name", "string", a keyword or an operator, with its text.
type token struct {
	kind, text string
}

const keywords = " auto break continue define else for halt if length limits print quit read return scale ibase obase last sqrt while "

func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return nil, fmt.Errorf("EOF encountered in a comment.")
			}
			i += end + 4
		case c == '#':
			for i < len(s) && s[i] != '\n' {
				i++
			}
		case c == '\\' && i+1 < len(s) && s[i+1] == '\n':
			i += 2
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '\n' || c == ';':
			tokens = append(tokens, token{string(c), string(c)})
			i++
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c == '.':
			var text strings.Builder
			dots := 0
			for ; i < len(s); i++ {
				if s[i] == '\\' && i+1 < len(s) && s[i+1] == '\n' {
					i++
					continue
				}
				if s[i] == '.' {
					if dots++; dots > 1 {
						break
					}
				} else if !(s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'F') {
					break
				}
				text.WriteByte(s[i])
			}
			if text.String() == "." {
				tokens = append(tokens, token{"last", "last"})
			} else {
				tokens = append(tokens, token{"number", text.String()})
			}
		case c >= 'a' && c <= 'z':
			j := i
			for j < len(s) && (s[j] >= 'a' && s[j] <= 'z' || s[j] >= '0' && s[j] <= '9' || s[j] == '_') {
				j++
			}
			word := s[i:j]
			kind := "name"
			if strings.Contains(keywords, " "+word+" ") {
				kind = word
			}
			tokens = append(tokens, token{kind, word})
			i = j
		case c == '"':
			end := strings.IndexByte(s[i+1:], '"')
			if end < 0 {
				return nil, fmt.Errorf("syntax error")
			}
			tokens = append(tokens, token{"string", s[i+1 : i+1+end]})
			i += end + 2
		default:
			n := 1
			for _, op := range []string{"++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "!=", "<=", ">=", "&&", "||"} {
				if strings.HasPrefix(s[i:], op) {
					n = 2
				}
			}
			if n == 1 && strings.IndexByte("+-*/%^=<>!(){}[],", c) < 0 {
				return nil, fmt.Errorf("illegal character: %c", c)
			}
			tokens = append(tokens, token{s[i : i+n], s[i : i+n]})
			i += n
		}
	}
	return append(tokens, token{"\n", "\n"}, token{"end", ""}), nil
}
