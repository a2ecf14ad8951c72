package shell

import (
	"fmt"
	"strings"
)

func builtinSet(s *shell, args []string) int {
	rest := args[1:]
	if len(rest) == 0 {
		s.visible(func(name string, v *variable) {
			if v.set {
				s.text(s.setLineOf(name, v) + "\n")
			}
		})
		if s.opts&optPosix == 0 {
			for _, name := range sortedKeys(s.funcs) {
				s.text(s.funcs[name].text() + "\n")
			}
		}
		return 0
	}
	for len(rest) > 0 {
		a := rest[0]
		if a == "--" {
			s.params = rest[1:]
			return 0
		}
		if a == "+" {
			rest = rest[1:]
			continue
		}
		if a == "-" {
			s.opts &^= optXtrace | optVerbose
			if rest = rest[1:]; len(rest) == 0 {
				return 0
			}
			break
		}
		if len(a) < 2 || a[0] != '-' && a[0] != '+' {
			break
		}
		on := a[0] == '-'
		rest = rest[1:]
		for _, c := range []byte(a[1:]) {
			if c == 'o' {
				if len(rest) == 0 {
					s.showSetOptions(on)
					return 0
				}
				bit, ok := setOptions[rest[0]]
				if !ok {
					s.warnf("set: %s: invalid option name", rest[0])
					return 1
				}
				s.setOption(bit, on)
				rest = rest[1:]
				continue
			}
			bit, ok := optionLetters[c]
			if !ok {
				s.warnf("set: %c%c: invalid option", a[0], c)
				return 2
			}
			s.setOption(bit, on)
		}
	}
	if len(rest) > 0 {
		s.params = rest
	}
	return 0
}

func (s *shell) showSetOptions(table bool) {
	for _, name := range sortedKeys(setOptions) {
		on := s.opts&setOptions[name] != 0
		if table {
			s.text(fmt.Sprintf("%-15s\t%s\n", name, onOff(on)))
		} else {
			s.text("set " + map[bool]string{true: "-o ", false: "+o "}[on] + name + "\n")
		}
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func builtinShopt(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "supqo")
	if !ok {
		return 2
	}
	table := shoptOptions
	if has(opts, "o") {
		table = setOptions
	}
	setting, unsetting := has(opts, "s"), has(opts, "u")
	if setting && unsetting {
		s.warnf("shopt: cannot set and unset shell options simultaneously")
		return 1
	}
	status := 0
	if len(names) == 0 {
		for _, name := range sortedKeys(table) {
			on := s.opts&table[name] != 0
			if setting && !on || unsetting && on || has(opts, "q") {
				continue
			}
			s.text(shoptLine(name, on, opts))
		}
		return 0
	}
	for _, name := range names {
		bit, known := table[name]
		if !known {
			s.warnf("shopt: %s: invalid shell option name", name)
			status = 1
			continue
		}
		if setting || unsetting {
			s.setOption(bit, setting)
			if bit == optExpandAliases {
				s.aliasGen++
			}
			continue
		}
		on := s.opts&bit != 0
		if !on {
			status = 1
		}
		if !has(opts, "q") {
			s.text(shoptLine(name, on, opts))
		}
	}
	return status
}

func shoptLine(name string, on bool, opts []string) string {
	switch {
	case has(opts, "p") && has(opts, "o"):
		return "set " + map[bool]string{true: "-o ", false: "+o "}[on] + name + "\n"
	case has(opts, "p"):
		return "shopt " + map[bool]string{true: "-s ", false: "-u "}[on] + name + "\n"
	}
	return fmt.Sprintf("%-15s\t%s\n", name, onOff(on))
}

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
				return s.usage("trap", "usage: trap [-lp] [[arg] signal_spec ...]")
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
			s.text("trap -- '" + strings.ReplaceAll(action, "'", `'\''`) + "' " + trapName(n) + "\n")
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
