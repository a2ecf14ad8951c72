package command

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockRules is what a ruleset handles, as the kernel takes it: older kernels take the rest if it is zero.
type landlockRules struct{ files, net, scoped uint64 }

const (
	landlockRulePath = 1
	landlockRulePort = 2
)

// create makes a ruleset and returns its descriptor.
func (r landlockRules) create() (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&r)), unsafe.Sizeof(r), 0)
	if errno != 0 {
		return 0, errno
	}
	return int(fd), nil
}

// allowPath gives rights on a file, or on a folder and all below. A path that does not exist needs none.
func allowPath(ruleset int, path string, file, tree uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	rights := file
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		rights = tree
	}
	if rights == 0 {
		return nil
	}
	rule := struct {
		rights uint64
		fd     int32
	}{rights, int32(fd)}
	return add(ruleset, landlockRulePath, unsafe.Pointer(&rule))
}

// allowPort lets TCP connections out to a port.
func allowPort(ruleset int, port uint16) error {
	rule := struct{ rights, port uint64 }{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, uint64(port)}
	return add(ruleset, landlockRulePort, unsafe.Pointer(&rule))
}

func add(ruleset, kind int, rule unsafe.Pointer) error {
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), uintptr(kind), uintptr(rule), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
