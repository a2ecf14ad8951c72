package vfs

import (
	"io"
	"io/fs"
)

// Open opens name. perm is for a file that Create makes.
func (f *FS) Open(name string, flag Flag, perm fs.FileMode) (File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	if err := f.walk(&w, name, flag&NoFollow == 0 && flag&(Create|Exclusive) != Create|Exclusive); err != nil {
		return nil, err
	}
	if w.n == nil {
		return f.create(&w, flag, perm)
	}
	n := w.n
	switch {
	case flag&Create != 0 && flag&Exclusive != 0:
		return nil, ErrExist
	case n.isLink():
		return nil, ErrLoop // NoFollow
	case n.isDir() && (flag.Writes() || flag&Create != 0):
		return nil, ErrIsDir
	case flag.Reads() && !n.may(mayRead) || flag.Writes() && !n.may(mayWrite):
		return nil, ErrPermission
	case n.device != nil:
		return n.device(flag)
	case n.mode&fs.ModeNamedPipe != 0 && n.src == nil:
		return nil, &FIFO{n.info(w.base)}
	case !n.isDir() && !n.mode.IsRegular():
		return nil, ErrPermission // a pipe, socket or device of a mount
	}
	if n.frozen && n.src != nil && !n.isDir() && (!flag.Writes() || n.live()) {
		return f.openSource(n.src, n.rel, flag&^(Create|NoFollow), 0)
	}
	if flag.Writes() {
		if err := f.own(&w); err != nil {
			return nil, err
		}
		n = w.n
	}
	if flag&Truncate != 0 {
		if err := f.resize(n, 0); err != nil {
			return nil, err
		}
	}
	return f.handle(n, w.base, flag), nil
}

// create opens a file that does not exist yet.
func (f *FS) create(w *walk, flag Flag, perm fs.FileMode) (File, error) {
	switch {
	case flag&Create == 0:
		return nil, ErrNotExist
	case w.slash:
		return nil, ErrIsDir
	}
	dir, err := f.parent(w)
	if err != nil {
		return nil, err
	}
	if dir.live() {
		if err := f.spendOut(0, 1); err != nil {
			return nil, err
		}
		return f.openSource(dir.src, dir.under(w.base), flag&^NoFollow, perm&settable)
	}
	n, err := f.add(dir, w.base, perm&settable)
	if err != nil {
		return nil, err
	}
	return f.handle(n, w.base, flag), nil
}

// openSource opens a file where a mount has it.
func (f *FS) openSource(m *mount, rel string, flag Flag, perm fs.FileMode) (File, error) {
	h, err := f.source(m).Open(rel, flag, perm)
	if err != nil || !flag.Writes() {
		return h, err
	}
	return &liveFile{h, f, m.path + "/" + rel}, nil
}

// ReadFile reads all of a file.
func (f *FS) ReadFile(name string) ([]byte, error) {
	h, err := f.Open(name, Read, 0)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	if m, ok := h.(*file); ok {
		return m.readAll()
	}
	return io.ReadAll(h)
}

// WriteFile writes all of a file, which is made or replaced. Where it fails, a file of the session is as it was before.
func (f *FS) WriteFile(name string, data []byte, perm fs.FileMode) error {
	h, err := f.Open(name, Write|Create, perm)
	if err != nil {
		return err
	}
	defer h.Close() // once more is no harm
	if m, ok := h.(*file); ok {
		return m.replace(data)
	}
	if err := h.Truncate(0); err != nil && err != ErrInvalid { // a device has no length
		return err
	}
	if _, err = h.Write(data); err != nil {
		return err
	}
	return h.Close()
}
