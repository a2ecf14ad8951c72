package shell

import (
	"fmt"
	"slices"
	"strconv"
)

func builtinJobs(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "lnprs")
	if !ok {
		return 2
	}
	list := append([]*job(nil), s.jobList...)
	status := 0
	if len(rest) > 0 {
		list = nil
	}
	for _, spec := range rest {
		if j := s.findJob(spec); j != nil {
			list = append(list, j)
		} else {
			s.warnf("jobs: %s: no such job", spec)
			status = 1
		}
	}
	for _, j := range list {
		running := j.running()
		if has(opts, "r") && !running {
			continue
		}
		if has(opts, "p") {
			s.text(strconv.Itoa(j.proc.pid) + "\n")
			continue
		}
		mark := byte(' ')
		switch len(s.jobList) - 1 - slices.Index(s.jobList, j) {
		case 0:
			mark = '+'
		case 1:
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
	return status
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
	if has(opts, "h") && !has(opts, "a") && len(rest) > 0 {
		return 0
	}
	if has(opts, "a") {
		s.jobList = nil
		return 0
	}
	if len(rest) == 0 {
		if len(s.jobList) == 0 {
			s.warnf("disown: current: no such job")
			return 1
		}
		rest = []string{"%%"}
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

// builtinSuspend is suspend: there is no terminal that could continue the shell.
func builtinSuspend(s *shell, args []string) int {
	if _, _, ok := s.flags(args, "f"); !ok {
		return 2
	}
	s.warnf("suspend: cannot suspend: no job control")
	return 1
}
