package container

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// limits set the kernel's bounds for each process of a script; each command begins with a semicolon.
func (n *namespaces) limits() string {
	var set strings.Builder
	if n.cfg.Memory > 0 {
		fmt.Fprintf(&set, "; ulimit -d %d", max(n.cfg.Memory>>10, 1))
	}
	if n.cfg.PIDs > 0 {
		fmt.Fprintf(&set, "; ulimit -u %d", n.cfg.PIDs)
	}
	return set.String()
}

// dress makes the thread that starts bwrap what a script inherits: its umask and its processors.
func (n *namespaces) dress(number int64) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil { // else the umask would be this whole process's
		return fmt.Errorf("make the umask the script's own: %w", err)
	}
	unix.Umask(0o022)
	want := int(n.cfg.CPUs)
	if n.cfg.CPUs > float64(want) {
		want++
	}
	if want == 0 || want >= runtime.NumCPU() {
		return nil
	}
	var have, own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &have); err != nil {
		return fmt.Errorf("ask for the processors: %w", err)
	}
	var all []int
	for cpu := range len(have) * 64 {
		if have.IsSet(cpu) {
			all = append(all, cpu)
		}
	}
	for i := range min(want, len(all)) {
		own.Set(all[(int(number)*want+i)%len(all)]) // several scripts are spread over all of them
	}
	if err := unix.SchedSetaffinity(0, &own); err != nil {
		return fmt.Errorf("bound the processors: %w", err)
	}
	return nil
}
