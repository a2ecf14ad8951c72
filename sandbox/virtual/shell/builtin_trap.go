package shell

import (
	"fmt"
	"strings"
)

func builtinTrap(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "lp")
	if !ok {
		return 2
	}
	if has(opts, "l") {
		return listSignals(s)
	}
	if len(rest) == 0 || has(opts, "p") {
		return s.printTraps(rest)
	}
	action, reset := rest[0], false
	names := rest[1:]
	if _, isSignal := signalNumber(rest[0], true); action == "-" || len(rest) == 1 {
		reset = true
		if len(rest) == 1 && action != "-" {
			if !isSignal {
				return s.misused("trap")
			}
			names = rest
		}
	} else if n, isNumber := plainInt(action); isNumber && action != "" && n < 65 {
		reset, names = true, rest
	}
	status := 0
	for _, name := range names {
		n, ok := signalNumber(name, true)
		if !ok {
			s.warnf("trap: %s: invalid signal specification", name)
			status = 1
			continue
		}
		s.setTrap(n, action, reset)
	}
	return status
}

// printTraps lists traps; a subshell shows its parent's until it sets one.
func (s *shell) printTraps(names []string) int {
	traps := s.traps
	if s.caught != nil {
		traps = s.caught
	}
	only := map[int]bool{}
	for _, name := range names {
		n, ok := signalNumber(name, true)
		if !ok {
			s.warnf("trap: %s: invalid signal specification", name)
			return 1
		}
		only[n] = true
	}
	for n := range 70 {
		action, ok := traps[n]
		if ok && (len(names) == 0 || only[n]) {
			s.text("trap -- '" + strings.ReplaceAll(action, "'", `'\''`) + "' " + s.shownTrapName(n) + "\n")
		}
	}
	return 0
}

func listSignals(s *shell) int {
	var b strings.Builder
	for n := 1; n < len(signalNames); n++ {
		fmt.Fprintf(&b, "%2d) SIG%s", n, signalNames[n])
		if n%5 == 0 || n == len(signalNames)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteByte('\t')
		}
	}
	s.text(b.String())
	return 0
}
