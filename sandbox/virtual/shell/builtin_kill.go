package shell

import (
	"strconv"
	"strings"
)

func builtinKill(s *shell, args []string) int {
	rest := args[1:]
	sig := sigTerm
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") && len(rest[0]) > 1 {
		a := rest[0]
		if a == "--" {
			rest = rest[1:]
			break
		}
		if a == "-l" || a == "-L" {
			return s.killList(rest[1:])
		}
		name := a[1:]
		rest = rest[1:]
		if a == "-s" || a == "-n" {
			if len(rest) == 0 {
				s.warnf("kill: %s: option requires an argument", a)
				return 1
			}
			name, rest = rest[0], rest[1:]
		}
		n, ok := signalNumber(name, false)
		if !ok && strings.EqualFold(name, "EXIT") {
			n, ok = 0, true
		}
		if !ok {
			s.warnf("kill: %s: invalid signal specification", name)
			return 1
		}
		sig = n
		break
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return s.misused("kill")
	}
	status := 1
	for _, spec := range rest {
		var p *proc
		if strings.HasPrefix(spec, "%") {
			j := s.findJob(spec)
			if j == nil {
				s.warnf("kill: %s: no such job", spec)
				continue
			}
			p = j.proc
		} else {
			pid, err := strconv.Atoi(spec)
			if err != nil {
				s.warnf("kill: %s: arguments must be process or job IDs", spec)
				continue
			}
			if pid == 0 {
				pid = s.mainPID()
			}
			p = s.findProc(max(pid, -pid))
			if p == nil {
				s.warnf("kill: (%s) - No such process", spec)
				continue
			}
		}
		status = 0
		if sig != 0 {
			p.signal(sig)
		}
	}
	if s.proc.dead() {
		s.dead()
	}
	if s.proc.pending.Load() != 0 {
		s.status = status
		s.runPending()
	}
	return status
}

func (s *shell) killList(names []string) int {
	if len(names) == 0 {
		return listSignals(s)
	}
	status := 0
	for _, name := range names {
		if v, isNumber := plainInt(name); isNumber && v > 128 && v < 128+int64(len(signalNames)) {
			name = strconv.FormatInt(v-128, 10) // the status of a program that the signal ended
		}
		n, ok := signalNumber(name, true)
		if !ok || n >= len(signalNames) && n < 128 {
			s.warnf("kill: %s: invalid signal specification", name)
			status = 1
			continue
		}
		if v, isNumber := plainInt(name); isNumber {
			if v > 128 {
				v -= 128
			}
			s.text(strings.TrimPrefix(trapName(int(v)), "SIG") + "\n")
		} else {
			s.text(strconv.Itoa(n) + "\n")
		}
	}
	return status
}
