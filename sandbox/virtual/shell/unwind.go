package shell

import (
	"fmt"
	"io"
)

// flow is what interrupts the running of statements.
type flow uint8

const (
	flowNone flow = iota
	flowBreak
	flowContinue
	flowReturn
	flowExit
)

// unwind is the panic that ends more than a statement: an expansion that failed, or the Exec's end.
type unwind struct {
	kind   unwindKind
	status int
}

type unwindKind uint8

const (
	unwindLine  unwindKind = iota // back to the reading of the script or of eval's text, with its next line
	unwindTop                     // back to the reading of the script itself
	unwindShell                   // this shell ends
	unwindDead                    // the Exec, or this process, was ended from outside
)

func (s *shell) dead() { panic(unwind{unwindDead, 137}) }

// discard ends the line of the script that runs, as bash does when an expansion fails.
func (s *shell) discard(format string, args ...any) {
	s.warnf(format, args...)
	panic(unwind{unwindLine, 1})
}

// fatalStatus is that of a shell which an unset parameter ended.
func (s *shell) fatalStatus() int {
	if s.commandString {
		return 127
	}
	return 1
}

// fatal ends the shell.
func (s *shell) fatal(status int, format string, args ...any) {
	s.warnf(format, args...)
	panic(unwind{unwindShell, status})
}

// protect runs f and makes an unwinding, or any other panic, a status.
func (s *shell) protect(f func() int) (status int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unwind:
			status = r.status
			s.status = status
			if r.kind != unwindLine && !(s.session && r.kind <= unwindShell) {
				s.flow = flowExit
			}
			if n := s.proc.deadBy(); n != 0 {
				status = 128 + n
			}
		default:
			io.WriteString(s.world.stderr, fmt.Sprintf("flue: internal error: %v\n", r))
			status = 125
			s.flow = flowExit
		}
	}()
	return f()
}
