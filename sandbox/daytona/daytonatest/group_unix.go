//go:build unix

package daytonatest

import (
	"os/exec"
	"syscall"
)

// ownGroup has a command begin a group of processes. What leaves the group ends with the first process of bubblewrap's
// namespace, which does not.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup asks the processes of a group to end, or has them killed.
func endGroup(pid int, kill bool) {
	signal := syscall.SIGTERM
	if kill {
		signal = syscall.SIGKILL
	}
	_ = syscall.Kill(-pid, signal) // what has gone needs none
}
