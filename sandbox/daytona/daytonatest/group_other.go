//go:build !unix

package daytonatest

import "os/exec"

func ownGroup(*exec.Cmd) {}

func endGroup(int, bool) {} // there is no bubblewrap, and so no process
