// Command measure runs a program and writes what it took to the file named first, as wall time in ns and peak of resident
// memory in bytes. It exists because Linux counts into a child's peak what its parent held when it was made: a benchmark's
// own process is too large for that, and this one is small.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	begun := time.Now()
	err := cmd.Run()
	wall := time.Since(begun)
	if err != nil {
		log.Fatal(err)
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		peak <<= 10 // told in KiB
	}
	if err := os.WriteFile(os.Args[1], fmt.Appendf(nil, "%d %d", wall, peak), 0o644); err != nil {
		log.Fatal(err)
	}
}
