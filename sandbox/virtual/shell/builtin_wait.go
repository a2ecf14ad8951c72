package shell

import (
	"strconv"
	"strings"
)

func builtinWait(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "fnp:")
	if !ok {
		return 2
	}
	target := ""
	for _, o := range opts {
		if v, is := strings.CutPrefix(o, "p="); is {
			target = v
		}
	}
	if base, _, _ := cutSubscript(target); target != "" && !validName(base) {
		s.warnf("wait: `%s': not a valid identifier", target)
		return 1
	}
	if has(opts, "n") {
		return s.waitAny(rest, target)
	}
	if len(rest) == 0 {
		for _, j := range append([]*job(nil), s.jobList...) {
			if status, ok := s.waitJob(j); !ok {
				return status
			}
			s.remember(j)
		}
		if n := len(s.substJobs); n > 0 && s.substJobs[n-1].proc.pid == s.lastJob {
			if status, ok := s.waitJob(s.substJobs[n-1]); !ok {
				return status
			}
		}
		s.substJobs = nil
		return 0
	}
	status := 0
	for _, spec := range rest {
		j := s.findJob(spec)
		if j == nil {
			if old, known := s.oldJobs[spec]; known {
				status = old
				continue
			}
			status = s.noSuchJob(spec)
			continue
		}
		var ok bool
		if status, ok = s.waitJob(j); !ok {
			return status
		}
		s.remember(j)
		if target != "" {
			s.setVar(target, strconv.Itoa(j.proc.pid))
		}
	}
	return status
}

func (s *shell) noSuchJob(spec string) int {
	if strings.HasPrefix(spec, "%") {
		s.warnf("wait: %s: no such job", spec)
		return 127
	}
	if _, err := strconv.Atoi(spec); err == nil {
		s.warnf("wait: pid %s is not a child of this shell", spec)
		return 127
	}
	s.warnf("wait: `%s': not a pid or valid job spec", spec)
	return 1
}

// signalTexts are how bash tells what ended a job.
var signalTexts = map[int]string{1: "Hangup", 3: "Quit", 6: "Aborted", 9: "Killed", 10: "User defined signal 1", 11: "Segmentation fault",
	12: "User defined signal 2", 14: "Alarm clock", 15: "Terminated"}

// remember keeps the status of a job that was waited for, and takes it off the list.
func (s *shell) remember(j *job) {
	old := map[string]int{strconv.Itoa(j.proc.pid): j.status}
	for pid, status := range s.oldJobs {
		old[pid] = status
	}
	s.oldJobs = old
	if text := signalTexts[int(j.proc.killed.Load())]; text != "" {
		s.warnf("%5d %-23s %s", j.proc.pid, text, j.text)
	}
	s.dropJob(j)
}

// waitAny is wait -n: the next of the jobs to end.
func (s *shell) waitAny(specs []string, target string) int {
	list := s.jobList
	if len(specs) > 0 {
		list = nil
		for _, spec := range specs {
			if j := s.findJob(spec); j != nil {
				list = append(list, j)
			} else {
				s.noSuchJob(spec)
			}
		}
	}
	if len(list) == 0 {
		return 127
	}
	first := make(chan *job, len(list))
	stop := make(chan struct{})
	defer close(stop)
	for _, j := range list {
		s.world.jobs.Go(func() {
			select {
			case <-j.done:
				first <- j
			case <-stop:
			}
		})
	}
	for {
		select {
		case j := <-first:
			s.remember(j)
			if target != "" {
				s.setVar(target, strconv.Itoa(j.proc.pid))
			}
			return j.status
		case <-s.wakeChan():
			s.runPending()
			return 130
		case <-s.proc.context().Done():
			s.dead()
		}
	}
}
