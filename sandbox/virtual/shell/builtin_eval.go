package shell

import "strings"

func builtinEval(s *shell, args []string) int {
	args, ok := s.noOptions(args)
	if !ok {
		return 2
	}
	text := strings.Join(args, " ")
	if strings.TrimSpace(text) == "" {
		return 0
	}
	line, base := s.line, s.lineBase
	s.lineBase = max(0, s.line-1)
	s.nestedTrace++
	status := s.runText(text, "eval")
	s.nestedTrace--
	s.line, s.lineBase = line, base
	return status
}

func builtinSource(s *shell, args []string) int {
	rest, ok := s.noOptions(args)
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		s.warnf("%s: filename argument required", args[0])
		return s.misused(args[0])
	}
	file := rest[0]
	path := file
	if !strings.Contains(file, "/") && s.opts&optSourcepath != 0 {
		for dir := range strings.SplitSeq(s.get("PATH"), ":") {
			candidate := strings.TrimSuffix(dir, "/") + "/" + file
			if info, err := s.FS.Stat(s.abs(candidate)); err == nil && info.Mode.IsRegular() {
				path = candidate
				break
			}
		}
	}
	st, err := s.openStream(path, 0)
	if info, statErr := s.FS.Stat(s.abs(path)); statErr == nil && info.IsDir() {
		s.warnf("%s: %s: is a directory", args[0], file)
		return 1
	}
	if err != nil {
		s.warnf("%s: %v", file, err)
		if s.opts&optPosix != 0 {
			s.status, s.flow = 1, flowExit
		}
		return 1
	}
	text, err := s.readAll(&handle{st: st, by: s.proc})
	st.close()
	if err != nil {
		s.warnf("%s: %v", file, err)
		return 1
	}
	params, line, base, source := s.params, s.line, s.lineBase, s.source
	if len(rest) > 1 {
		s.params = rest[1:]
	}
	depth := len(s.frames)
	s.frames = append(s.frames, frame{name: "source", source: path, line: line, args: rest[1:]})
	s.lineBase, s.source = 0, path
	defer func() {
		if len(rest) > 1 {
			s.params = params
		}
		s.frames = s.frames[:depth]
		s.line, s.lineBase, s.source = line, base, source
	}()
	s.nestedTrace++
	status := s.runText(text, path)
	s.nestedTrace--
	if s.flow == flowReturn {
		s.flow = flowNone
		status = s.returned
	}
	s.frames = s.frames[:len(s.frames)-1]
	s.runReturnTrap()
	return status
}

func builtinExec(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "cla:")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	name := rest[0]
	if p, _ := s.programQuiet(name); p == (programKey{}) && !strings.Contains(name, "/") {
		s.warnf("exec: %s: not found", name)
		return s.execFailed(127)
	}
	for _, o := range opts {
		if v, isName := strings.CutPrefix(o, "a="); isName {
			rest = append([]string{v}, rest[1:]...)
		}
	}
	prog, status := s.program(name)
	if status == 0 {
		var env Environ = shellEnv{s}
		if has(opts, "c") {
			env = mapEnv{}
		}
		status = s.runProgram(s.proc, prog, rest, env, s.dir, [3]*stream{s.fd(0), s.fd(1), s.fd(2)})
	}
	if status == 126 || status == 127 {
		if _, err := s.load(prog.path); prog.path == "" || err != nil {
			return s.execFailed(status)
		}
	}
	s.status, s.flow = status, flowExit
	delete(s.traps, trapExit)
	return status
}

// execFailed ends the shell, unless shopt -s execfail or a person is to see to it.
func (s *shell) execFailed(status int) int {
	if s.opts&optExecfail == 0 && !s.session {
		s.status, s.flow = status, flowExit
	}
	return status
}
