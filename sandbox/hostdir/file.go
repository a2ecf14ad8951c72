package hostdir

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// file is an open file of the folder.
type file struct{ *os.File }

// Read reads from the file's position.
func (h *file) Read(p []byte) (int, error) {
	n, err := h.File.Read(p)
	return n, translate(err)
}

// Write writes all of p.
func (h *file) Write(p []byte) (int, error) {
	n, err := h.File.Write(p)
	return n, translate(err)
}

// Seek sets the position.
func (h *file) Seek(offset int64, whence int) (int64, error) {
	n, err := h.File.Seek(offset, whence)
	return n, translate(err)
}

// Truncate makes the file size bytes long.
func (h *file) Truncate(size int64) error { return translate(h.File.Truncate(size)) }

// Stat tells about the file, whatever its name leads to by now.
func (h *file) Stat() (vfs.Info, error) {
	i, err := h.File.Stat()
	if err != nil {
		return vfs.Info{}, translate(err)
	}
	return toInfo(i), nil
}

// Close closes the file.
func (h *file) Close() error { return translate(h.File.Close()) }

// translate makes the host's errors those of vfs, which say nothing of the host's paths.
func translate(err error) error {
	var known vfs.Error
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.As(err, &known):
		return known
	case errors.Is(err, fs.ErrNotExist):
		return vfs.ErrNotExist
	case errors.Is(err, fs.ErrExist):
		return existing(err)
	case errors.Is(err, fs.ErrPermission):
		return vfs.ErrPermission
	case errors.Is(err, fs.ErrClosed):
		return vfs.ErrBadFile
	}
	if e, ok := systemError(err); ok {
		return e
	}
	if strings.Contains(err.Error(), "escapes from parent") { // os.Root has no error value for it
		return vfs.ErrPermission
	}
	return vfs.ErrIO
}
