package shell

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const (
	errNotDir     = vfs.ErrNotDir
	errPermission = vfs.ErrPermission
)

func builtinCaller(s *shell, args []string) int {
	args, ok := s.noOptions(args)
	if !ok {
		return 2
	}
	n := 0
	if len(args) > 0 {
		if n, ok = number(args[0]); !ok {
			s.warnf("caller: %s: invalid number", args[0])
			return s.misused("caller")
		}
	}
	i := len(s.frames) - 1 - n
	if i < 0 {
		if len(s.frames) == 0 && len(args) == 0 && s.mainFile != "" {
			s.text("0 NULL\n")
			return 0
		}
		return 1
	}
	if i == 0 && len(args) > 0 && s.isRead() {
		return 1
	}
	f := s.frames[i]
	caller, source := "main", s.mainFile
	if i > 0 {
		caller, source = s.frames[i-1].name, s.frames[i-1].source
	}
	if source == "" {
		if source = s.mainFile; source == "" {
			source = "NULL"
		}
	}
	if len(args) > 0 {
		s.text(fmt.Sprintf("%d %s %s\n", f.line, caller, source))
	} else {
		s.text(fmt.Sprintf("%d %s\n", f.line, source))
	}
	return 0
}

func builtinTimes(s *shell, args []string) int {
	if _, ok := s.noOptions(args); !ok {
		return 2
	}
	s.text("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func builtinUlimit(s *shell, args []string) int {
	values := []struct{ letter, name, value string }{
		{"R", "real-time non-blocking time  (microseconds, -R)", "unlimited"},
		{"c", "core file size              (blocks, -c)", "0"},
		{"d", "data seg size               (kbytes, -d)", "unlimited"},
		{"e", "scheduling priority                 (-e)", "0"},
		{"f", "file size                   (blocks, -f)", "unlimited"},
		{"i", "pending signals                     (-i)", formatInt(s.budget.Limits.Jobs)},
		{"l", "max locked memory           (kbytes, -l)", "unlimited"},
		{"m", "max memory size             (kbytes, -m)", "unlimited"},
		{"n", "open files                          (-n)", formatInt(s.budget.Limits.Descriptors)},
		{"p", "pipe size                (512 bytes, -p)", "8"},
		{"q", "POSIX message queues         (bytes, -q)", "819200"},
		{"r", "real-time priority                  (-r)", "0"},
		{"s", "stack size                  (kbytes, -s)", "8192"},
		{"t", "cpu time                   (seconds, -t)", "unlimited"},
		{"u", "max user processes                  (-u)", formatInt(s.budget.Limits.Jobs)},
		{"v", "virtual memory              (kbytes, -v)", "unlimited"},
		{"x", "file locks                          (-x)", "unlimited"},
	}
	letter, hard, soft := "f", false, false
	for _, a := range args[1:] {
		if !strings.HasPrefix(a, "-") {
			return s.setUlimit(letter, a, hard, soft)
		}
		for _, c := range a[1:] {
			switch c {
			case 'a':
				for _, v := range values {
					s.text(v.name + " " + s.ulimit(v.letter, v.value, hard) + "\n")
				}
				return 0
			case 'H':
				hard = true
			case 'S':
				soft = true
			default:
				letter = string(c)
			}
		}
	}
	for _, v := range values {
		if v.letter == letter {
			s.text(s.ulimit(letter, v.value, hard) + "\n")
			return 0
		}
	}
	return s.badOption("ulimit", "-"+letter)
}

// ulimit is a limit as it was set, or its value at the beginning.
func (s *shell) ulimit(letter, value string, hard bool) string {
	key := "S" + letter
	if hard {
		key = "H" + letter
	}
	if set, ok := s.ulimits[key]; ok {
		return set
	}
	return value
}

// setUlimit remembers a limit and no more: those that count are the sandbox's own.
func (s *shell) setUlimit(letter, value string, hard, soft bool) int {
	n, isNumber := number(value)
	if isNumber && n > 1<<53 && strings.Contains("cdflmsv", letter) {
		s.warnf("ulimit: %s: limit out of range", value)
		return 1
	}
	if !isNumber && value != "unlimited" && value != "hard" && value != "soft" {
		s.warnf("ulimit: %s: invalid number", value)
		return 1
	}
	if value == "hard" || value == "soft" {
		return 0
	}
	s.ulimits = cloneMap(s.ulimits)
	if hard || !soft {
		s.ulimits["H"+letter] = value
	}
	if soft || !hard {
		s.ulimits["S"+letter] = value
	}
	return 0
}
