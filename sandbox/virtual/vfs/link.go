package vfs

import "strings"

// Symlink makes a symbolic link at name.
func (f *FS) Symlink(target, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case target == "":
		return ErrNotExist
	case len(target) >= maxPath:
		return ErrNameTooLong
	}
	var w walk
	dir, err := f.vacant(&w, name)
	if err != nil {
		return err
	}
	if w.slash {
		return ErrNotExist
	}
	if dir.live() {
		rel := dir.under(w.base)
		if Leaves(rel, target) {
			return ErrNotAllowed // it would lead a program of the host out of the folder
		}
		if err := f.spendOut(0, 1); err != nil {
			return err
		}
		return f.live(dir.src).Symlink(target, rel)
	}
	n, err := f.add(dir, w.base, linkMode|0o777)
	if err == nil {
		n.target = strings.Clone(target)
	}
	return err
}

// Readlink returns the target of a symbolic link.
func (f *FS) Readlink(name string) (string, error) {
	i, err := f.Lstat(name)
	if err == nil && i.Mode&linkMode == 0 {
		err = ErrInvalid
	}
	return i.Target, err
}

// Link makes another name for a file.
func (f *FS) Link(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var from, to walk
	if err := f.walk(&from, old, false); err != nil {
		return err
	}
	switch {
	case from.n == nil:
		return ErrNotExist
	case from.n.isDir():
		return ErrNotAllowed
	}
	dir, err := f.vacant(&to, name)
	switch {
	case err != nil:
		return err
	case from.device() != to.device():
		return ErrCrossDevice
	case dir.live() || from.n.live():
		return ErrNotAllowed // a second name could be one outside of the folder
	}
	if err := f.own(&from); err != nil {
		return err
	}
	// Owning the old name may have copied directories that both have above them.
	if dir, err = f.vacant(&to, name); err != nil {
		return err
	}
	n := from.n
	if n.link == 0 {
		f.lastLink++
		n.link = f.lastLink
	}
	if f.links == nil {
		f.links = map[uint64]*inode{}
	}
	f.links[n.link] = n
	n.nlink++
	n.ctime, n.dirty = f.now().UnixNano(), true
	from.dir().hash = nil // its entry names the file by its number from now on
	f.put(dir, to.base, n)
	return nil
}
