package vfs

import (
	"io/fs"
	"path"
	"time"
)

// Stat follows symbolic links.
func (f *FS) Stat(name string) (Info, error) { return f.stat(name, true) }

// Lstat does not follow a symbolic link at the end of name.
func (f *FS) Lstat(name string) (Info, error) { return f.stat(name, false) }

func (f *FS) stat(name string, follow bool) (Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(name, follow)
	if err != nil {
		return Info{}, err
	}
	return n.info(path.Base(name)), nil
}

// Access checks that what name leads to may be used so: the permission bits 4 (read), 2 (write), 1 (run or search).
func (f *FS) Access(name string, bits fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(name, true)
	switch {
	case err != nil:
		return err
	case bits&mayWrite != 0 && n.src != nil && n.frozen && n.src.mode == ReadOnlyMount:
		return ErrReadOnly
	case !n.may(bits):
		return ErrPermission
	}
	return nil
}

// Realpath resolves every symbolic link; all of name must exist.
func (f *FS) Realpath(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	if err := f.walk(&w, name, true); err != nil {
		return "", err
	}
	if w.n == nil {
		return "", ErrNotExist
	}
	return w.path(), nil
}

// Chmod sets the permission bits of what name leads to.
func (f *FS) Chmod(name string, perm fs.FileMode) error {
	return f.change(name, true, func(n *inode) { n.mode = n.mode.Type() | perm&settable },
		func(live Writable, rel string) error { return live.Chmod(rel, perm&settable) })
}

// Chtimes sets the modification time of what name leads to, and its access time to the same.
func (f *FS) Chtimes(name string, mtime time.Time) error {
	return f.SetTimes(name, mtime, mtime, true)
}

// SetTimes sets both times; follow says whether of what a link leads to, or of the link.
func (f *FS) SetTimes(name string, access, modify time.Time, follow bool) error {
	return f.change(name, follow, func(n *inode) { n.atime, n.mtime = access.UnixNano(), modify.UnixNano() },
		func(live Writable, rel string) error { return live.SetTimes(rel, access, modify) })
}

// change sets attributes of an inode, or has the live mount that it is in do it.
func (f *FS) change(name string, follow bool, set func(*inode), pass func(Writable, string) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	if err := f.walk(&w, name, follow); err != nil {
		return err
	}
	switch {
	case w.n == nil:
		return ErrNotExist
	case w.n == f.root, w.n.live() && w.n.isLink(): // / is not the user's: without its rights nothing could be reached again
		return ErrNotAllowed
	case w.n.live():
		return pass(f.live(w.n.src), w.n.rel)
	}
	if err := f.own(&w); err != nil {
		return err
	}
	set(w.n)
	w.n.ctime, w.n.dirty = f.now().UnixNano(), true
	return nil
}
