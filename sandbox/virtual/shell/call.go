package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// simple runs a simple command: assignments, words and redirections. c is nil for redirections alone.
func (s *shell) simple(c *syntax.CallExpr, redirs []*syntax.Redirect) int {
	if c == nil {
		c = &syntax.CallExpr{}
	}
	if (s.traps != nil || s.inTrap > 0) && s.debugTrap(&syntax.Stmt{Cmd: c, Redirs: redirs}) {
		return 0
	}
	s.substRan = false
	mark := len(s.procSubs)
	args := s.words(c.Args)
	defer s.closeProcSubs(mark)
	if len(args) == 0 {
		return s.assignments(c, redirs)
	}
	temp := s.tempScope(c.Assigns)
	if s.opts&optXtrace != 0 {
		s.trace(strings.Join(quoteTraceAll(args), " "))
	}
	var undo []savedFD
	if len(redirs) > 0 {
		var ok bool
		undo, ok = s.redirect(redirs)
		if !ok {
			s.restore(undo)
			if s.opts&optPosix != 0 && isSpecialBuiltin(args[0]) {
				s.flow = flowExit
			}
			return 1
		}
		if args[0] == "exec" && s.funcs["exec"] == nil {
			s.keep(undo)
			undo = nil
		}
		defer func() { s.restore(undo) }()
	}
	status := s.call(args, temp, callAny)
	s.lastArg = args[len(args)-1]
	return status
}

// assignments is a simple command without words: it assigns in the shell itself.
func (s *shell) assignments(c *syntax.CallExpr, redirs []*syntax.Redirect) int {
	if len(redirs) > 0 {
		// In a subshell, so that {name}> leaves nothing behind.
		status := s.subshellRun(func(c *shell) int {
			undo, ok := c.redirect(redirs)
			c.restore(undo)
			return boolStatus(ok)
		})
		if status != 0 {
			return status
		}
	}
	for _, a := range c.Assigns {
		if !s.assign(a, 0) {
			panic(unwind{unwindLine, 1})
		}
	}
	s.lastArg = ""
	if s.substRan {
		return s.status
	}
	return 0
}

// tempScope evaluates the assignments before a command, each seeing those before it.
func (s *shell) tempScope(assigns []*syntax.Assign) *scope {
	if len(assigns) == 0 {
		return nil
	}
	temp := &scope{temp: true, outer: s.scope}
	s.scope = temp
	defer func() { s.scope = temp.outer }()
	for _, a := range assigns {
		if a.Name == nil {
			continue
		}
		name := a.Name.Value
		old := s.stored(name)
		if old != nil && old.attr&readonly != 0 {
			s.warnf("%s: readonly variable", name)
			continue
		}
		value := ""
		if a.Array != nil {
			value = s.arrayText(a.Array)
		} else if a.Value != nil {
			value = s.assignString(a.Value)
		}
		if a.Index != nil {
			continue // bash ignores an element before a command
		}
		if a.Append {
			before, _ := s.value(name)
			value = before + value
		}
		v := &variable{attr: exported, set: true, str: value}
		if old != nil && old.attr&(integer|lower|upper|capital) != 0 {
			v.attr |= old.attr & (integer | lower | upper)
			v.str = s.convert(v.attr, value)
		}
		if s.opts&optXtrace != 0 {
			s.trace(name + "=" + quoteAssigned(v.str))
		}
		temp.put(name, v)
	}
	return temp
}

// callKind says where call looks for a command.
type callKind uint8

const (
	callAny      callKind = iota
	callNoFunc            // command NAME
	callBuiltin           // builtin NAME
	callExternal          // a program, as env and exec run it
)

// call runs a command by name with temporary variables.
func (s *shell) call(args []string, temp *scope, kind callKind) int {
	name := args[0]
	if kind == callAny {
		if fn := s.funcs[name]; fn != nil && !(s.opts&optPosix != 0 && isSpecialBuiltin(name)) {
			return s.callFunc(fn, args, temp)
		}
	}
	if kind != callExternal {
		if b := builtins[name]; b != nil && !s.disabled(name) {
			return s.callBuiltin(b, args, temp)
		}
		if kind == callBuiltin {
			s.warnf("builtin: %s: not a shell builtin", name)
			return 1
		}
	}
	return s.external(args, temp)
}

func (s *shell) callBuiltin(b builtin, args []string, temp *scope) int {
	if temp != nil {
		if s.opts&optPosix != 0 && isSpecialBuiltin(args[0]) || args[0] == "export" || args[0] == "readonly" {
			for name, v := range temp.vars { // they stay
				s.setVar(name, v.str)
			}
			temp = nil
		}
	}
	if temp == nil {
		s.writeFailed = false
		status := s.runBuiltin(b, args)
		if s.writeFailed && status == 0 {
			status = 1
		}
		return status
	}
	temp.outer = s.scope
	s.scope = temp
	defer func() {
		s.dropScope(temp)
		for name := range temp.vars {
			s.assigned(name, "")
		}
	}()
	for name, v := range temp.vars {
		s.assigned(name, v.str)
	}
	return s.runBuiltin(b, args)
}

// runBuiltin names the builtin in mistakes of the expressions that it evaluates; those of a script that it runs are not its own.
func (s *shell) runBuiltin(b builtin, args []string) int {
	outer := s.arithBy
	switch s.arithBy = args[0]; s.arithBy {
	case "eval", ".", "source", "command", "builtin":
		s.arithBy = ""
	}
	status := b(s, args)
	s.arithBy = outer
	return status
}

// dropScope removes a scope that was put on top of the others.
func (s *shell) dropScope(sc *scope) {
	n := 0
	for _, v := range sc.vars {
		if v != nil {
			n += v.size()
		}
	}
	if s.held >= n {
		s.held -= n
		s.budget.Release(n)
	}
	s.scope = sc.outer
}

// abs makes a path absolute against the working directory, uncleaned.
func (s *shell) abs(name string) string {
	switch {
	case name == "" || strings.HasPrefix(name, "/"):
		return name
	case s.dir == "/":
		return "/" + name
	}
	return s.dir + "/" + name
}

// sameDir says whether two paths lead to one directory.
func (s *shell) sameDir(a, b string) bool {
	if !strings.HasPrefix(a, "/") {
		return false
	}
	x, err1 := s.FS.Stat(a)
	y, err2 := s.FS.Stat(b)
	return err1 == nil && err2 == nil && x.IsDir() && x.Ino == y.Ino
}

// text writes to descriptor 1 for a builtin. A pipe that nobody reads ends the process, as SIGPIPE does.
func (s *shell) text(b string) bool { return s.writeFD(1, []byte(b)) }

func (s *shell) writeFD(n int, b []byte) bool {
	st := s.fd(n)
	var err error = vfs.ErrBadFile
	if st != nil {
		_, err = st.write(b, s.proc)
	}
	if err == nil {
		return true
	}
	if err == vfs.ErrPipe && s.proc.ignored.Load()&(1<<sigPipe) == 0 {
		if s.proc.trapped.Load()&(1<<sigPipe) == 0 {
			s.proc.killed.CompareAndSwap(0, sigPipe)
			panic(unwind{unwindDead, 128 + sigPipe})
		}
		s.proc.signal(sigPipe)
	}
	s.warnf("write error: %v", err)
	s.writeFailed = true
	return false
}

func (s *shell) errText(text string) { _, _ = s.handle(2).Write([]byte(text)) }
