package shell

import "strings"

// programEcho is /bin/echo: it has --help, knows octal numbers without a zero before them, and minds POSIXLY_CORRECT.
func programEcho(s *shell, args []string) int {
	_, posix := s.value("POSIXLY_CORRECT")
	if len(args) == 2 && !posix && (args[1] == "--help" || args[1] == "--version") {
		text := "Usage: " + args[0] + " [SHORT-OPTION]... [STRING]...\n  or:  " + args[0] + " LONG-OPTION\nPrint the STRINGs.\n\n  -n  without a newline  -e  with escapes  -E  without, the default\n"
		if args[1] == "--version" {
			text = "echo (flue, compatible with GNU)\n"
		}
		return boolStatus(s.writeNamed("echo", []byte(text)))
	}
	rest := args[1:]
	newline, escapes := true, posix
	for len(rest) > 0 && (!posix || rest[0] == "-n") && len(rest[0]) > 1 && rest[0][0] == '-' && strings.Trim(rest[0][1:], "neE") == "" {
		for _, c := range rest[0][1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		rest = rest[1:]
	}
	var b []byte
	for i, a := range rest {
		if i > 0 {
			b = append(b, ' ')
		}
		stop := false
		if escapes {
			a, stop = ansiC(octalToZero(a), true)
		}
		if b = append(b, a...); stop {
			newline = false
			break
		}
	}
	if newline {
		b = append(b, '\n')
	}
	return boolStatus(s.writeNamed("echo", b))
}
