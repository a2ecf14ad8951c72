package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// savedFD is what a descriptor was before a redirection.
type savedFD struct {
	n  int
	st *stream
}

// moveAway takes descriptor n out of the table, for restore to put back.
func (s *shell) moveAway(n int) savedFD {
	old := savedFD{n, s.fd(n)}
	if old.st != nil {
		s.fds[n] = nil
	}
	return old
}

func (s *shell) restore(undo []savedFD) {
	for i := len(undo) - 1; i >= 0; i-- {
		s.setFD(undo[i].n, undo[i].st)
	}
}

// keep makes redirections permanent, as exec does.
func (s *shell) keep(undo []savedFD) {
	for _, u := range undo {
		if u.st != nil {
			u.st.close()
		}
	}
}

// redirect applies redirections from left to right. What it returns is to be restored, also after a failure.
func (s *shell) redirect(list []*syntax.Redirect) (undo []savedFD, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s.restore(undo)
			panic(r)
		}
	}()
	for _, r := range list {
		if undo, ok = s.redirectOne(r, undo); !ok {
			return undo, false
		}
	}
	return undo, true
}

func (s *shell) redirectOne(r *syntax.Redirect, undo []savedFD) ([]savedFD, bool) {
	target := 1
	switch r.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		target = 0
	}
	varName := ""
	if r.N != nil {
		if name, isVar := strings.CutPrefix(r.N.Value, "{"); isVar {
			varName = strings.TrimSuffix(name, "}")
		} else {
			n, err := strconv.Atoi(r.N.Value)
			if err != nil || n >= maxFD {
				s.warnf("%s: Bad file descriptor", r.N.Value)
				return undo, false
			}
			target = n
		}
	}
	var st *stream
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text := ""
		if r.Hdoc != nil {
			text = s.hereDoc(r)
		}
		st = s.textStream(text)
	case syntax.WordHdoc:
		st = s.textStream(s.wordString(r.Word) + "\n")
	case syntax.DplIn, syntax.DplOut:
		return s.duplicate(r, target, varName, undo)
	default:
		name, ok := s.redirectTarget(r.Word)
		if !ok {
			return undo, false
		}
		if st, ok = s.openRedirect(r.Op, name); !ok {
			return undo, false
		}
		if r.Op == syntax.RdrAll || r.Op == syntax.AppAll {
			undo = append(undo, s.moveAway(1), s.moveAway(2))
			s.setFD(1, st)
			s.setFD(2, st.share())
			return undo, true
		}
	}
	if varName != "" {
		return undo, s.setVarFD(varName, st)
	}
	undo = append(undo, s.moveAway(target))
	s.setFD(target, st)
	return undo, true
}

// setVarFD gives {name}> its descriptor, which stays open after the command.
func (s *shell) setVarFD(name string, st *stream) bool {
	n := s.freeFD(10)
	if n >= maxFD {
		st.close()
		s.warnf("cannot duplicate fd: Too many open files")
		return false
	}
	s.setFD(n, st)
	if base, sub, ok := cutSubscript(name); ok {
		return s.setElement(base, sub, strconv.Itoa(n), false)
	}
	return s.setVar(name, strconv.Itoa(n))
}

// duplicate is n>&m, n>&m-, n>&- and >&file.
func (s *shell) duplicate(r *syntax.Redirect, target int, varName string, undo []savedFD) ([]savedFD, bool) {
	word, ok := s.redirectTarget(r.Word)
	if !ok {
		return undo, false
	}
	if word == "-" {
		if varName != "" {
			value := ""
			if base, sub, ok := cutSubscript(varName); ok {
				value, _ = s.element(base, sub)
			} else {
				value = s.get(varName)
			}
			n, err := strconv.Atoi(value)
			if err == nil {
				s.setFD(n, nil)
			}
			return undo, true
		}
		undo = append(undo, s.moveAway(target))
		return undo, true
	}
	digits, move := strings.CutSuffix(word, "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		if r.Op == syntax.DplOut && r.N == nil { // >&file
			st, ok := s.openRedirect(syntax.RdrAll, word)
			if !ok {
				return undo, false
			}
			undo = append(undo, s.moveAway(1), s.moveAway(2))
			s.setFD(1, st)
			s.setFD(2, st.share())
			return undo, true
		}
		s.warnf("%s: ambiguous redirect", word)
		return undo, false
	}
	st := s.fd(n)
	if st == nil {
		s.warnf("%s: Bad file descriptor", digits)
		return undo, false
	}
	if varName != "" {
		return undo, s.setVarFD(varName, st.share())
	}
	if n == target {
		return undo, true
	}
	st.share()
	undo = append(undo, s.moveAway(target))
	s.setFD(target, st)
	if move { // for good, also after a builtin
		s.setFD(n, nil)
	}
	return undo, true
}
