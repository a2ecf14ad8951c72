package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// job is a background job. All jobs end with the Exec.
type job struct {
	id     int
	proc   *proc
	text   string
	done   chan struct{} // closed when status is there
	status int
	fds    [2]int // of a coproc
	name   string
}

func (j *job) running() bool {
	select {
	case <-j.done:
		return false
	default:
		return true
	}
}

// startJob runs f as the life of child, beside this shell.
func (s *shell) startJob(child *shell, text string, f func() int) *job {
	if s.budget.StartJob() != nil {
		child.finish()
		s.dead()
	}
	child.proc = s.newProc(s.proc, s.proc.context())
	child.inheritTraps(s)
	j := &job{proc: child.proc, text: text, done: make(chan struct{})}
	s.world.jobs.Go(func() {
		defer s.budget.EndJob()
		j.status = child.runSubshell(f)
		close(j.done)
	})
	return j
}

// background is command &.
func (s *shell) background(st *syntax.Stmt) {
	child := s.fork(true)
	child.setFD(0, child.textStream(""))
	fg := *st
	fg.Background = false
	j := s.startJob(child, printNode(&fg), func() int { return child.stmt(&fg) })
	s.addJob(j)
	s.status = 0
}

func (s *shell) addJob(j *job) {
	for _, other := range s.jobList {
		j.id = max(j.id, other.id)
	}
	j.id++
	s.jobList = append(s.jobList, j)
	s.lastJob = j.proc.pid
}

// findJob reads %1, %%, %-, %text, or a process number.
func (s *shell) findJob(spec string) *job {
	if !strings.HasPrefix(spec, "%") {
		pid, err := strconv.Atoi(spec)
		if err != nil {
			return nil
		}
		for _, list := range [][]*job{s.jobList, s.substJobs} {
			for _, j := range list {
				if j.proc.pid == pid {
					return j
				}
			}
		}
		return nil
	}
	spec = spec[1:]
	n := len(s.jobList)
	switch {
	case n == 0:
		return nil
	case spec == "" || spec == "%" || spec == "+":
		return s.jobList[n-1]
	case spec == "-":
		return s.jobList[max(0, n-2)]
	}
	id, err := strconv.Atoi(spec)
	for _, j := range s.jobList {
		if err == nil && j.id == id || err != nil && strings.HasPrefix(j.text, spec) ||
			err != nil && spec[0] == '?' && strings.Contains(j.text, spec[1:]) {
			return j
		}
	}
	return nil
}

func (s *shell) dropJob(j *job) {
	for i, other := range s.jobList {
		if other == j {
			s.jobList = append(s.jobList[:i:i], s.jobList[i+1:]...)
			return
		}
	}
}

// waitJob waits until a job is over, or a trapped signal comes: then ok is false.
func (s *shell) waitJob(j *job) (status int, ok bool) {
	for {
		select {
		case <-j.done:
			return j.status, true
		case <-s.wakeChan():
			if s.proc.pending.Load() != 0 {
				for n := 1; n < 64; n++ {
					if s.proc.pending.Load()&(1<<n) != 0 {
						s.runPending()
						return 128 + n, false
					}
				}
			}
		case <-s.proc.context().Done():
			s.dead()
		}
	}
}

// wakeChan tells of signals to this process; nil, which never tells, for a subshell that cannot be reached.
func (s *shell) wakeChan() chan struct{} { return s.proc.wake }

// coproc starts a command whose input and output are descriptors in an array.
func (s *shell) coproc(c *syntax.CoprocClause) int {
	name := "COPROC"
	if c.Name != nil {
		name = s.wordString(c.Name)
	}
	in, out := s.newPipe(), s.newPipe()
	child := s.fork(true)
	child.setFD(0, s.newStream(&stream{pipe: in, reader: true}))
	child.setFD(1, s.newStream(&stream{pipe: out}))
	from, to := s.freeFD(60), 0
	s.setFD(from, s.newStream(&stream{pipe: out, reader: true}))
	to = s.freeFD(60)
	s.setFD(to, s.newStream(&stream{pipe: in}))
	j := s.startJob(child, printNode(c.Stmt), func() int { return child.stmt(c.Stmt) })
	j.fds, j.name = [2]int{from, to}, name
	s.addJob(j)
	v := s.writable(name)
	s.store(v, func() {
		v.attr |= indexed
		v.list = newArray([]string{strconv.Itoa(from), strconv.Itoa(to)})
	})
	s.setVar(name+"_PID", strconv.Itoa(j.proc.pid))
	s.status = 0
	return 0
}
