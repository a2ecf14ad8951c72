package shell

import (
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// pipeline runs a | b | c: each member in a subshell of its own, side by side, the last one (with
// lastpipe) in this shell.
func (s *shell) pipeline(c *syntax.BinaryCmd) int {
	members, all := flattenPipeline(c)
	n := len(members)
	lastpipe := s.opts&optLastpipe != 0 && s.opts&optMonitor == 0
	statuses := make([]int, n)
	var wg sync.WaitGroup
	var input *stream // the reading end that the next member gets
	for i, m := range members[:n-1] {
		p := s.newPipe()
		r, w := s.newStream(&stream{pipe: p, reader: true}), s.newStream(&stream{pipe: p})
		if s.budget.StartJob() != nil {
			r.close()
			w.close()
			if input != nil {
				input.close()
			}
			wg.Wait()
			s.dead()
		}
		child := s.fork(lastpipe)
		if input != nil {
			child.setFD(0, input)
		}
		child.setFD(1, w)
		if all[i] {
			child.setFD(2, w.share())
		}
		input = r
		wg.Go(func() {
			defer s.budget.EndJob()
			statuses[i] = child.runSubshell(func() int { return child.member(m) })
		})
	}
	last := func() int {
		if !lastpipe {
			child := s.fork(false)
			child.setFD(0, input)
			return child.runSubshell(func() int { return child.member(members[n-1]) })
		}
		saved := []savedFD{s.moveAway(0)}
		s.setFD(0, input)
		defer s.restore(saved)
		s.noErrexit++
		defer func() { s.noErrexit-- }()
		return s.stmt(members[n-1])
	}
	func() {
		defer wg.Wait() // also when lastpipe unwinds
		statuses[n-1] = last()
	}()
	status := statuses[n-1]
	if s.opts&optPipefail != 0 {
		for _, st := range statuses {
			if st != 0 {
				status = st
			}
		}
	}
	if s.proc.dead() || s.budget.Err() != nil {
		s.dead()
	}
	s.status = status
	s.pipeStatus = statuses
	if status != 0 && len(s.traps) > 0 {
		s.setLine(members[n-1].Pos())
		s.command = commandText(members[n-1])
	}
	return s.failed(status)
}

// member runs a member of a pipeline.
func (s *shell) member(st *syntax.Stmt) int {
	_, isCall := st.Cmd.(*syntax.CallExpr)
	s.pipeMember = isCall && !st.Negated
	return s.stmt(st)
}

// flattenPipeline lists the members; all[i] says that member i ends in |&.
func flattenPipeline(c *syntax.BinaryCmd) (members []*syntax.Stmt, all []bool) {
	var add func(st *syntax.Stmt)
	add = func(st *syntax.Stmt) {
		if b, ok := st.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) &&
			len(st.Redirs) == 0 && !st.Negated && !st.Background {
			add(b.X)
			all = append(all, b.Op == syntax.PipeAll)
			add(b.Y)
			return
		}
		members = append(members, st)
	}
	add(c.X)
	all = append(all, c.Op == syntax.PipeAll)
	add(c.Y)
	return members, all
}

// subshellRun runs f in a subshell that this shell waits for.
func (s *shell) subshellRun(f func(*shell) int) int {
	c := s.fork(false)
	status := c.runSubshell(func() int { return f(c) })
	if s.budget.Err() != nil || s.proc.dead() {
		s.dead()
	}
	return status
}

// runSubshell runs f as the whole life of a subshell: its EXIT trap included.
func (s *shell) runSubshell(f func() int) int {
	status := s.protect(f)
	status = s.protect(func() int { return s.runExitTrap(status) })
	if n := s.proc.killed.Load(); n != 0 {
		status = 128 + int(n)
	}
	s.finish()
	return status
}
