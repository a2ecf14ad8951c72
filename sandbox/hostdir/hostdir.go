// Package hostdir shows a folder of the host to a sandbox, and nothing beside that folder. Start at Open; what Open
// returns is mounted with vfs.FS.Mount or virtual.Config.Mounts.
//
// Every name goes through os.Root, so that neither "..", nor a link, nor a folder that is swapped while it is being
// walked leads out. Pipes, devices and sockets are listed and cannot be opened; a file with several names can be read
// and not written to, since one of them may be outside.
package hostdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Dir is a folder of the host.
type Dir struct{ root *os.Root }

var _ vfs.Writable = (*Dir)(nil)

// Open opens a folder. Nothing in it is read before it is needed. Close it when no sandbox has it mounted any more.
func Open(dir string) (*Dir, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder to mount: %w", err)
	}
	return &Dir{root}, nil
}

// Close releases the folder. Files that are open stay open.
func (d *Dir) Close() error { return d.root.Close() }

// Lstat tells about name; it follows no link.
func (d *Dir) Lstat(name string) (vfs.Info, error) {
	i, err := d.root.Lstat(name)
	if err != nil {
		return vfs.Info{}, translate(err)
	}
	return d.info(name, i), nil
}

func (d *Dir) info(name string, i fs.FileInfo) vfs.Info {
	info := vfs.Info{Name: i.Name(), Size: i.Size(), Mode: i.Mode(), ModTime: i.ModTime(), AccessTime: i.ModTime(),
		ChangeTime: i.ModTime(), Nlink: 1, UID: 1000, GID: 1000}
	system(&info, i)
	if info.Mode&fs.ModeSymlink != 0 {
		info.Target, _ = d.root.Readlink(name)
		info.Size = int64(len(info.Target))
	}
	return info
}

// ReadDir lists a folder, sorted by name.
func (d *Dir) ReadDir(name string) ([]vfs.Info, error) {
	f, err := d.open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, translate(err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	list := make([]vfs.Info, 0, len(entries))
	for _, e := range entries {
		if i, err := e.Info(); err == nil { // else it has just gone
			list = append(list, d.info(name+"/"+e.Name(), i))
		}
	}
	return list, nil
}

// Open opens a regular file.
func (d *Dir) Open(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
	mode := os.O_RDONLY
	switch {
	case flag&vfs.ReadWrite != 0:
		mode = os.O_RDWR
	case flag.Writes():
		mode = os.O_WRONLY
	}
	if flag&vfs.Append != 0 {
		mode |= os.O_APPEND
	}
	if flag&vfs.Create != 0 {
		mode |= os.O_CREATE
	}
	if flag&vfs.Exclusive != 0 {
		mode |= os.O_EXCL
	}
	f, err := d.open(name, mode, perm)
	if err != nil {
		return nil, err
	}
	h := &file{File: f, dir: d, name: name}
	i, err := h.Stat()
	switch {
	case err != nil:
	case i.IsDir():
		err = vfs.ErrIsDir
	case !i.Mode.IsRegular():
		err = vfs.ErrPermission
	case flag.Writes() && i.Nlink > 1:
		err = vfs.ErrNotAllowed
	case flag&vfs.Truncate != 0: // only now that it is known to be a file of this folder alone
		err = h.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return h, nil
}

// open does not wait for the other end of a pipe, and follows no link at the end of name.
func (d *Dir) open(name string, mode int, perm fs.FileMode) (*os.File, error) {
	f, err := d.root.OpenFile(name, mode|safeOpen, perm.Perm())
	if err != nil {
		return nil, translate(err)
	}
	return f, nil
}

// Mkdir makes one folder.
func (d *Dir) Mkdir(name string, perm fs.FileMode) error {
	return translate(d.root.Mkdir(name, perm.Perm()))
}

// Symlink makes a link; who mounts the folder has checked that it does not lead out of it.
func (d *Dir) Symlink(target, name string) error { return translate(d.root.Symlink(target, name)) }

// Remove removes a file, a link or an empty folder.
func (d *Dir) Remove(name string) error { return translate(d.root.Remove(name)) }

// Rename moves a file or folder within this one.
func (d *Dir) Rename(old, name string) error { return translate(d.root.Rename(old, name)) }

// Chmod sets permission bits; setuid and setgid are not among them.
func (d *Dir) Chmod(name string, perm fs.FileMode) error {
	if err := d.alone(name); err != nil {
		return err
	}
	return translate(d.root.Chmod(name, perm.Perm()))
}

// SetTimes sets access and modification time.
func (d *Dir) SetTimes(name string, access, modify time.Time) error {
	if err := d.alone(name); err != nil {
		return err
	}
	return translate(d.root.Chtimes(name, access, modify))
}

// alone refuses what has several names, or is neither a file nor a folder.
func (d *Dir) alone(name string) error {
	i, err := d.Lstat(name)
	if err == nil && !i.IsDir() && (!i.Mode.IsRegular() || i.Nlink > 1) {
		err = vfs.ErrNotAllowed
	}
	return err
}

// file is an open file of the folder.
type file struct {
	*os.File
	dir  *Dir
	name string
}

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
	return h.dir.info(h.name, i), nil
}

// Close closes the file.
func (h *file) Close() error { return translate(h.File.Close()) }

// translate makes the host's errors those of vfs, which say nothing of the host's paths.
func translate(err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
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
