package shell

import "strings"

func builtinEcho(s *shell, args []string) int {
	newline, escapes := true, s.opts&optXpgEcho != 0
	i := 1
options:
	for ; i < len(args) && !(escapes && s.opts&optPosix != 0); i++ {
		a := args[i]
		if len(a) < 2 || a[0] != '-' || strings.Trim(a[1:], "neE") != "" {
			break options
		}
		for _, c := range a[1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
	}
	b := make([]byte, 0, 64)
	for j := i; j < len(args); j++ {
		if j > i {
			b = append(b, ' ')
		}
		if !escapes {
			b = append(b, args[j]...)
			continue
		}
		text, stop := ansiC(args[j], true)
		b = append(b, text...)
		if stop {
			newline = false
			break
		}
	}
	if newline {
		b = append(b, '\n')
	}
	if len(b) == 0 {
		return 0
	}
	return boolStatus(s.writeNamed("echo", b))
}

// writeNamed writes to descriptor 1 and names the builtin in the message.
func (s *shell) writeNamed(name string, b []byte) bool {
	if st := s.fd(1); st != nil {
		return s.writeFD(1, b)
	}
	s.warnf("%s: write error: Bad file descriptor", name)
	return false
}
