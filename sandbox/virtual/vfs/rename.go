package vfs

import "strings"

// Rename moves a file or directory, replacing a file or empty directory that is in the way.
func (f *FS) Rename(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var from, to walk
	if err := f.walk(&from, old, false); err != nil {
		return err
	}
	if from.n == nil {
		return ErrNotExist
	}
	if err := f.walk(&to, name, false); err != nil {
		return err
	}
	if err := f.canRename(&from, &to); err != nil || same(from.n, to.n) {
		return err
	}
	if dir := from.dir(); dir.live() {
		if _, err := f.parent(&from); err != nil {
			return err
		}
		if _, err := f.parent(&to); err != nil {
			return err
		}
		return f.live(dir.src).Rename(dir.under(from.base), to.dir().under(to.base))
	}
	if _, err := f.parent(&from); err != nil {
		return err
	}
	if err := f.own(&from); err != nil {
		return err
	}
	// Owning the old name may have copied directories that both have above them.
	if err := f.walk(&to, name, false); err != nil {
		return err
	}
	dir, err := f.parent(&to)
	if err != nil {
		return err
	}
	if to.n != nil {
		f.unlink(dir, to.base, to.n)
	}
	n := from.n
	f.drop(from.dir(), from.base, n)
	f.put(dir, to.base, n)
	n.ctime, n.dirty = f.now().UnixNano(), true
	return nil
}

// same says whether two lookups found the same thing.
func same(a, b *inode) bool {
	return a == b || a != nil && b != nil && a.frozen && b.frozen && a.src != nil && a.src == b.src && a.rel == b.rel
}

func (f *FS) canRename(from, to *walk) error {
	n, there := from.n, to.n
	switch {
	case from.dot || to.dot || from.depth == 0 || to.depth == 0:
		return ErrBusy
	case n.mountRoot() != nil || there != nil && there.mountRoot() != nil || n.isDir() && f.mountBelow(from.path()):
		return ErrBusy
	case from.device() != to.device():
		return ErrCrossDevice
	case n.system:
		return ErrPermission
	}
	for i := range to.depth {
		if same(to.step(i).n, n) {
			return ErrInvalid
		}
	}
	switch {
	case there == nil && to.slash && !n.isDir():
		return ErrNotDir
	case there == nil || same(there, n):
		return nil
	case there.system:
		return ErrPermission
	case there.isDir() && !n.isDir():
		return ErrIsDir
	case !there.isDir() && n.isDir():
		return ErrNotDir
	case there.isDir():
		return f.empty(there)
	}
	return nil
}

// mountBelow says whether something is mounted below the directory at path, which has no links.
func (f *FS) mountBelow(path string) bool {
	for _, m := range f.mounts {
		if strings.HasPrefix(m.path, path+"/") {
			return true
		}
	}
	return false
}
