//go:build unix

package hostdir

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
	"golang.org/x/sys/unix"
)

const safeOpen = syscall.O_NONBLOCK | syscall.O_NOFOLLOW

// system adds what only Unix knows.
func system(info *vfs.Info, i fs.FileInfo) {
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		info.Ino, info.Nlink = uint64(s.Ino), int(s.Nlink)
	}
}

var systemErrors = map[syscall.Errno]vfs.Error{
	syscall.EISDIR: vfs.ErrIsDir, syscall.ENOTDIR: vfs.ErrNotDir, syscall.ENOTEMPTY: vfs.ErrNotEmpty, syscall.EROFS: vfs.ErrReadOnly,
	syscall.EINVAL: vfs.ErrInvalid, syscall.ELOOP: vfs.ErrLoop, syscall.ENAMETOOLONG: vfs.ErrNameTooLong, syscall.ENOSPC: vfs.ErrNoSpace,
	syscall.EFBIG: vfs.ErrTooBig, syscall.EXDEV: vfs.ErrCrossDevice, syscall.EBUSY: vfs.ErrBusy, syscall.EBADF: vfs.ErrBadFile,
	syscall.ENXIO: vfs.ErrPermission, // a pipe that nobody reads
}

func systemError(err error) (vfs.Error, bool) {
	var n syscall.Errno
	if !errors.As(err, &n) {
		return "", false
	}
	e, ok := systemErrors[n]
	return e, ok
}

// existing tells ENOTEMPTY, which io/fs counts as "exists", from EEXIST.
func existing(err error) error {
	if errors.Is(err, syscall.ENOTEMPTY) {
		return vfs.ErrNotEmpty
	}
	return vfs.ErrExist
}

// rename moves from one folder to another; neither name is followed where it is a link.
func rename(from *os.Root, old string, to *os.Root, name string) error {
	a, err := from.Open(".")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := to.Open(".")
	if err != nil {
		return err
	}
	defer b.Close()
	return unix.Renameat(int(a.Fd()), old, int(b.Fd()), name)
}
