package shell

import (
	"strings"
	"unicode/utf8"
)

// hasMeta says that a pattern has an unescaped pattern character.
func hasMeta(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return true
		case '@', '+', '!':
			if i+1 < len(p) && p[i+1] == '(' {
				return true
			}
		}
	}
	return false
}

// literalPattern is the text that a pattern without pattern characters matches.
func literalPattern(p string) string {
	if strings.IndexByte(p, '\\') < 0 {
		return p
	}
	out := make([]byte, 0, len(p))
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) {
			i++
		}
		out = append(out, p[i])
	}
	return string(out)
}

// matchCase matches as case and [[ == ]] do, where nocasematch counts.
func (s *shell) matchCase(pattern, text string) bool {
	if s.opts&optNocasematch != 0 {
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	}
	return s.match(pattern, text)
}

// match says whether a pattern matches all of text.
func (s *shell) match(pattern, text string) bool {
	s.work(len(pattern) + len(text))
	if !hasMeta(pattern) {
		return literalPattern(pattern) == text
	}
	m := matcher{s: s}
	return m.match(pattern, text)
}

// matcher matches shell patterns by backtracking; its steps are spent as work.
type matcher struct {
	s     *shell
	depth int
	steps int
}

func (m *matcher) step() {
	if m.steps++; m.steps&0xfff == 0 {
		m.s.work(0x1000)
	}
}

// match handles *, ?, [] and literals in a loop that remembers the last *; pattern lists recurse.
func (m *matcher) match(p, t string) bool {
	var starP, starT string
	star := false
	for {
		m.step()
		if len(p) > 1 && p[1] == '(' && strings.IndexByte("?*+@!", p[0]) >= 0 {
			if end := closeParen(p, 1); end > 0 {
				if m.list(p[0], alternatives(p[2:end]), p[end+1:], p[:end+1], t) {
					return true
				}
				if !star || starT == "" {
					return false
				}
				starT = starT[runeSize(starT):]
				p, t = starP, starT
				continue
			}
		}
		if p != "" && p[0] == '*' {
			// Here it begins no list: a parenthesis behind it is not closed.
			for p = p[1:]; p != "" && p[0] == '*' && !(len(p) > 1 && p[1] == '('); {
				p = p[1:]
			}
			if p == "" {
				return true
			}
			star, starP, starT = true, p, t
			continue
		}
		if p == "" && t == "" {
			return true
		}
		if p != "" && t != "" {
			if n, rest, ok := m.one(p, t); ok {
				p, t = rest, t[n:]
				continue
			}
		}
		if !star || starT == "" {
			return false
		}
		starT = starT[runeSize(starT):]
		p, t = starP, starT
	}
}

func runeSize(t string) int {
	if t[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(t)
	return n
}

// one matches a single character and returns its size and the rest of the pattern.
func (m *matcher) one(p, t string) (size int, rest string, ok bool) {
	switch p[0] {
	case '?':
		return runeSize(t), p[1:], true
	case '[':
		r, n := utf8.DecodeRuneInString(t)
		if r == utf8.RuneError && n == 1 {
			r = rune(t[0])
		}
		if matched, rest, valid := bracket(p, r); valid {
			return n, rest, matched
		}
	case '\\':
		if len(p) > 1 {
			return 1, p[2:], p[1] == t[0]
		}
	}
	return 1, p[1:], p[0] == t[0]
}

// closeParen finds the ) of the ( at open, brackets and escapes considered; -1 without one.
func closeParen(p string, open int) int {
	depth := 0
	for i := open; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '[':
			if _, rest, ok := bracket(p[i:], 0); ok {
				i = len(p) - len(rest) - 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// alternatives splits a pattern list at its own |.
func alternatives(list string) []string {
	var out []string
	depth, from := 0, 0
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '\\':
			i++
		case '[':
			if _, rest, ok := bracket(list[i:], 0); ok {
				i = len(list) - len(rest) - 1
			}
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				out = append(out, list[from:i])
				from = i + 1
			}
		}
	}
	return append(out, list[from:])
}

// list matches op(alts)rest against t; whole is op(alts) itself.
func (m *matcher) list(op byte, alts []string, rest, whole, t string) bool {
	if m.depth++; m.depth > 5000 {
		return false
	}
	defer func() { m.depth-- }()
	switch op {
	case '?', '*':
		if m.match(rest, t) {
			return true
		}
	case '!':
		for i := 0; i <= len(t); i++ {
			if i < len(t) && !utf8.RuneStart(t[i]) {
				continue
			}
			if !m.any(alts, t[:i]) && m.match(rest, t[i:]) {
				return true
			}
		}
		return false
	}
	if op == '@' || op == '?' {
		for _, alt := range alts {
			if m.match(alt+rest, t) {
				return true
			}
		}
		return false
	}
	for i := 0; i <= len(t); i++ {
		m.step()
		if !m.any(alts, t[:i]) {
			continue
		}
		if i == 0 {
			if m.match(rest, t) {
				return true
			}
			continue
		}
		if m.match("*"+whole[1:]+rest, t[i:]) {
			return true
		}
	}
	return false
}

func (m *matcher) any(alts []string, t string) bool {
	for _, alt := range alts {
		if m.match(alt, t) {
			return true
		}
	}
	return false
}
