package shell

import (
	"strings"
	"unicode"
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
			for p != "" && p[0] == '*' && !(len(p) > 1 && p[1] == '(') {
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

// bracket matches a bracket expression at the beginning of p; ok is false when it is not closed.
func bracket(p string, r rune) (matched bool, rest string, ok bool) {
	i := 1
	negate := false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		negate = true
		i++
	}
	for first := true; ; first = false {
		if i >= len(p) {
			return false, "", false
		}
		if p[i] == ']' && !first {
			return matched != negate, p[i+1:], true
		}
		if p[i] == '[' && i+1 < len(p) && (p[i+1] == ':' || p[i+1] == '=' || p[i+1] == '.') {
			kind := p[i+1]
			if end := strings.Index(p[i+2:], string(kind)+"]"); end >= 0 {
				name := p[i+2 : i+2+end]
				i += end + 4
				if kind == ':' {
					matched = matched || inClass(name, r)
				} else if only, n := utf8.DecodeRuneInString(name); n == len(name) {
					matched = matched || only == r
				}
				continue
			}
		}
		lo, n := patternRune(p[i:])
		i += n
		hi := lo
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			hi, n = patternRune(p[i+1:])
			i += 1 + n
		}
		matched = matched || lo <= r && r <= hi
	}
}

// patternRune decodes a character of a bracket expression, escaped or not.
func patternRune(p string) (rune, int) {
	skip := 0
	if p[0] == '\\' && len(p) > 1 {
		skip = 1
	}
	r, n := utf8.DecodeRuneInString(p[skip:])
	if r == utf8.RuneError && n == 1 {
		r = rune(p[skip])
	}
	return r, skip + n
}

func inClass(name string, r rune) bool {
	switch name {
	case "alpha":
		return unicode.IsLetter(r)
	case "digit":
		return r >= '0' && r <= '9'
	case "alnum":
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	case "upper":
		return unicode.IsUpper(r)
	case "lower":
		return unicode.IsLower(r)
	case "space":
		return unicode.IsSpace(r)
	case "blank":
		return r == ' ' || r == '\t'
	case "punct":
		return r < 128 && r > 32 && r != 127 && !isNameByte(byte(r)) || r == '_' || r >= 128 && unicode.IsPunct(r)
	case "print":
		return unicode.IsPrint(r)
	case "graph":
		return unicode.IsGraphic(r) && !unicode.IsSpace(r)
	case "cntrl":
		return unicode.IsControl(r)
	case "xdigit":
		return r < 128 && strings.IndexByte("0123456789abcdefABCDEF", byte(r)) >= 0
	case "word":
		return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
	case "ascii":
		return r < 128
	}
	return false
}

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
