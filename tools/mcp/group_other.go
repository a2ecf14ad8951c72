//go:build !unix

package mcp

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup kills the program; there are no process groups here.
func killGroup(c *exec.Cmd) {
	c.Process.Kill() // what has ended already needs none
}
