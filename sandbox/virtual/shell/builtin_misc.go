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
	n := 0
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("caller: %s: invalid number", args[1])
			return 2
		}
	}
	i := len(s.frames) - 1 - n
	if i < 0 {
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
	if len(args) > 1 {
		s.text(fmt.Sprintf("%d %s %s\n", f.line, caller, source))
	} else {
		s.text(fmt.Sprintf("%d %s\n", f.line, source))
	}
	return 0
}

func builtinTimes(s *shell, _ []string) int {
	s.text("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func builtinUlimit(s *shell, args []string) int {
	values := []struct{ letter, name, value string }{
		{"c", "core file size              (blocks, -c)", "0"},
		{"d", "data seg size               (kbytes, -d)", "unlimited"},
		{"f", "file size                   (blocks, -f)", "unlimited"},
		{"n", "open files                          (-n)", formatInt(s.budget.Limits.Descriptors)},
		{"s", "stack size                  (kbytes, -s)", "8192"},
		{"t", "cpu time                   (seconds, -t)", "unlimited"},
		{"u", "max user processes                  (-u)", formatInt(s.budget.Limits.Jobs)},
		{"v", "virtual memory              (kbytes, -v)", "unlimited"},
	}
	letter := "f"
	for _, a := range args[1:] {
		if !strings.HasPrefix(a, "-") {
			return 0 // limits are the sandbox's own: setting one changes nothing
		}
		for _, c := range a[1:] {
			if c == 'a' {
				for _, v := range values {
					s.text(v.name + " " + v.value + "\n")
				}
				return 0
			}
			if c != 'H' && c != 'S' {
				letter = string(c)
			}
		}
	}
	for _, v := range values {
		if v.letter == letter {
			s.text(v.value + "\n")
			return 0
		}
	}
	return s.usage("ulimit", "-%s: invalid option", letter)
}

func builtinHelp(s *shell, args []string) int {
	if len(args) == 1 {
		s.text("These shell commands are defined internally: " + strings.Join(sortedKeys(builtins), " ") + "\n")
		return 0
	}
	status := 1
	for _, name := range args[1:] {
		if builtins[name] != nil {
			s.text(name + ": " + name + " is a shell builtin\n")
			status = 0
		}
	}
	if status != 0 {
		s.warnf("help: no help topics match `%s'.", args[1])
	}
	return status
}
