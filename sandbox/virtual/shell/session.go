package shell

import (
	"context"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// Session is a shell that a person talks to: its variables, functions, options and directory are there for the next
// script, and a mistake does not end it. What runs in the background and files that exec opened end with each script.
// The zero value is a new one. Its methods must not be called side by side.
type Session struct {
	last   *shell // as the last script left it
	prompt string
	ended  bool
}

// Run runs a script as Run does. A Stdin with the method Unread gets back what was read ahead. Of cfg, Args, Env and Dir count for the first one only.
func (x *Session) Run(ctx context.Context, cfg Config, script string) int {
	status := runWorld(ctx, cfg, func(s *shell) int {
		x.resume(s)
		if s.opts&optHistory == 0 { // else the reading of the script does it
			s.addHistory(script)
		}
		status := s.protect(func() int { return s.runText(script, "") })
		if x.ended = s.flow == flowExit && s.budget.Err() == nil; x.ended {
			status = s.protect(func() int { return s.runExitTrap(status) })
		}
		s.status = status
		x.prompt = ""
		s.flow = flowNone
		s.protect(func() int { x.prompt = s.prompt(s.get("PS1")); return 0 })
		x.last = s
		s.giveInputBack()
		return status
	})
	if x.last != nil {
		x.last.status = status // which is a limit's where one struck
	}
	return status
}

// giveInputBack gives what was read ahead and not used to whoever reads the input next, if it takes it.
func (s *shell) giveInputBack() {
	st := s.fd(0)
	if st == nil {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if back, ok := st.in.(interface{ Unread(data []byte) }); ok && len(st.buf) > 0 {
		back.Unread(st.buf)
		st.buf = nil
	}
}

// resume makes s what the last script left.
func (x *Session) resume(s *shell) {
	s.session = true
	l := x.last
	if l == nil {
		s.opts |= optExpandAliases
		s.scope.vars["PS1"] = &variable{set: true, str: `\w\$ `}
		s.scope.vars["PS2"] = &variable{set: true, str: "> "}
		return
	}
	s.scope = l.scope
	for s.scope.outer != nil { // a limit may have struck in a function
		s.scope = s.scope.outer
	}
	s.budget.Release(s.held)
	s.held = 0
	n := 0
	s.scope.names(func(name string, v *variable) { n += v.size() + len(name) })
	s.hold(n)
	s.funcs, s.aliases, s.hashed, s.undynamic, s.mapsShared = l.funcs, l.aliases, l.hashed, l.undynamic, l.mapsShared
	s.opts, s.off, s.umask, s.traps = l.opts, l.off, l.umask, l.traps
	s.arg0, s.params, s.dir, s.dirs, s.lastArg = l.arg0, l.params, l.dir, l.dirs, l.lastArg
	s.status, s.pipeStatus = l.status, l.pipeStatus
	s.hist, s.histRead, s.completions, s.remembered = l.hist, l.histRead, l.completions, l.remembered
	s.seconds, s.epoch, s.getopt, s.random = l.seconds, l.epoch, l.getopt, l.random
	s.randomState, s.lastRandom = l.randomState, l.lastRandom
	s.world.bad = l.world.bad // functions may have them
}

// Ended says whether the last script has left the shell, by exit or by set -e.
func (x *Session) Ended() bool { return x.ended }

// Prompt is PS1 as the last script left it, and PS2; they are "" before the first one.
func (x *Session) Prompt() (first, more string) {
	if x.last == nil {
		return "", ""
	}
	return x.prompt, x.last.get("PS2")
}

// SetStatus makes $? what it is after a line that was ended from outside.
func (x *Session) SetStatus(status int) {
	if x.last != nil {
		x.last.status = status
	}
}

// Dir is the working directory; "" before the first script.
func (x *Session) Dir() string {
	if x.last == nil {
		return ""
	}
	return x.last.dir
}

// Commands are the names that a command may have, sorted: aliases, functions, builtins, keywords and programs.
func (x *Session) Commands() []string {
	names := sortedKeys(builtins)
	names = append(names, keywords...)
	if s := x.last; s != nil {
		names = slices.Concat(names, sortedKeys(s.aliases), sortedKeys(s.funcs), sortedKeys(s.Commands))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Variables are the names of the variables, sorted.
func (x *Session) Variables() []string {
	var names []string
	if x.last != nil {
		x.last.visible(func(name string, v *variable) {
			if v.set || v.isArray() {
				names = append(names, name)
			}
		})
	}
	return names
}

// Incomplete says whether text is the beginning of a script that goes on in the next line.
func Incomplete(text string) bool {
	backslashes := 0
	for i := len(text) - 1; i >= 0 && text[i] == '\\'; i-- {
		backslashes++
	}
	if backslashes%2 == 1 {
		return true
	}
	for _, err := range parseStmts(hold(text + "\n")) {
		if err != nil {
			return syntax.IsIncomplete(err)
		}
	}
	return false
}
