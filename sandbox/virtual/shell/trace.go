package shell

import "strings"

// trace writes a line of xtrace.
func (s *shell) trace(text string) {
	opts, status := s.opts, s.status
	s.opts &^= optXtrace
	prefix := s.prompt(s.get("PS4"))
	s.opts, s.status = opts, status
	if prefix != "" { // a level for each substitution and subshell
		prefix = strings.Repeat(prefix[:1], s.subshell) + prefix
	}
	out := 2
	if fd := s.get("BASH_XTRACEFD"); fd != "" {
		if n, ok := plainInt(fd); ok {
			out = int(n)
		}
	}
	_, _ = s.handle(out).Write([]byte(prefix + text + "\n"))
}
