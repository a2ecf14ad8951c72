package shell

import "fmt"

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
					return 2
				}
				s.setOption(bit, on)
				rest = rest[1:]
				continue
			}
			bit, ok := optionLetters[c]
			if !ok {
				return s.badOption("set", string([]byte{a[0], c}))
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
	get, set, all := s.shopt, s.setShopt, allShopts()
	if has(opts, "o") {
		get = func(name string) (bool, bool) { bit, known := setOptions[name]; return s.opts&bit != 0, known }
		set = func(name string, on bool) { s.setOption(setOptions[name], on) }
		all = sortedKeys(setOptions)
	}
	setting, unsetting := has(opts, "s"), has(opts, "u")
	if setting && unsetting {
		s.warnf("shopt: cannot set and unset shell options simultaneously")
		return 1
	}
	status := 0
	if len(names) == 0 {
		for _, name := range all {
			on, _ := get(name)
			if setting && !on || unsetting && on || has(opts, "q") {
				continue
			}
			s.text(shoptLine(name, on, opts))
		}
		return 0
	}
	for _, name := range names {
		on, known := get(name)
		if !known {
			what := "shell option"
			if has(opts, "o") {
				what = "option"
			}
			s.warnf("shopt: %s: invalid %s name", name, what)
			status = 1
			continue
		}
		if setting || unsetting {
			set(name, setting)
			continue
		}
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
