package sqlite

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockByte locks a byte of f as long as f is open: an open file description's lock, which another one in the same process
// neither shares nor drops.
func lockByte(f *os.File, offset int64) error {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: offset, Len: 1}
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &lock)
}

// byteLocked says whether somebody else has locked a byte of f.
func byteLocked(f *os.File, offset int64) (bool, error) {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: offset, Len: 1}
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock)
	return lock.Type != unix.F_UNLCK, err
}
