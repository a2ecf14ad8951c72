package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// loopEnds settles what break and continue asked for after a round.
func (s *shell) loopEnds() bool {
	switch s.flow {
	case flowNone:
		return false
	case flowBreak, flowContinue:
		ends := s.flow == flowBreak || s.flowCount > 1
		if s.flowCount--; s.flowCount <= 0 {
			s.flow = flowNone
		}
		return ends
	}
	return true
}

func (s *shell) whileClause(c *syntax.WhileClause) int {
	s.loops++
	defer func() { s.loops-- }()
	status := 0
	for {
		s.step()
		ok := s.condition(c.Cond)
		if s.flow != flowNone {
			if s.loopEnds() {
				return s.status
			}
			continue
		}
		if ok == c.Until {
			break
		}
		status = s.stmts(c.Do)
		if s.loopEnds() {
			return s.status
		}
	}
	s.status = status
	return status
}

func (s *shell) forClause(c *syntax.ForClause) int {
	s.loops++
	defer func() { s.loops-- }()
	s.setLine(c.Pos())
	switch loop := c.Loop.(type) {
	case *syntax.CStyleLoop:
		return s.cLoop(loop, c.Do)
	case *syntax.WordIter:
		items := s.params
		if loop.InPos.IsValid() {
			items = s.words(loop.Items)
		}
		if c.Select {
			if s.opts&optXtrace != 0 {
				s.trace("select" + strings.TrimPrefix(printNode(loop), "for"))
			}
			return s.selectLoop(loop.Name.Value, items, c.Do)
		}
		return s.wordLoop(loop, items, c.Do)
	}
	return 0
}

func (s *shell) wordLoop(loop *syntax.WordIter, items []string, body []*syntax.Stmt) int {
	name := loop.Name.Value
	if !validName(name) {
		s.warnf("`%s': not a valid identifier", name)
		return s.checked(1)
	}
	status := 0
	s.status = 0
	for _, item := range items {
		s.step()
		s.setLine(loop.Pos())
		if s.debugTrap(loop) {
			continue
		}
		if s.opts&optXtrace != 0 {
			s.trace(printNode(loop))
		}
		if v := s.stored(name); v != nil && v.attr&nameref != 0 {
			if !s.setRef(name, item) {
				return s.checked(1)
			}
		} else if !s.setVar(name, item) {
			return s.checked(1)
		}
		status = s.stmts(body)
		if s.loopEnds() {
			return s.status
		}
	}
	s.status = status
	return status
}

func (s *shell) cLoop(loop *syntax.CStyleLoop, body []*syntax.Stmt) int {
	eval := func(x syntax.ArithmExpr, empty int64) (n int64, ok bool) {
		if x == nil {
			return empty, true
		}
		s.setLine(loop.Pos())
		s.debugTrap(x)
		if s.opts&optXtrace != 0 {
			s.trace("(( " + s.arithText(x) + " ))")
		}
		return s.arithExprOK(x)
	}
	if _, ok := eval(loop.Init, 0); !ok {
		return s.checked(1)
	}
	status := 0
	s.status = 0
	for {
		s.step()
		n, ok := eval(loop.Cond, 1)
		if !ok {
			return s.checked(1)
		}
		if n == 0 {
			break
		}
		status = s.stmts(body)
		if s.loopEnds() {
			return s.status
		}
		if _, ok := eval(loop.Post, 0); !ok {
			return s.checked(1)
		}
	}
	s.status = status
	return status
}
