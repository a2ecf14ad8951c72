package container

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// gate holds a script back until this process has heard of it: if that is gone by then, the script ends before it has begun.
// A script is killed with this process, but for its first moments, in which it is not bound to it yet.
type gate struct {
	own, inside *os.File // the ends of a socket; inside is the script's
}

// gateFile is the script's end, as a descriptor.
const gateFile = 4

// passGate are the commands with which a script waits at its gate.
var passGate = fmt.Sprintf("echo >&%d; read -r go <&%[1]d || exit; exec %[1]d>&-", gateFile)

func newGate() (*gate, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make a socket: %w", err)
	}
	return &gate{own: os.NewFile(uintptr(pair[0]), "gate"), inside: os.NewFile(uintptr(pair[1]), "gate")}, nil
}

// open lets the script go on when it comes to the gate, and then says whether it did, before it ended.
func (g *gate) open() (passed <-chan bool) {
	said := make(chan bool, 1)
	go func() {
		_, err := g.own.Read(make([]byte, 1))
		_, _ = g.own.WriteString("\n") // it may be gone
		said <- err == nil
	}()
	return said
}
