package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (s *shell) compound(cmd syntax.Command) int {
	switch c := cmd.(type) {
	case *syntax.BinaryCmd:
		return s.binary(c)
	case *syntax.Block:
		return s.stmts(c.Stmts)
	case *syntax.Subshell:
		s.setLine(c.Pos())
		return s.checked(s.subshellRun(func(c2 *shell) int { return c2.stmts(c.Stmts) }))
	case *syntax.IfClause:
		return s.ifClause(c)
	case *syntax.WhileClause:
		return s.whileClause(c)
	case *syntax.ForClause:
		return s.forClause(c)
	case *syntax.CaseClause:
		return s.caseClause(c)
	case *syntax.FuncDecl:
		return s.declareFunc(c)
	case *syntax.ArithmCmd:
		s.setLine(c.Pos())
		return s.checked(s.arithCommand(c))
	case *syntax.TestClause:
		s.setLine(c.Pos())
		return s.checked(s.testClause(c))
	case *syntax.DeclClause:
		s.setLine(c.Pos())
		return s.checked(s.declClause(c))
	case *syntax.LetClause:
		s.setLine(c.Pos())
		if s.opts&optXtrace != 0 {
			words := []string{"let"}
			for _, x := range c.Exprs {
				words = append(words, quoteXtrace(strings.ReplaceAll(s.arithText(x), "'", "")))
			}
			s.trace(strings.Join(words, " "))
		}
		var exprs []string
		for _, x := range c.Exprs {
			exprs = append(exprs, strings.ReplaceAll(s.arithText(x), "'", ""))
		}
		return s.checked(s.let(exprs))
	case *syntax.TimeClause:
		return s.timeClause(c)
	case *syntax.CoprocClause:
		return s.coproc(c)
	}
	s.fatal(2, "%s: this construct is not supported", constructName(cmd))
	return 2
}

// constructName names a syntax node for a message: "TestDecl".
func constructName(n syntax.Node) string {
	if n == nil {
		return "empty command"
	}
	if _, ok := n.(*syntax.TestDecl); ok {
		return "@test"
	}
	return "statement"
}

// condition runs the commands of an if or while, which errexit does not mind.
func (s *shell) condition(list []*syntax.Stmt) bool {
	s.noErrexit++
	status := s.stmts(list)
	s.noErrexit--
	return status == 0
}

func (s *shell) ifClause(c *syntax.IfClause) int {
	for ; c != nil; c = c.Else {
		if len(c.Cond) == 0 { // else
			return s.stmts(c.Then)
		}
		ok := s.condition(c.Cond)
		if s.flow != flowNone {
			return s.status
		}
		if ok {
			return s.stmts(c.Then)
		}
	}
	s.status = 0
	return 0
}

func (s *shell) caseClause(c *syntax.CaseClause) int {
	s.setLine(c.Pos())
	s.debugTrap(c)
	subject := s.wordString(c.Word)
	if s.opts&optXtrace != 0 {
		s.trace("case " + printWord(c.Word) + " in")
	}
	status := 0
	s.status = 0
	matched := false
	for _, item := range c.Items {
		if !matched {
			for _, p := range item.Patterns {
				if s.matchCase(s.wordPattern(p), subject) {
					matched = true
					break
				}
			}
		}
		if !matched {
			continue
		}
		status = s.stmts(item.Stmts)
		if s.flow != flowNone || item.Op == syntax.Break {
			return status
		}
		matched = item.Op == syntax.Fallthrough
	}
	return status
}

func (s *shell) arithCommand(c *syntax.ArithmCmd) int {
	x := c.X
	if s.opts&optXtrace != 0 {
		before := strings.Repeat(" ", int(max(x.Pos().Offset(), c.Left.Offset()+2)-c.Left.Offset()-2))
		after := strings.Repeat(" ", int(max(c.Right.Offset(), x.End().Offset())-x.End().Offset()))
		s.trace("(( " + before + s.arithText(x) + after + " ))")
	}
	n, ok := s.arithExprOK(x)
	return boolStatus(ok && n != 0)
}
