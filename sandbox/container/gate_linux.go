package container

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// gate holds a script back until its namespaces are bound to end with this process. bwrap binds them in their first moments,
// and does not notice if this process is gone by then: the script, which has one end of a socket, goes on only when the
// other end tells it to.
type gate struct {
	own, inside *os.File
}

// gateFile is the script's end, as a descriptor.
const gateFile = 5

// passGate are the commands with which a script waits at its gate.
var passGate = fmt.Sprintf("echo >&%d; read -r go <&%[1]d || exit; exec %[1]d>&-", gateFile)

func newGate() (*gate, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make a socket: %w", err)
	}
	return &gate{os.NewFile(uintptr(pair[0]), "gate"), os.NewFile(uintptr(pair[1]), "gate")}, nil
}

// open lets the script go on once first, the first process of its namespaces, waits for the script, which it does when it
// is bound.
func (g *gate) open(first int) {
	if _, err := g.own.Read(make([]byte, 1)); err != nil {
		return // it did not come so far
	}
	for busy(first) {
		time.Sleep(50 * time.Microsecond)
	}
	_, _ = g.own.WriteString("\n") // it may be gone
}

func (g *gate) close() {
	g.own.Close()
	g.inside.Close()
}

// busy says whether a process is at work, and does not wait for something to happen.
func busy(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false // it is gone
	}
	_, state, _ := bytes.Cut(stat, []byte(") ")) // behind its name
	return len(state) > 0 && (state[0] == 'R' || state[0] == 'D')
}

// told is what bwrap says of a script: the first process of its namespaces, and how it ended.
type told struct {
	Child *int `json:"child-pid"`
	Exit  *int `json:"exit-code"`
}

// listenTo reads what bwrap says until it ends, and returns the script's exit status; nil: it did not come to start it.
func listenTo(r io.Reader, began func(first int)) (status *int) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var said told
		if json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &said) != nil {
			continue
		}
		if said.Child != nil {
			began(*said.Child)
		}
		if said.Exit != nil {
			status = said.Exit
		}
	}
	return status
}
