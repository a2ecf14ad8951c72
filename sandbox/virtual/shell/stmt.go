package shell

import "mvdan.cc/sh/v3/syntax"

// step is taken before every command and loop round: it spends one, and notices that the process was
// ended or has a signal to handle.
func (s *shell) step() {
	if s.budget.Command() != nil || s.ended.Load() || s.proc.dead() {
		s.dead()
	}
	if s.proc.pending.Load() != 0 {
		s.runPending()
	}
}

func (s *shell) stmts(list []*syntax.Stmt) int {
	status := 0
	for _, st := range list {
		status = s.stmt(st)
		if s.flow != flowNone {
			break
		}
	}
	return status
}

// stmt runs one statement and leaves its status in $?.
func (s *shell) stmt(st *syntax.Stmt) int {
	s.step()
	if s.flow != flowNone { // a signal's trap said so
		return s.status
	}
	if s.opts&optNoexec != 0 {
		return s.status
	}
	if st.Background {
		s.background(st)
		return 0
	}
	if st.Negated {
		s.noErrexit++
		status := s.redirected(st)
		s.noErrexit--
		if s.flow == flowNone {
			status = boolStatus(status != 0)
		}
		s.status = status
		return status
	}
	return s.redirected(st)
}

func boolStatus(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// redirected runs a statement's command with its redirections.
func (s *shell) redirected(st *syntax.Stmt) int {
	switch c := st.Cmd.(type) {
	case nil, *syntax.CallExpr:
		s.setLine(st.Pos())
		call, _ := c.(*syntax.CallExpr)
		if call != nil {
			s.setCallLine(call)
		}
		member := s.pipeMember
		s.pipeMember = false
		if g := negatedSubshell(call); g != nil && s.opts&optExtglob == 0 {
			return s.failed(boolStatus(s.subshellRun(func(c *shell) int { return c.runText(g.Pattern.Value, "") }) != 0))
		}
		status := s.simple(call, st.Redirs)
		s.pipeMember = member
		return s.checked(status)
	case *syntax.BinaryCmd:
		if len(st.Redirs) == 0 {
			return s.binary(c)
		}
	}
	if s.inTrap == 0 && len(s.traps) > 0 {
		switch st.Cmd.(type) {
		case *syntax.Subshell:
			s.command = (&funcPrinter{}).stmtText(st)
		case *syntax.ArithmCmd, *syntax.TestClause, *syntax.DeclClause, *syntax.LetClause:
			s.setLine(st.Pos())
			if s.debugTrap(st) {
				return 0
			}
		}
	}
	if len(st.Redirs) > 0 {
		s.setLine(st.Pos())
		undo, ok := s.redirect(st.Redirs)
		defer s.restore(undo)
		if !ok {
			return s.checked(1)
		}
	}
	return s.compound(st.Cmd)
}

// negatedSubshell finds !( … ) where a command stands: without extglob it is no pattern but a subshell.
func negatedSubshell(c *syntax.CallExpr) *syntax.ExtGlob {
	if c == nil || len(c.Args) != 1 || len(c.Args[0].Parts) != 1 || len(c.Assigns) > 0 {
		return nil
	}
	g, ok := c.Args[0].Parts[0].(*syntax.ExtGlob)
	if !ok || g.Op != syntax.GlobExcept {
		return nil
	}
	return g
}

// setCallLine makes the line of a command the one that its second word ends on: bash has read so far when it begins.
func (s *shell) setCallLine(c *syntax.CallExpr) {
	switch {
	case len(c.Assigns) > 1:
		s.setLine(c.Assigns[1].End())
	case len(c.Args)+len(c.Assigns) > 1:
		s.setLine(c.Args[1-len(c.Assigns)].End())
	}
}

func (s *shell) setLine(p syntax.Pos) { s.line = int(p.Line()) + s.lineBase }

// checked is where a command that failed meets the ERR trap and errexit.
func (s *shell) checked(status int) int {
	if s.flow == flowExit {
		status = s.status
	}
	s.status = status
	s.pipeStatus = append(s.pipeStatus[:0], status)
	return s.failed(status)
}

func (s *shell) failed(status int) int {
	s.status = status
	if status == 0 || s.noErrexit > 0 || s.flow != flowNone {
		return status
	}
	if !s.pipeMember {
		s.runErrTrap()
	}
	if s.opts&optErrexit != 0 && s.flow == flowNone {
		s.flow = flowExit
	}
	return status
}

// binary runs a list of && and ||, or a pipeline. The tree leans left, so the list is walked as a loop.
func (s *shell) binary(c *syntax.BinaryCmd) int {
	if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
		return s.pipeline(c)
	}
	chain := []*syntax.BinaryCmd{c}
	for {
		x, ok := chain[len(chain)-1].X.Cmd.(*syntax.BinaryCmd)
		if !ok || x.Op == syntax.Pipe || x.Op == syntax.PipeAll || len(chain[len(chain)-1].X.Redirs) > 0 ||
			chain[len(chain)-1].X.Negated || chain[len(chain)-1].X.Background {
			break
		}
		chain = append(chain, x)
	}
	s.noErrexit++
	status := s.stmt(chain[len(chain)-1].X)
	s.noErrexit--
	for i := len(chain) - 1; i >= 0 && s.flow == flowNone; i-- {
		if (status == 0) != (chain[i].Op == syntax.AndStmt) {
			continue
		}
		if i > 0 {
			s.noErrexit++
		}
		status = s.stmt(chain[i].Y)
		if i > 0 {
			s.noErrexit--
		}
	}
	return status
}
