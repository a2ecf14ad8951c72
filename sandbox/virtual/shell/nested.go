package shell

import (
	"context"
	"strings"
)

// nested is Invocation.Exec: a program or script that a command starts.
func (s *shell) nested(ctx context.Context, by *proc, inv *Invocation, n Nested, std [3]*stream) (status int) {
	if s.budget.Command() != nil || s.ended.Load() {
		return 126
	}
	p := s.newProc(by, ctx)
	stop := context.AfterFunc(ctx, func() { p.signal(sigTerm) })
	defer func() {
		stop()
		s.forgetProc(p)
	}()
	c := *s
	c.proc, c.held, c.procSubs, c.flow = p, 0, nil, flowNone
	if c.depth++; s.budget.Enter(c.depth) != nil {
		return 126
	}
	streams := std
	if n.Stdin != nil && n.Stdin != inv.Stdin {
		streams[0] = s.newStream(&stream{in: n.Stdin})
		defer streams[0].close()
	}
	if n.Stdout != nil && n.Stdout != inv.Stdout {
		streams[1] = s.newStream(&stream{out: n.Stdout})
		defer streams[1].close()
	}
	if n.Stderr != nil && n.Stderr != inv.Stderr {
		streams[2] = s.newStream(&stream{out: n.Stderr})
		defer streams[2].close()
	}
	c.fds = append([]*stream{streams[0], streams[1], streams[2]}, s.fds[min(3, len(s.fds)):]...)
	env := overlay(inv.Env, n)
	if n.Dir != "" {
		c.dir = n.Dir
		if !strings.HasPrefix(n.Dir, "/") {
			c.dir = inv.Path(n.Dir)
		}
	} else {
		c.dir = inv.Dir
	}
	return c.protect(func() int {
		if n.Args == nil {
			return c.startShell(p, []string{"bash", "-c", n.Script}, env, c.dir, streams)
		}
		pathVar, _ := env.Get("PATH")
		c.scope = &scope{vars: map[string]*variable{"PATH": {set: true, str: pathVar}}, outer: &scope{}}
		c.hashed = nil
		prog, status := c.program(n.Args[0])
		if status != 0 {
			return status
		}
		return c.runProgram(p, prog, n.Args, env, c.dir, streams)
	})
}
