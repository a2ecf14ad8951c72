package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// testClause runs [[ … ]].
func (s *shell) testClause(c *syntax.TestClause) int {
	outer := s.arithBy
	s.arithBy = "[["
	ok := s.testExpr(c.X)
	s.arithBy = outer
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
			s.condNot += "! "
			ok := !s.testExpr(x.X)
			s.condNot = ""
			return ok
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

// traceCond shows a test with its operands, which are not quoted; y is "" for an operator of one.
func (s *shell) traceCond(op, x, y string) {
	if s.opts&optXtrace == 0 {
		return
	}
	not := s.condNot
	s.condNot = ""
	if x == "" {
		x = "''"
	}
	if y == "" && strings.HasPrefix(op, "-") {
		s.trace("[[ " + not + op + " " + x + " ]]")
		return
	}
	s.trace("[[ " + not + x + " " + op + " " + y + " ]]")
}

// tracePattern shows a pattern: where it was quoted, a backslash is before each character.
func (s *shell) tracePattern(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		one := &syntax.Word{Parts: []syntax.WordPart{part}}
		switch part.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			for _, r := range s.wordString(one) {
				b.WriteByte('\\')
				b.WriteRune(r)
			}
		default:
			b.WriteString(s.wordPattern(one))
		}
	}
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

func (s *shell) binaryCond(x *syntax.BinaryTest) bool {
	left, _ := x.X.(*syntax.Word)
	right, _ := x.Y.(*syntax.Word)
	a := s.wordString(left)
	op := x.Op.String()
	switch x.Op {
	case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
		pattern := s.wordPattern(right)
		if s.opts&optXtrace != 0 {
			s.traceCond(op, a, s.tracePattern(right))
		}
		return s.matchCase(pattern, a) == (x.Op != syntax.TsNoMatch)
	case syntax.TsReMatch:
		return s.regexMatch(a, s.regexWord(right))
	}
	b := s.wordString(right)
	if shown := b; s.opts&optXtrace != 0 {
		if shown == "" {
			shown = "''"
		}
		s.traceCond(op, a, shown)
	}
	switch x.Op {
	case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
		n, err := s.arithTryText(a)
		var m int64
		if err == nil {
			m, err = s.arithTryText(b)
		}
		if err != nil {
			s.arithMistake(err)
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
