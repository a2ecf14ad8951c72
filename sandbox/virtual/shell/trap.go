package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Signals by their Linux numbers; the pseudo-signals of trap come after them.
const (
	sigKill  = 9
	sigPipe  = 13
	sigTerm  = 15
	sigChld  = 17
	sigCont  = 18
	sigUrg   = 23
	sigWinch = 28

	trapExit   = 0
	trapDebug  = 65
	trapErr    = 66
	trapReturn = 67
)

var signalNames = []string{1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
	"ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
	"PWR", "SYS"}

// signalNumber reads INT, SIGINT, 2; the pseudo-signals are those of trap.
func signalNumber(name string, pseudo bool) (int, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, n >= 0 && n < 65
	}
	upper := strings.TrimPrefix(strings.ToUpper(name), "SIG")
	for n, known := range signalNames {
		if known == upper && known != "" {
			return n, true
		}
	}
	if pseudo {
		switch strings.ToUpper(name) {
		case "EXIT":
			return trapExit, true
		case "DEBUG":
			return trapDebug, true
		case "ERR":
			return trapErr, true
		case "RETURN":
			return trapReturn, true
		}
	}
	return 0, false
}

// trapName is how trap -p shows a signal.
func trapName(n int) string {
	switch n {
	case trapExit:
		return "EXIT"
	case trapDebug:
		return "DEBUG"
	case trapErr:
		return "ERR"
	case trapReturn:
		return "RETURN"
	}
	if n < len(signalNames) {
		return "SIG" + signalNames[n]
	}
	return strconv.Itoa(n)
}

// shownTrapName is trapName, without SIG in POSIX mode.
func (s *shell) shownTrapName(n int) string {
	name := trapName(n)
	if s.opts&optPosix != 0 {
		name = strings.TrimPrefix(name, "SIG")
	}
	return name
}

// setTrap sets, ignores ("") or, with reset, removes a trap.
func (s *shell) setTrap(n int, action string, reset bool) {
	s.caught = nil
	if s.traps == nil {
		s.traps = map[int]string{}
	}
	bit := uint64(0)
	if n > 0 && n < 64 {
		bit = 1 << n
	}
	s.proc.trapped.And(^bit)
	s.proc.ignored.And(^bit)
	if reset {
		delete(s.traps, n)
		return
	}
	s.traps[n] = action
	if action == "" {
		s.proc.ignored.Or(bit)
	} else {
		s.proc.trapped.Or(bit)
	}
}

// inheritTraps gives a subshell what it keeps of its parent's traps: the ignored signals, and with the
// options for it ERR, DEBUG and RETURN.
func (s *shell) inheritTraps(parent *shell) {
	s.traps, s.caught, s.inTrap = nil, nil, 0
	if len(parent.traps) == 0 {
		s.caught = parent.caught
		return
	}
	s.caught = parent.traps
	for n, action := range parent.traps {
		keep := action == "" || n == trapErr && s.opts&optErrtrace != 0 ||
			(n == trapDebug || n == trapReturn) && s.opts&optFunctrace != 0
		if keep {
			caught := s.caught
			s.setTrap(n, action, false)
			s.caught = caught
		}
	}
}

// runTrap runs an action, and keeps $? as it was. It returns the status of the action.
func (s *shell) runTrap(action string) int {
	status, pipes, line, base := s.status, append([]int(nil), s.pipeStatus...), s.line, s.lineBase
	s.inTrap++
	s.lineBase = max(0, line-1)
	result := s.runText(action, "")
	s.inTrap--
	s.line, s.lineBase = line, base
	if s.flow == flowNone || s.flow == flowReturn {
		s.status, s.pipeStatus = status, pipes
	}
	return result
}

// runPending runs the traps of the signals that have come.
func (s *shell) runPending() {
	for n := 1; n < 64; n++ {
		bit := uint64(1) << n
		if s.proc.pending.Load()&bit == 0 {
			continue
		}
		s.proc.pending.And(^bit)
		if action := s.traps[n]; action != "" {
			s.runTrap(action)
		}
	}
}

// runExitTrap ends a shell with status, which the EXIT trap may change.
func (s *shell) runExitTrap(status int) int {
	action, ok := s.traps[trapExit]
	if !ok || action == "" || s.proc.dead() {
		return status
	}
	delete(s.traps, trapExit)
	s.flow, s.status = flowNone, status
	s.loops, s.lineBase = 0, 0
	s.inTrap++
	s.runText(action, "")
	s.inTrap--
	if s.flow == flowExit {
		return s.status
	}
	return status
}

func (s *shell) runErrTrap() {
	if action := s.traps[trapErr]; action != "" && s.inTrap == 0 {
		s.runTrap(action)
	}
}

func (s *shell) runReturnTrap() {
	if action := s.traps[trapReturn]; action != "" && s.inTrap == 0 {
		s.runTrap(action)
	}
}

// debugTrap runs the DEBUG trap before a command; skip says that, with extdebug, the command is not to run.
func (s *shell) debugTrap(n syntax.Node) (skip bool) {
	if len(s.traps) == 0 {
		return false
	}
	if s.inTrap == 0 {
		s.command = commandText(n)
	}
	return s.runDebugTrap()
}

// commandText is a command as BASH_COMMAND has it.
func commandText(n syntax.Node) string {
	switch n := n.(type) {
	case *syntax.CaseClause:
		return "case " + printWord(n.Word) + " in "
	case *syntax.Stmt:
		if call, isCall := n.Cmd.(*syntax.CallExpr); !isCall || len(call.Args)+len(call.Assigns) > 0 {
			return (&funcPrinter{}).stmtText(n)
		}
		return strings.TrimPrefix((&funcPrinter{}).stmtText(n), " ")
	case syntax.ArithmExpr: // of for ((
		return "((" + printArith(n) + "))"
	}
	return printNode(n)
}

// runDebugTrap runs the DEBUG trap; skip says that, with extdebug, the command is not to run.
func (s *shell) runDebugTrap() (skip bool) {
	action := s.traps[trapDebug]
	if action == "" || s.inTrap > 0 {
		return false
	}
	line := s.line
	status := s.runTrap(action)
	s.line = line
	if s.opts&optExtdebug == 0 || status == 0 || s.flow != flowNone {
		return false
	}
	if status == 2 && len(s.frames) > 0 {
		s.returned, s.flow = s.status, flowReturn
	}
	return true
}

// hideTraps takes DEBUG, ERR and RETURN away for a function that does not inherit them.
func (s *shell) hideTraps(fn *function) (hidden map[int]string) {
	if len(s.traps) == 0 {
		return nil
	}
	for _, n := range []int{trapDebug, trapReturn, trapErr} {
		action, ok := s.traps[n]
		if !ok || fn.traced && n != trapErr || s.opts&optFunctrace != 0 && n != trapErr || s.opts&optErrtrace != 0 && n == trapErr {
			continue
		}
		if hidden == nil {
			hidden = map[int]string{}
		}
		hidden[n] = action
		delete(s.traps, n)
	}
	return hidden
}

func (s *shell) unhideTraps(hidden map[int]string) {
	for n, action := range hidden {
		if _, set := s.traps[n]; !set {
			s.traps[n] = action
		}
	}
}
