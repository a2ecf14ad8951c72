package vfs

import "io/fs"

// Error is a file error whose text is what GNU tools print for it. FS methods return it bare: the
// caller knows the path.
type Error string

// The errors of FS and File, by their names in errno.h.
const (
	ErrNotExist    Error = "No such file or directory"         // ENOENT
	ErrExist       Error = "File exists"                       // EEXIST
	ErrIsDir       Error = "Is a directory"                    // EISDIR
	ErrNotDir      Error = "Not a directory"                   // ENOTDIR
	ErrNotEmpty    Error = "Directory not empty"               // ENOTEMPTY
	ErrPermission  Error = "Permission denied"                 // EACCES
	ErrNotAllowed  Error = "Operation not permitted"           // EPERM
	ErrReadOnly    Error = "Read-only file system"             // EROFS
	ErrInvalid     Error = "Invalid argument"                  // EINVAL
	ErrLoop        Error = "Too many levels of symbolic links" // ELOOP
	ErrNameTooLong Error = "File name too long"                // ENAMETOOLONG
	ErrBadFile     Error = "Bad file descriptor"               // EBADF
	ErrPipe        Error = "Broken pipe"                       // EPIPE
	ErrSeek        Error = "Illegal seek"                      // ESPIPE
	ErrNoSpace     Error = "No space left on device"           // ENOSPC
	ErrTooBig      Error = "File too large"                    // EFBIG
	ErrCrossDevice Error = "Invalid cross-device link"         // EXDEV
	ErrBusy        Error = "Device or resource busy"           // EBUSY
	ErrIO          Error = "Input/output error"                // EIO
	ErrStale       Error = "Stale file handle"                 // ESTALE
	ErrNoDevice    Error = "No such device or address"         // ENXIO
	ErrInterrupted Error = "Interrupted system call"           // EINTR
)

func (e Error) Error() string { return string(e) }

// Is lets errors.Is match the errors of io/fs.
func (e Error) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ErrNotExist
	case fs.ErrExist:
		return e == ErrExist
	case fs.ErrPermission:
		return e == ErrPermission || e == ErrReadOnly || e == ErrNotAllowed
	case fs.ErrInvalid:
		return e == ErrInvalid
	}
	return false
}
