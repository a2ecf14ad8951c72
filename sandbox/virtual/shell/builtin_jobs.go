package shell

import (
	"fmt"
	"strconv"
	"strings"
)

func builtinJobs(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "lnprs")
	if !ok {
		return 2
	}
	for i, j := range append([]*job(nil), s.jobList...) {
		if len(rest) > 0 && s.findJob(rest[0]) != j {
			continue
		}
		running := j.running()
		if has(opts, "r") && !running {
			continue
		}
		if has(opts, "p") {
			s.text(strconv.Itoa(j.proc.pid) + "\n")
			continue
		}
		mark := byte(' ')
		switch i {
		case len(s.jobList) - 1:
			mark = '+'
		case len(s.jobList) - 2:
			mark = '-'
		}
		state, suffix := "Running", " &"
		if !running {
			state, suffix = "Done", ""
			if j.status != 0 {
				state = "Exit " + strconv.Itoa(j.status)
			}
		}
		pid := ""
		if has(opts, "l") {
			pid = strconv.Itoa(j.proc.pid) + " "
		}
		s.text(fmt.Sprintf("[%d]%c  %s%-24s%s%s\n", j.id, mark, pid, state, j.text, suffix))
		if !running {
			s.dropJob(j)
		}
	}
	return 0
}

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
	if has(opts, "n") {
		return s.waitAny(rest, target)
	}
	if len(rest) == 0 {
		for _, j := range append([]*job(nil), s.jobList...) {
			if status, ok := s.waitJob(j); !ok {
				return status
			}
			s.dropJob(j)
		}
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

func builtinFg(s *shell, args []string) int {
	if s.opts&optMonitor == 0 {
		s.warnf("%s: no job control", args[0])
		return 1
	}
	spec := "%%"
	if len(args) > 1 {
		spec = args[1]
	}
	j := s.findJob(spec)
	if j == nil {
		s.warnf("%s: current: no such job", args[0])
		return 1
	}
	s.text(j.text + "\n")
	status, _ := s.waitJob(j)
	s.dropJob(j)
	return status
}

func builtinBg(s *shell, args []string) int {
	if s.opts&optMonitor == 0 {
		s.warnf("bg: no job control")
		return 1
	}
	return 0
}

func builtinDisown(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "ahr")
	if !ok {
		return 2
	}
	if has(opts, "h") {
		return 0
	}
	if has(opts, "a") || len(rest) == 0 {
		s.jobList = nil
		return 0
	}
	for _, spec := range rest {
		if j := s.findJob(spec); j != nil {
			s.dropJob(j)
		} else {
			s.warnf("disown: %s: no such job", spec)
			return 1
		}
	}
	return 0
}

func builtinKill(s *shell, args []string) int {
	rest := args[1:]
	sig := sigTerm
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") && len(rest[0]) > 1 {
		a := rest[0]
		if a == "--" {
			rest = rest[1:]
			break
		}
		if a == "-l" || a == "-L" {
			return s.killList(rest[1:])
		}
		name := a[1:]
		rest = rest[1:]
		if (a == "-s" || a == "-n") && len(rest) > 0 {
			name, rest = rest[0], rest[1:]
		}
		n, ok := signalNumber(name, false)
		if !ok && strings.EqualFold(name, "EXIT") {
			n, ok = 0, true
		}
		if !ok {
			s.warnf("kill: %s: invalid signal specification", name)
			return 1
		}
		sig = n
		break
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return s.usage("kill", "usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]")
	}
	status := 1
	for _, spec := range rest {
		var p *proc
		if strings.HasPrefix(spec, "%") {
			j := s.findJob(spec)
			if j == nil {
				s.warnf("kill: %s: no such job", spec)
				continue
			}
			p = j.proc
		} else {
			pid, err := strconv.Atoi(spec)
			if err != nil {
				s.warnf("kill: %s: arguments must be process or job IDs", spec)
				continue
			}
			if pid == 0 {
				pid = s.mainPID()
			}
			p = s.findProc(max(pid, -pid))
			if p == nil {
				s.warnf("kill: (%s) - No such process", spec)
				continue
			}
		}
		status = 0
		if sig != 0 {
			p.signal(sig)
		}
	}
	if s.proc.dead() {
		s.dead()
	}
	if s.proc.pending.Load() != 0 {
		s.runPending()
	}
	return status
}

func (s *shell) killList(names []string) int {
	if len(names) == 0 {
		return listSignals(s)
	}
	status := 0
	for _, name := range names {
		n, ok := signalNumber(name, true)
		if !ok || n >= len(signalNames) && n < 128 {
			s.warnf("kill: %s: invalid signal specification", name)
			status = 1
			continue
		}
		if v, isNumber := plainInt(name); isNumber {
			if v > 128 {
				v -= 128
			}
			s.text(strings.TrimPrefix(trapName(int(v)), "SIG") + "\n")
		} else {
			s.text(strconv.Itoa(n) + "\n")
		}
	}
	return status
}
