package shell

import (
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// capture gathers what a command substitution prints.
type capture struct {
	mu     sync.Mutex
	budget *limits.Budget
	buf    []byte
}

func (c *capture) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.budget.Hold(len(b)); err != nil {
		return 0, err
	}
	c.buf = append(c.buf, b...)
	return len(b), nil
}

// commandSubst is $( … ): the output of a subshell without its last newlines.
func (s *shell) commandSubst(p *syntax.CmdSubst) string {
	if p.TempFile || p.ReplyVar {
		s.fatal(2, "${ command; } is not supported")
	}
	s.substRan = true
	if len(p.Stmts) == 0 {
		s.status = 0
		return ""
	}
	if text, ok := s.fileSubst(p); ok {
		return cleanSubst(text)
	}
	out := &capture{budget: s.budget}
	line, opts := s.line, s.opts
	s.status = s.subshellRun(func(c *shell) int {
		c.setFD(1, c.newStream(&stream{out: out}))
		c.nestedTrace++
		if opts&optInheritErrexit == 0 && opts&optPosix == 0 {
			c.opts &^= optErrexit
		}
		c.noErrexit = 0
		if opts&optErrexit != 0 && c.opts&optErrexit != 0 {
			c.noErrexit = s.noErrexit
		}
		return c.stmts(p.Stmts)
	})
	s.line = line
	out.mu.Lock()
	defer out.mu.Unlock()
	s.budget.Release(len(out.buf))
	s.work(len(out.buf))
	return cleanSubst(string(out.buf))
}

// cleanSubst drops the newlines at the end, and NUL bytes.
func cleanSubst(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.TrimRight(text, "\n")
}

// fileSubst is $(<file).
func (s *shell) fileSubst(p *syntax.CmdSubst) (string, bool) {
	if len(p.Stmts) != 1 {
		return "", false
	}
	st := p.Stmts[0]
	if st.Cmd != nil || len(st.Redirs) != 1 || st.Redirs[0].Op != syntax.RdrIn || st.Redirs[0].N != nil || st.Negated || st.Background {
		return "", false
	}
	name, ok := s.redirectTarget(st.Redirs[0].Word)
	if !ok {
		s.status = 1
		return "", true
	}
	in, err := s.openStream(name, vfs.Read)
	if err != nil {
		s.warnf("%s: %v", name, err)
		s.status = 1
		return "", true
	}
	defer in.close()
	text, err := s.readAll(&handle{st: in, by: s.proc})
	s.status = boolStatus(err == nil)
	return text, true
}

// procSubst is <( … ) and >( … ): a pipe with a name under /dev/fd.
func (s *shell) procSubst(p *syntax.ProcSubst) string {
	pi := s.newPipe()
	r, w := s.newStream(&stream{pipe: pi, reader: true}), s.newStream(&stream{pipe: pi})
	child := s.fork(true)
	mine := r
	if p.Op == syntax.CmdOut {
		mine = w
		pi.slack = pipeSize // a quick reader may be gone before the first write
		child.setFD(0, r)
	} else {
		child.setFD(1, w)
	}
	n := 63
	for s.fd(n) != nil {
		n--
	}
	s.setFD(n, mine)
	job := s.startJob(child, "", func() int { return child.stmts(p.Stmts) })
	s.lastJob = job.proc.pid
	s.substJobs = append(s.substJobs[max(0, len(s.substJobs)-maxSubstJobs+1):], job)
	sub := procSub{fd: n}
	if p.Op == syntax.CmdOut {
		sub.pipe, sub.job = pi, job
		s.world.addSink(job)
	}
	s.procSubs = append(s.procSubs, sub)
	return "/dev/fd/" + formatInt(int64(n))
}

// maxSubstJobs is how many process substitutions a script can wait for.
const maxSubstJobs = 32

// procSub is a process substitution of a command that runs.
type procSub struct {
	fd   int
	pipe *pipe // of >( … ), with its job
	job  *job
}

// closeProcSubs closes the process substitutions of a command that is over. What >( … ) has been given is
// worked off before the next command, so that its output has a place.
func (s *shell) closeProcSubs(mark int) {
	if len(s.procSubs) <= mark {
		return
	}
	over := s.procSubs[mark:]
	s.procSubs = s.procSubs[:mark]
	for _, sub := range over {
		s.setFD(sub.fd, nil)
	}
	for _, sub := range over {
		if sub.job == nil || !sub.pipe.atEnd() {
			continue // somebody, like exec > >( … ), still writes to it
		}
		select {
		case <-sub.job.done:
		case <-s.proc.context().Done():
		}
	}
}

// addSink notes a >( … ), which Run lets come to its end.
func (w *world) addSink(j *job) {
	w.procsMu.Lock()
	w.sinks = append(w.sinks, j)
	w.procsMu.Unlock()
}

// drain waits until every >( … ) has read what was written to it.
func (w *world) drain() {
	w.procsMu.Lock()
	sinks := w.sinks
	w.procsMu.Unlock()
	for _, j := range sinks {
		select {
		case <-j.done:
		case <-w.budget.Context().Done():
			return
		}
	}
}
