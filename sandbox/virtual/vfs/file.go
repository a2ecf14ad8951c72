package vfs

import (
	"io"
	"sync"
)

// file is an open file of the session, or a directory.
type file struct {
	fs     *FS
	n      *inode
	name   string
	flag   Flag
	mu     sync.Mutex
	off    int64
	age    int // the tree's, when it was opened
	closed bool
}

func (f *FS) handle(n *inode, name string, flag Flag) *file {
	if !n.frozen {
		n.opens++
		if n.atime <= n.mtime { // as relatime does
			n.atime = f.now().UnixNano()
		}
	}
	return &file{fs: f, n: n, name: name, flag: flag, age: f.age}
}

func (h *file) lock() func() {
	h.mu.Lock()
	h.fs.mu.Lock()
	return func() { h.fs.mu.Unlock(); h.mu.Unlock() }
}

// ready says whether the handle can still be used.
func (h *file) ready(may bool) error {
	switch {
	case h.closed || !may:
		return ErrBadFile
	case h.age != h.fs.age:
		return ErrStale
	}
	return nil
}

// Read reads from the file's position.
func (h *file) Read(p []byte) (int, error) {
	defer h.lock()()
	if err := h.ready(h.flag.Reads()); err != nil {
		return 0, err
	}
	if h.n.isDir() {
		return 0, ErrIsDir
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := h.fs.readAt(h.n, p, h.off)
	h.off += int64(n)
	return n, err
}

// Write writes all of p, or fails and leaves the file as it was.
func (h *file) Write(p []byte) (int, error) {
	defer h.lock()()
	if err := h.ready(h.flag.Writes()); err != nil {
		return 0, err
	}
	if h.flag&Append != 0 {
		h.off = h.n.length()
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := h.fs.writeAt(h.n, p, h.off); err != nil {
		return 0, err
	}
	h.off += int64(len(p))
	return len(p), nil
}

// Seek sets the position, which may be after the end.
func (h *file) Seek(offset int64, whence int) (int64, error) {
	defer h.lock()()
	switch whence {
	case io.SeekCurrent:
		offset += h.off
	case io.SeekEnd:
		offset += h.n.length()
	}
	if offset < 0 {
		return h.off, ErrInvalid
	}
	h.off = offset
	return offset, nil
}

// Truncate makes the file size bytes long; the position stays.
func (h *file) Truncate(size int64) error {
	defer h.lock()()
	if !h.flag.Writes() || size < 0 {
		return ErrInvalid
	}
	if err := h.ready(true); err != nil {
		return err
	}
	return h.fs.resize(h.n, size)
}

// Stat tells about the file, whatever its name leads to by now.
func (h *file) Stat() (Info, error) {
	defer h.lock()()
	return h.n.info(h.name), nil
}

// Close ends the use of the handle.
func (h *file) Close() error {
	defer h.lock()()
	if h.closed {
		return ErrBadFile
	}
	h.closed = true
	if !h.n.frozen && h.age == h.fs.age {
		h.n.opens--
		h.fs.free(h.n)
	}
	return nil
}

func (h *file) readAll() ([]byte, error) {
	defer h.lock()()
	if h.n.isDir() {
		return nil, ErrIsDir
	}
	if err := h.fs.load(h.n); err != nil {
		return nil, err
	}
	return append([]byte{}, h.n.data...), nil
}

func (h *file) replace(data []byte) error {
	defer h.lock()()
	if err := h.fs.spend(int64(len(data))-h.n.length(), 0); err != nil {
		return err
	}
	h.n.data, h.n.shared, h.n.unread, h.n.size = append([]byte(nil), data...), false, false, 0
	h.fs.touch(h.n)
	return nil
}
