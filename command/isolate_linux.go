package command

import (
	"fmt"
	"os/exec"
	"slices"
	"sync"

	"github.com/flue-run/flue/sandbox/bubblewrap"
	"golang.org/x/sys/unix"
)

// Isolation says how this host confines the programs of commands. The first call finds it out.
func Isolation() Layer { return host().layer }

// host is what this host can do.
var host = sync.OnceValue(func() (h struct {
	layer Layer
	bwrap string
	abi   int // of landlock; 0: there is none
}) {
	path, missing := bubblewrap.Find()
	h.bwrap = path
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno == 0 {
		h.abi = int(abi)
	}
	switch {
	case h.bwrap != "":
		h.layer = Layer{Name: "bubblewrap",
			Covers: []string{"files but those of the system and of its workspace", "other processes", "the network, unless `network` is declared"},
			Leaves: []string{"which hosts a command with `network` connects to"}}
	case h.abi > 0:
		h.layer = Layer{Name: "landlock", Without: missing.Error(),
			Covers: []string{"files but those of the system and of its workspace", "/proc of other processes"},
			Leaves: []string{"UDP", "sockets of the host's services"}}
		if h.abi >= 4 {
			h.layer.Covers = append(h.layer.Covers, "TCP ports but those that `network` declares")
			h.layer.Leaves = append(h.layer.Leaves, "which hosts are behind a declared port")
		} else {
			h.layer.Leaves = append(h.layer.Leaves, "the network (Linux 6.7 has it)")
		}
		if h.abi >= 6 {
			h.layer.Covers = append(h.layer.Covers, "signals to other processes")
		} else {
			h.layer.Leaves = append(h.layer.Leaves, "signals to other processes (Linux 6.12 has it)")
		}
	default:
		h.layer = Layer{Name: "none", Without: missing.Error() + ", and this kernel has no landlock",
			Leaves: []string{"files", "network", "other processes"}}
	}
	h.layer.Landlock = h.abi
	return h
})

// apply confines what cmd will start: by putting bubblewrap before it, else by confining this thread.
func (c *confinement) apply(cmd *exec.Cmd) error {
	h := host()
	switch {
	case h.bwrap != "":
		cmd.Args = slices.Concat([]string{"bwrap"}, c.bwrap(), []string{"--", cmd.Path}, cmd.Args[1:])
		cmd.Path = h.bwrap
		bubblewrap.Enclose(cmd.SysProcAttr)
		return nil
	case h.abi > 0:
		return c.landlock(h.abi)
	}
	return nil
}

// bwrap is the confinement as arguments of bubblewrap.
func (c *confinement) bwrap() []string {
	args := bubblewrap.Base()
	if c.net {
		args = append(args, "--share-net")
	}
	args = append(args, bubblewrap.ReadOnly(there(c.read))...)
	for _, path := range c.write {
		args = append(args, "--bind", path, path)
	}
	return append(args, "--chdir", c.dir)
}

// Rights of landlock, by the version of its interface (https://docs.kernel.org/userspace-api/landlock.html).
const (
	readFile  = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	readDir   = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	writeFile = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	changeDir = unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_REFER
	never = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
)

// devices and facts are files that programs cannot do without; /proc itself would show other processes.
var (
	devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
	facts   = []string{"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems", "/proc/loadavg", "/proc/sys",
		"/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup"}
)

// landlock confines the thread that calls it, and what it starts, for good.
func (c *confinement) landlock(abi int) error {
	files := uint64(readDir | writeFile | changeDir | never)
	if abi < 2 {
		files &^= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi < 3 {
		files &^= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi < 5 {
		files &^= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	ruleset := landlockRules{files: files}
	if abi >= 4 {
		ruleset.net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 6 {
		ruleset.scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	fd, err := ruleset.create()
	if err != nil {
		return fmt.Errorf("make a landlock ruleset: %w", err)
	}
	defer unix.Close(fd)
	for _, group := range []struct {
		paths      []string
		file, tree uint64
	}{
		{c.read, readFile, readDir},
		{c.write, readFile | writeFile, readDir | writeFile | changeDir},
		{devices, unix.LANDLOCK_ACCESS_FS_READ_FILE | writeFile | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV, 0},
		{facts, unix.LANDLOCK_ACCESS_FS_READ_FILE, unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR},
	} {
		for _, path := range group.paths {
			if err := allowPath(fd, path, group.file&files, group.tree&files); err != nil {
				return fmt.Errorf("allow %s: %w", path, err)
			}
		}
	}
	if abi >= 4 {
		for _, port := range c.ports {
			if err := allowPort(fd, port); err != nil {
				return fmt.Errorf("allow port %d: %w", port, err)
			}
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(fd), 0, 0); errno != 0 {
		return fmt.Errorf("apply the landlock ruleset: %w", errno)
	}
	return nil
}
