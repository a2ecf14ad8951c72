package vfs

import "strings"

// parent is the directory that base is in, ready to change: the session's own, or live.
func (f *FS) parent(w *walk) (*inode, error) {
	dir := w.dir()
	switch {
	case dir.src != nil && dir.src.mode == ReadOnlyMount:
		return nil, ErrReadOnly
	case !dir.may(mayWrite | maySearch):
		return nil, ErrPermission
	case dir.live():
		return dir, nil
	}
	if err := f.ownDirs(w); err != nil {
		return nil, err
	}
	return w.dir(), nil
}

// ownDirs makes the directories above base the session's own.
func (f *FS) ownDirs(w *walk) error {
	for i := range w.depth {
		s := w.step(i)
		if !s.n.frozen {
			continue
		}
		c, err := f.copyUp(s.n)
		if err != nil {
			return err
		}
		if s.n = c; i == 0 {
			f.root = c
		} else {
			up := w.step(i - 1).n
			up.children[strings.Clone(s.name)] = c
			up.hash = nil
		}
	}
	return nil
}

// own makes what w leads to the session's own, ready to change.
func (f *FS) own(w *walk) error {
	n := w.n
	switch {
	case n.src != nil && n.frozen && n.src.mode == ReadOnlyMount:
		return ErrReadOnly
	case n.system:
		return ErrNotAllowed
	case !n.frozen:
		return nil
	}
	if err := f.ownDirs(w); err != nil {
		return err
	}
	c, err := f.copyUp(n)
	if err != nil {
		return err
	}
	if w.n = c; w.depth == 0 {
		f.root = c
	} else {
		w.dir().children[strings.Clone(w.base)] = c
		w.dir().hash = nil
	}
	return nil
}

// copyUp copies a frozen inode into the session: a directory begins with no changes of its own, a file shares its
// content or has it read when it is needed.
func (f *FS) copyUp(n *inode) (*inode, error) {
	c := *n
	c.frozen, c.dirty, c.hash = false, true, nil
	if n.isDir() {
		c.children, c.lower, c.src, c.rel = map[string]*inode{}, n, nil, ""
		return &c, f.spend(0, 1)
	}
	c.nlink, c.shared = 1, true
	if n.src != nil && n.isLink() {
		c.src, c.rel = nil, ""
	}
	if n.mode.IsRegular() {
		return &c, f.spend(c.length(), 1)
	}
	return &c, f.spend(0, 1)
}
