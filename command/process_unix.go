//go:build unix && !linux

package command

import (
	"os"
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func (p *process) start(cmd *exec.Cmd) (release func(), err error) { return func() {}, cmd.Start() }

// awaitExit waits for the end of a child. wait gives its state.
func awaitExit(child *os.Process) (wait func() (*os.ProcessState, error)) {
	state, err := child.Wait()
	return func() (*os.ProcessState, error) { return state, err }
}

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // it may be gone

func sweep(string) {}
