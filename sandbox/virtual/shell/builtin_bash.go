package shell

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// startShell runs bash or sh for process by: a world shared with this one, state of its own.
func (s *shell) startShell(by *proc, args []string, env Environ, dir string, std [3]*stream) int {
	return s.startOwn(by, args[0], env, dir, std, func(c *shell) int { return c.runShell(args) })
}

// startOwn runs a program that is the shell itself, or one of its builtins.
func (s *shell) startOwn(by *proc, name string, env Environ, dir string, std [3]*stream, run func(c *shell) int) int {
	c := &shell{world: s.world, proc: s.newProc(by, by.context()), depth: s.depth + 1, dir: dir, umask: s.umask, arg0: name}
	defer s.forgetProc(c.proc)
	if s.budget.Enter(c.depth) != nil {
		return 126
	}
	for _, st := range std {
		if st != nil {
			st.share()
		}
		c.fds = append(c.fds, st)
	}
	for n := 3; n < len(s.fds); n++ {
		st := s.fds[n]
		if st != nil {
			st.share()
		}
		c.fds = append(c.fds, st)
	}
	var list []string
	for k, v := range env.All() {
		list = append(list, k+"="+v)
	}
	c.shellPID, c.parentPID = c.proc.pid, s.mainPID()
	if ignored := by.ignored.Load(); ignored != 0 {
		c.traps = map[int]string{}
		for n := 1; n < 64; n++ {
			if ignored&(1<<n) != 0 {
				c.traps[n] = ""
			}
		}
		c.proc.ignored.Store(ignored)
	}
	c.initVars(list, false)
	status := c.protect(func() int { return run(c) })
	if n := c.proc.killed.Load(); n != 0 {
		status = 128 + int(n)
	}
	c.finish()
	return status
}

// runShell reads a shell program's command line and runs what it asks for.
func (s *shell) runShell(args []string) int {
	rest := args[1:]
	var command string
	isCommand, stdin := false, false
	if strings.HasSuffix(args[0], "sh") && !strings.HasSuffix(args[0], "bash") {
		s.opts |= optPosix
	}
options:
	for len(rest) > 0 && len(rest[0]) > 1 && (rest[0][0] == '-' || rest[0][0] == '+') {
		a := rest[0]
		rest = rest[1:]
		switch a {
		case "--":
			break options
		case "--posix":
			s.opts |= optPosix
			continue
		case "--norc", "--noprofile", "--login", "--noediting", "--verbose", "--restricted", "--debugger":
			continue
		case "--rcfile", "--init-file":
			if len(rest) > 0 {
				rest = rest[1:]
			}
			continue
		case "--version":
			s.text("GNU bash, version " + bashVersion + " (" + hostType + "-pc-linux-gnu)\n")
			return 0
		case "--help":
			s.text("GNU bash, version " + bashVersion + "-(" + hostType + "-pc-linux-gnu)\nUsage:\tbash [option] script-file ...\n\tbash -c command\n")
			return 0
		}
		if strings.HasPrefix(a, "--") {
			s.errln(args[0] + ": " + a + ": invalid option")
			return 2
		}
		on := a[0] == '-'
		for i := 1; i < len(a); i++ {
			switch c := a[i]; c {
			case 'c':
				isCommand = true
			case 's':
				stdin = true
			case 'l', 'i', 'D', 'r':
				if c == 'i' { // what scripts see of an interactive shell
					s.session = true
					s.opts |= optExpandAliases | optHistory
					if _, set := s.value("HISTFILE"); !set {
						s.setVar("HISTFILE", s.get("HOME")+"/.bash_history")
					}
				}
			case 'o', 'O':
				if len(rest) == 0 {
					break
				}
				bit, known := setOptions[rest[0]]
				if c == 'O' {
					_, known = s.shopt(rest[0])
				}
				if !known {
					s.errln(args[0] + ": " + rest[0] + ": invalid option name")
					return 2
				}
				if c == 'O' {
					s.setShopt(rest[0], on)
				} else {
					s.setOption(bit, on)
				}
				rest = rest[1:]
			default:
				bit := optionLetters[c]
				if bit == 0 {
					s.errln(args[0] + ": -" + string(c) + ": invalid option")
					return 2
				}
				s.setOption(bit, on)
			}
		}
	}
	if s.opts&optPosix != 0 {
		s.opts |= optExpandAliases
	}
	if isCommand {
		if len(rest) == 0 {
			s.errln(args[0] + ": -c: option requires an argument")
			return 2
		}
		command, rest = rest[0], rest[1:]
		s.commandString = true
		if len(rest) > 0 {
			s.arg0, rest = rest[0], rest[1:]
		}
		s.params = rest
		return s.runMain(command)
	}
	if len(rest) == 0 || stdin {
		s.params = rest
		s.fromStdin = true
		status := s.protect(s.runInput)
		return s.protect(func() int { return s.runExitTrap(status) })
	}
	return s.runFile(args[0], rest)
}

// runFile runs a script file: bash FILE.
func (s *shell) runFile(shellName string, args []string) int {
	file := args[0]
	name := file
	if !strings.Contains(file, "/") {
		if _, err := s.FS.Stat(s.abs(file)); err == vfs.ErrNotExist {
			if found := s.searchPath(s.get("PATH"), file, false); len(found) > 0 {
				name = found[0]
			}
		}
	}
	st, err := s.openStream(name, vfs.Read)
	if err != nil {
		s.errln(shellName + ": " + file + ": " + err.Error())
		return 127
	}
	text, err := s.readAll(&handle{st: st, by: s.proc})
	st.close()
	if err != nil {
		s.errln(shellName + ": " + file + ": " + err.Error())
		return 126
	}
	if first, _, _ := strings.Cut(text, "\n"); strings.IndexByte(first, 0) >= 0 {
		s.errln(shellName + ": " + file + ": cannot execute binary file")
		return 126
	}
	s.arg0, s.params, s.mainFile = name, args[1:], name
	return s.runMain(text)
}
