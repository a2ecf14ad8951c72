// Package hostdir shows a folder of the host to a sandbox, and nothing beside that folder. Start at Open; what Open
// returns is mounted through Protect, with vfs.FS.Mount or virtual.Config.Mounts.
//
// Every name goes through os.Root, so that neither "..", nor a link, nor a folder that is swapped while it is being
// walked leads out. Pipes, devices and sockets are listed and cannot be opened; a file with several names can be read
// and not written to, since one of them may be outside.
package hostdir

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Dir is a folder of the host. Its methods may be called from several goroutines.
type Dir struct {
	root *os.Root
	mu   sync.Mutex
	near map[string]folder // those used last, by name
}

var _ vfs.Writable = (*Dir)(nil)

// Open opens a folder. Nothing in it is read before it is needed. Close it when no sandbox has it mounted any more.
func Open(dir string) (*Dir, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder to mount: %w", err)
	}
	return &Dir{root: root}, nil
}

// Close releases the folder. Files that are open stay open.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	return d.root.Close()
}

// Lstat tells about name; it follows no link.
func (d *Dir) Lstat(name string) (info vfs.Info, err error) {
	err = d.at(name, func(in *os.Root, base string) error {
		i, err := in.Lstat(base)
		if err == nil {
			info = toInfo(i)
		}
		if err == nil && info.Mode&fs.ModeSymlink != 0 {
			info.Target, err = in.Readlink(base)
			info.Size = int64(len(info.Target))
		}
		return err
	})
	return info, err
}

func toInfo(i fs.FileInfo) vfs.Info {
	info := vfs.Info{Name: i.Name(), Size: i.Size(), Mode: i.Mode(), ModTime: i.ModTime(), AccessTime: i.ModTime(),
		ChangeTime: i.ModTime(), Nlink: 1, UID: 1000, GID: 1000}
	system(&info, i)
	return info
}

// ReadDir lists a folder, sorted by name.
func (d *Dir) ReadDir(name string) ([]vfs.Info, error) {
	entries, err := d.entries(name)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	list := make([]vfs.Info, 0, len(entries))
	for _, e := range entries {
		i, err := e.Info()
		if err != nil {
			continue // it has just gone
		}
		info := toInfo(i)
		if e.Type()&fs.ModeSymlink != 0 {
			if info, err = d.Lstat(path.Join(name, e.Name())); err != nil {
				continue
			}
		}
		list = append(list, info)
	}
	return list, nil
}

// entries lists a folder as cheaply as can be: names and kinds, in no order.
func (d *Dir) entries(name string) ([]fs.DirEntry, error) {
	f, err := d.open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	return entries, translate(err)
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
	h := &file{f}
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
func (d *Dir) open(name string, mode int, perm fs.FileMode) (f *os.File, err error) {
	err = d.at(name, func(in *os.Root, base string) (err error) {
		f, err = openFile(in, base, mode|safeOpen, perm&settable)
		return err
	})
	return f, err
}

// Mkdir makes one folder.
func (d *Dir) Mkdir(name string, perm fs.FileMode) error {
	return d.at(name, func(in *os.Root, base string) error { return in.Mkdir(base, perm&settable) })
}

// Symlink makes a link; who mounts the folder has checked that it does not lead out of it.
func (d *Dir) Symlink(target, name string) error {
	return d.at(name, func(in *os.Root, base string) error { return in.Symlink(target, base) })
}

// Remove removes a file, a link or an empty folder.
func (d *Dir) Remove(name string) error {
	return d.at(name, func(in *os.Root, base string) error {
		if f, ok := d.near[name]; ok {
			f.root.Close()
			delete(d.near, name)
		}
		return in.Remove(base)
	})
}

// Rename moves a file or folder within this one.
func (d *Dir) Rename(old, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	defer d.forget()
	upOld, baseOld := split(old)
	upNew, baseNew := split(name)
	from, err := d.folder(upOld)
	if err != nil {
		return translate(err)
	}
	to, err := d.folder(upNew)
	if err != nil {
		return translate(err)
	}
	return translate(rename(from, baseOld, to, baseNew))
}

// settable are the permission bits that a sandbox may set: nothing it makes runs as somebody else, or can be written by
// everybody.
const settable = fs.FileMode(0o775)

// Chmod sets permission bits of what can be opened.
func (d *Dir) Chmod(name string, perm fs.FileMode) error {
	if err := d.alone(name); err != nil {
		return err
	}
	f, err := d.open(name, os.O_RDONLY, 0)
	if err == vfs.ErrPermission {
		f, err = d.open(name, os.O_WRONLY, 0)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return translate(f.Chmod(perm & settable))
}

// SetTimes sets access and modification time.
func (d *Dir) SetTimes(name string, access, modify time.Time) error {
	if err := d.alone(name); err != nil {
		return err
	}
	return d.at(name, func(in *os.Root, base string) error { return in.Chtimes(base, access, modify) })
}

// alone refuses what has several names, or is neither a file nor a folder.
func (d *Dir) alone(name string) error {
	i, err := d.Lstat(name)
	if err == nil && !i.IsDir() && (!i.Mode.IsRegular() || i.Nlink > 1) {
		err = vfs.ErrNotAllowed
	}
	return err
}
