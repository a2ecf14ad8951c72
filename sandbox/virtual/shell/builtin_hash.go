package shell

import "strings"

func builtinHash(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "lrp:dt")
	if !ok {
		return 2
	}
	if has(opts, "r") {
		s.unshare()
		s.hashed = nil
		return 0
	}
	if len(names) == 0 {
		if len(s.hashed) == 0 {
			s.text("hash: hash table empty\n")
			return 0
		}
		s.text("hits\tcommand\n")
		for _, name := range sortedKeys(s.hashed) {
			s.text("   1\t" + s.hashed[name] + "\n")
		}
		return 0
	}
	status := 0
	for _, name := range names {
		file := ""
		for _, o := range opts {
			if v, is := strings.CutPrefix(o, "p="); is {
				file = v
			}
		}
		switch {
		case has(opts, "t"):
			if f := s.findProgram(name); f != "" {
				s.text(f + "\n")
				continue
			}
		case has(opts, "d"):
			s.unshare()
			delete(s.hashed, name)
			continue
		}
		if file == "" {
			file = s.findProgram(name)
		}
		if file == "" {
			if builtins[name] == nil && s.funcs[name] == nil {
				s.warnf("hash: %s: not found", name)
				status = 1
			}
			continue
		}
		s.unshare()
		if s.hashed == nil {
			s.hashed = map[string]string{}
		}
		s.hashed[name] = file
	}
	return status
}

func builtinEnable(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "adnpsf:")
	if !ok {
		return 2
	}
	if len(names) == 0 {
		for _, name := range sortedKeys(builtins) {
			if s.disabled(name) == has(opts, "n") {
				s.text("enable " + map[bool]string{true: "-n ", false: ""}[has(opts, "n")] + name + "\n")
			}
		}
		return 0
	}
	status := 0
	for _, name := range names {
		if builtins[name] == nil {
			s.warnf("enable: %s: not a shell builtin", name)
			status = 1
			continue
		}
		off := cloneMap(s.off)
		off[name] = has(opts, "n")
		s.off = off
	}
	return status
}
