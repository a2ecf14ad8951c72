package shell

import (
	"fmt"
	"strings"
)

// hashedProgram is a program that the shell remembers the place of.
type hashedProgram struct {
	file string
	hits int
}

// hit notes that a program which PATH led to is run. Subshells do not live long enough to care.
func (s *shell) hit(name, file string) {
	if s.subshell == 0 && s.opts&optHashall != 0 {
		s.setHashed(name, hashedProgram{file, s.hashed[name].hits + 1})
	}
}

// ownHashed makes the table the shell's own before it writes to it.
func (s *shell) ownHashed() {
	if s.hashedShared || s.hashed == nil {
		s.hashed, s.hashedShared = cloneMap(s.hashed), false
	}
}

func (s *shell) setHashed(name string, p hashedProgram) {
	s.ownHashed()
	s.hashed[name] = p
}

func builtinHash(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "lrp:dt")
	if !ok {
		return 2
	}
	file, hasFile := "", false
	for _, o := range opts {
		if v, is := strings.CutPrefix(o, "p="); is {
			file, hasFile = v, true
		}
	}
	if has(opts, "r") {
		s.hashed = nil
	}
	if len(names) == 0 {
		switch {
		case has(opts, "d") || has(opts, "t"):
			s.warnf("hash: -%s: option requires an argument", map[bool]string{true: "d", false: "t"}[has(opts, "d")])
			return 1
		case has(opts, "r"):
		case len(s.hashed) == 0 && !has(opts, "l"):
			s.text("hash: hash table empty\n")
		case len(s.hashed) > 0:
			s.showHashed(has(opts, "l"))
		}
		return 0
	}
	status := 0
	for _, name := range names {
		p, known := s.hashed[name]
		switch {
		case has(opts, "t") && known:
			if has(opts, "l") {
				s.text("builtin hash -p " + p.file + " " + name + "\n")
			} else if len(names) > 1 {
				s.text(name + "\t" + p.file + "\n")
			} else {
				s.text(p.file + "\n")
			}
		case has(opts, "d") && known:
			s.ownHashed()
			delete(s.hashed, name)
		case hasFile:
			if info, err := s.FS.Stat(s.abs(file)); err == nil && info.IsDir() {
				s.warnf("hash: %s: Is a directory", file)
				status = 1
				continue
			}
			s.setHashed(name, hashedProgram{file: file})
		case has(opts, "t"), has(opts, "d"), !s.hashOne(name):
			s.warnf("hash: %s: not found", name)
			status = 1
		}
	}
	return status
}

// hashOne looks a program up and remembers it; false if there is none.
func (s *shell) hashOne(name string) bool {
	if strings.Contains(name, "/") || builtins[name] != nil && !s.disabled(name) || s.funcs[name] != nil {
		return true
	}
	for _, file := range s.searchPath(s.get("PATH"), name, false) {
		s.setHashed(name, hashedProgram{file: file})
		return true
	}
	return false
}

func (s *shell) showHashed(asCommands bool) {
	if !asCommands {
		s.text("hits\tcommand\n")
	}
	for _, name := range sortedKeys(s.hashed) {
		p := s.hashed[name]
		if asCommands {
			s.text("builtin hash -p " + p.file + " " + name + "\n")
		} else {
			s.text(fmt.Sprintf("%4d\t%s\n", p.hits, p.file))
		}
	}
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
