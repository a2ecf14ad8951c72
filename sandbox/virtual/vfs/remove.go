package vfs

// Remove removes a file, a link, or an empty directory.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	if err := f.walk(&w, name, false); err != nil {
		return err
	}
	switch {
	case w.n == nil:
		return ErrNotExist
	case w.dot:
		return ErrInvalid
	case w.depth == 0 || w.n.mountRoot() != nil:
		return ErrBusy
	}
	n := w.n
	dir, err := f.parent(&w)
	if err != nil {
		return err
	}
	if n.system {
		return ErrPermission
	}
	if n.isDir() {
		if err := f.empty(n); err != nil {
			return err
		}
	}
	if dir.live() {
		return f.live(dir.src).Remove(dir.under(w.base))
	}
	f.unlink(dir, w.base, n)
	return nil
}

// empty checks that a directory may go.
func (f *FS) empty(n *inode) error {
	if n.live() {
		return nil // its own tree says so, without listing it
	}
	list, err := f.entries(n)
	if err == nil && len(list) > 0 {
		err = ErrNotEmpty
	}
	return err
}

// RemoveAll removes name and all below it; one that is not there is no error.
func (f *FS) RemoveAll(name string) error {
	i, err := f.Lstat(name)
	if err == ErrNotExist {
		return nil
	}
	if err == nil && i.IsDir() {
		list, err := f.ReadDir(name)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := f.RemoveAll(name + "/" + c.Name); err != nil {
				return err
			}
		}
	}
	return f.Remove(name)
}
