package shell

import (
	"strconv"
	"strings"
)

// mainShell is the Exec's first shell.
func (w *world) mainShell() *shell {
	outputs := &[2]lockedWriter{{world: w, w: w.Stdout}, {world: w, w: w.Stderr}}
	w.stderr = &outputs[1]
	streams := &[3]stream{{in: w.Stdin}, {out: &outputs[0]}, {out: &outputs[1]}}
	s := &shell{world: w, proc: w.newProc(nil, nil), dir: w.Dir, umask: 0o022, source: ""}
	s.fds = []*stream{w.newStream(&streams[0]), w.newStream(&streams[1]), w.newStream(&streams[2])}
	s.arg0, s.params = w.Args[0], w.Args[1:]
	s.initVars(w.Env, true)
	return s
}

// initVars gives a shell that begins its variables; the Exec's first one gets the virtual identity's too.
func (s *shell) initVars(env []string, first bool) {
	s.scope = &scope{vars: make(map[string]*variable, 24)}
	s.funcs, s.aliases = map[string]*function{}, map[string]string{}
	s.opts = optDefaults
	s.epoch = s.Now()
	some := make([]variable, 16) // as many as most shells begin with, made at once
	set := func(name, value string, a attr) {
		if len(some) == 0 {
			some = make([]variable, 16)
		}
		some[0] = variable{attr: a, set: true, str: value}
		s.scope.vars[name], some = &some[0], some[1:]
	}
	if first {
		set("PATH", "/usr/local/bin:/usr/bin:/bin", exported)
		set("HOME", "/home/agent", exported)
		set("USER", "agent", exported)
		set("LOGNAME", "agent", exported)
		set("SHELL", "/bin/bash", exported)
		set("LANG", "C.UTF-8", exported)
	} else {
		set("PATH", "/usr/local/bin:/usr/bin:/bin", 0)
	}
	for _, kv := range env {
		name, value, ok := strings.Cut(kv, "=")
		if fn, isFunc := exportedFunctionName(name); isFunc {
			s.importFunction(fn, value)
		} else if ok && validName(name) {
			set(name, value, exported)
		}
	}
	set("IFS", " \t\n", 0)
	set("OPTIND", "1", 0)
	set("OPTERR", "1", 0)
	set("PS4", "+ ", 0)
	level := 0
	if v := s.get("SHLVL"); v != "" {
		level, _ = strconv.Atoi(v)
	}
	set("SHLVL", strconv.Itoa(level+1), exported)
	old := s.get("PWD")
	if old != s.dir && !s.sameDir(old, s.dir) {
		old = s.dir
	}
	s.dir = old
	set("PWD", s.dir, exported)
	if v := s.stored("OLDPWD"); v == nil {
		s.scope.vars["OLDPWD"] = &variable{attr: exported}
	}
	n := 0
	for name, v := range s.scope.vars {
		n += v.size() + len(name)
	}
	s.hold(n)
	s.random = nil
}
