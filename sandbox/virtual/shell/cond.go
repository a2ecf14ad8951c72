package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// testClause runs [[ … ]].
func (s *shell) testClause(c *syntax.TestClause) int {
	ok := s.testExpr(c.X)
	if s.condError {
		s.condError = false
		return 2
	}
	return boolStatus(ok)
}

func (s *shell) testExpr(x syntax.TestExpr) bool {
	switch x := x.(type) {
	case *syntax.Word:
		v := s.wordString(x)
		s.traceCond("-n", v, "")
		return v != ""
	case *syntax.ParenTest:
		return s.testExpr(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return !s.testExpr(x.X)
		}
		if x.Op == syntax.TsParen {
			return s.testExpr(x.X)
		}
		w, _ := x.X.(*syntax.Word)
		v := s.wordString(w)
		s.traceCond(x.Op.String(), v, "")
		return s.unaryTest(x.Op.String(), v)
	case *syntax.BinaryTest:
		switch x.Op {
		case syntax.AndTest:
			return s.testExpr(x.X) && s.testExpr(x.Y)
		case syntax.OrTest:
			return s.testExpr(x.X) || s.testExpr(x.Y)
		}
		return s.binaryCond(x)
	}
	return false
}

func (s *shell) traceCond(op, x, y string) {
	if s.opts&optXtrace == 0 {
		return
	}
	if y == "" && strings.HasPrefix(op, "-") {
		s.trace("[[ " + op + " " + quoteTrace(x) + " ]]")
		return
	}
	s.trace("[[ " + quoteTrace(x) + " " + op + " " + y + " ]]")
}

func (s *shell) binaryCond(x *syntax.BinaryTest) bool {
	left, _ := x.X.(*syntax.Word)
	right, _ := x.Y.(*syntax.Word)
	a := s.wordString(left)
	op := x.Op.String()
	switch x.Op {
	case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
		pattern := s.wordPattern(right)
		s.traceCond(op, a, pattern)
		return s.matchCase(pattern, a) == (x.Op != syntax.TsNoMatch)
	case syntax.TsReMatch:
		return s.regexMatch(a, s.regexWord(right))
	}
	b := s.wordString(right)
	s.traceCond(op, a, quoteTrace(b))
	switch x.Op {
	case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
		n, err := s.arithTryText(a)
		var m int64
		if err == nil {
			m, err = s.arithTryText(b)
		}
		if err != nil {
			s.warnf("[[: %v", err)
			return false
		}
		return compareInts(op, n, m)
	case syntax.TsBefore:
		return a < b
	case syntax.TsAfter:
		return a > b
	}
	return s.fileCompare(op, a, b)
}

func compareInts(op string, n, m int64) bool {
	switch op {
	case "-eq":
		return n == m
	case "-ne":
		return n != m
	case "-lt":
		return n < m
	case "-le":
		return n <= m
	case "-gt":
		return n > m
	}
	return n >= m
}

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
