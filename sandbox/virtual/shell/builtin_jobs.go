package shell

import (
	"fmt"
	"strconv"
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
