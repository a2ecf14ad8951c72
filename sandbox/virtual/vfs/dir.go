package vfs

import (
	"io/fs"
	"strings"
)

// ReadDir lists a directory, sorted by name, without "." and "..".
func (f *FS) ReadDir(name string) ([]Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(name, true)
	switch {
	case err != nil:
		return nil, err
	case !n.isDir():
		return nil, ErrNotDir
	case !n.may(mayRead):
		return nil, ErrPermission
	}
	entries, err := f.entries(n)
	if err != nil {
		return nil, err
	}
	list := make([]Info, len(entries))
	for i, e := range entries {
		list[i] = e.n.info(e.name)
	}
	return list, nil
}

// Mkdir makes one directory.
func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	dir, err := f.vacant(&w, name)
	if err != nil {
		return err
	}
	if dir.live() {
		if err := f.spendOut(0, 1); err != nil {
			return err
		}
		if err := f.spendOut(0, 1); err != nil {
			return err
		}
		return f.live(dir.src).Mkdir(dir.under(w.base), perm.Perm())
	}
	_, err = f.add(dir, w.base, dirMode|perm&settable)
	return err
}

// MkdirAll makes a directory and those above it; one that exists is no error.
func (f *FS) MkdirAll(name string, perm fs.FileMode) error {
	if i, err := f.Stat(name); err == nil {
		if i.IsDir() {
			return nil
		}
		return ErrNotDir
	}
	name = strings.TrimRight(name, "/")
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if err := f.MkdirAll(name[:i], perm); err != nil {
			return err
		}
	}
	if err := f.Mkdir(name, perm); err != ErrExist {
		return err
	}
	return nil
}

// vacant resolves a name at which something is to be made, and returns its directory, ready to change.
func (f *FS) vacant(w *walk, name string) (*inode, error) {
	if err := f.walk(w, name, false); err != nil {
		return nil, err
	}
	if w.n != nil {
		return nil, ErrExist
	}
	return f.parent(w)
}

// add makes an inode at a name in dir.
func (f *FS) add(dir *inode, name string, mode fs.FileMode) (*inode, error) {
	if err := f.spend(0, 1); err != nil {
		return nil, err
	}
	n := f.newInode(mode)
	f.put(dir, name, n)
	return n, nil
}
