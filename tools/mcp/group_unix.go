//go:build unix

package mcp

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a program the leader of a process group of its own.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a program that has not been waited for, with everything that it started.
func killGroup(c *exec.Cmd) {
	syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // what has ended already needs none
}
