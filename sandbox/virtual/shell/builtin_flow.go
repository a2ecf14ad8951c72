package shell

import "strconv"

func builtinBreak(s *shell, args []string) int {
	n := 1
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("%s: %s: numeric argument required", args[0], args[1])
			s.status = 128
			s.flow = flowExit
			return 128
		}
		if len(args) > 2 {
			s.warnf("%s: too many arguments", args[0])
			panic(unwind{unwindLine, 1})
		}
	}
	if s.loops == 0 {
		s.warnf("%s: only meaningful in a `for', `while', or `until' loop", args[0])
		return 0
	}
	if n < 1 {
		s.warnf("%s: %s: loop count out of range", args[0], args[1])
		s.flow, s.flowCount = flowBreak, s.loops
		return 1
	}
	s.flowCount = min(n, s.loops)
	s.flow = flowBreak
	if args[0] == "continue" {
		s.flow = flowContinue
	}
	return 0
}

func builtinReturn(s *shell, args []string) int {
	status, ok := s.exitArg(args)
	if !ok {
		status = 2
	}
	if len(s.frames) == 0 {
		s.warnf("return: can only `return' from a function or sourced script")
		return 2
	}
	s.returned = status
	s.flow = flowReturn
	return s.status
}

func (s *shell) exitArg(args []string) (int, bool) {
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return s.status, true
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		s.warnf("%s: %s: numeric argument required", args[0], args[1])
		return 2, false
	}
	if len(args) > 2 {
		s.warnf("%s: too many arguments", args[0])
		panic(unwind{unwindLine, 1})
	}
	return int(n) & 0xff, true
}

func builtinExit(s *shell, args []string) int {
	if args[0] == "logout" {
		s.warnf("logout: not login shell: use `exit'")
		return 1
	}
	s.status, _ = s.exitArg(args)
	s.flow = flowExit
	return s.status
}

func builtinShift(s *shell, args []string) int {
	n := 1
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("shift: %s: numeric argument required", args[1])
			return 1
		}
	}
	if len(args) > 2 {
		s.warnf("shift: too many arguments")
		panic(unwind{unwindLine, 1})
	}
	if n < 0 || n > len(s.params) {
		if n < 0 || s.opts&(optShiftVerbose|optPosix) != 0 {
			s.warnf("shift: %d: shift count out of range", n)
		}
		return 1
	}
	s.params = s.params[n:]
	return 0
}
