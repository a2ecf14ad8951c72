package command

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/flue-run/flue/sandbox/bubblewrap"
	"golang.org/x/sys/unix"
)

// attributes makes the program the leader of a session, and so of a process group, without a terminal, and has it killed
// when flue dies.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// adopt makes flue the parent of processes whose own parent has gone, so that sweep finds those that left their group.
var adopt = sync.OnceFunc(func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }) // older than Linux 3.4: they are not found

// start starts the program, confined.
func (p *process) start(cmd *exec.Cmd) (release func(), err error) {
	adopt()
	return bubblewrap.Start(cmd, func() error {
		if p.confine == nil {
			return nil
		}
		if err := p.confine.apply(cmd); err != nil {
			return fmt.Errorf("confine it: %w", err)
		}
		return nil
	})
}

// awaitExit waits for the end of a child without taking its entry away, which keeps its number from other processes
// until wait is called.
func awaitExit(child *os.Process) (wait func() (*os.ProcessState, error)) {
	for {
		if err := unix.Waitid(unix.P_PID, child.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			return child.Wait
		}
	}
}

func killGroup(pid int) { _ = unix.Kill(-pid, unix.SIGKILL) } // it may be gone

// sweep kills what has left its process group: processes whose parent has gone and whose environment has the marker.
func sweep(marker string) {
	for {
		// Mostly there is no child left at all, which one question tells.
		if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err == unix.ECHILD {
			return
		}
		found := false
		for _, pid := range children() {
			env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
			if err != nil || !bytes.Contains(env, []byte(marker)) {
				continue
			}
			found = true
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone
			for {
				if _, err := unix.Wait4(pid, nil, 0, nil); err != unix.EINTR {
					break
				}
			}
		}
		if !found {
			return
		}
	}
}

// children are those of this process, by the kernel's list for each of its threads.
func children() []int {
	files, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is right
	var all []int
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}
