package bucket

import (
	"io"
	"io/fs"
	"sync"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Open opens an object. perm does not matter: a bucket keeps no modes.
func (b Bucket) Open(name string, flag vfs.Flag, _ fs.FileMode) (vfs.File, error) {
	e, err := b.find(name)
	switch {
	case flag.Writes() || flag&vfs.Create != 0:
		return b.openWriter(name, flag, e, err)
	case err != nil:
		return nil, err
	case e.dir:
		return nil, vfs.ErrIsDir
	}
	return &reader{b: b, name: name, entry: e}, nil
}

// reader is an object that is being read, in the state that it had when the reading began.
type reader struct {
	b    Bucket
	name string

	mu     sync.Mutex
	entry  entry
	off    int64
	begun  bool // some of it was read
	closed bool
}

// Read reads from the file's position.
func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return 0, vfs.ErrBadFile
	case len(p) == 0:
		return 0, nil
	}
	if r.off >= r.entry.size {
		return 0, io.EOF
	}
	data, err := r.b.block(r.name, r.entry, r.off/blockSize)
	if err == vfs.ErrStale && !r.begun { // the listing was too old
		if r.entry, err = r.b.head(r.name); err != nil {
			return 0, err
		}
		if r.off >= r.entry.size {
			return 0, io.EOF
		}
		data, err = r.b.block(r.name, r.entry, r.off/blockSize)
	}
	if err != nil {
		return 0, err
	}
	n := copy(p, data[min(r.off%blockSize, int64(len(data))):])
	if n == 0 {
		return 0, vfs.ErrStale
	}
	r.off += int64(n)
	r.begun = true
	return n, nil
}

// Seek sets the position.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return seek(&r.off, offset, whence, r.entry.size)
}

func seek(position *int64, offset int64, whence int, size int64) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += *position
	case io.SeekEnd:
		offset += size
	}
	if offset < 0 {
		return *position, vfs.ErrInvalid
	}
	*position = offset
	return offset, nil
}

// Stat tells about the object as it was opened.
func (r *reader) Stat() (vfs.Info, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry.info(), nil
}

func (r *reader) Write([]byte) (int, error) { return 0, vfs.ErrBadFile }
func (r *reader) Truncate(int64) error      { return vfs.ErrInvalid }

// Close ends the reading.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return vfs.ErrBadFile
	}
	r.closed = true
	return nil
}

// block is part number of an object in the state of e. ErrStale says that the object has another one by now.
func (b Bucket) block(name string, e entry, number int64) ([]byte, error) {
	id := blockID{b.key(name), e.etag, number}
	if data, ok := b.blocks.get(id); ok {
		return data, nil
	}
	want := min(blockSize, e.size-number*blockSize)
	ctx, cancel := b.operation(want)
	defer cancel()
	data, err := b.client.Get(ctx, id.key, e.etag, number*blockSize, want)
	if err != nil {
		if err = b.failed(ctx, err); err == vfs.ErrNotExist {
			err = vfs.ErrStale
		}
		return nil, err
	}
	b.blocks.put(id, data)
	return data, nil
}

// all reads an object whole, in the state of e.
func (b Bucket) all(name string, e entry) ([]byte, error) {
	if e.size > b.cfg.MaxFile {
		return nil, vfs.ErrTooBig
	}
	data := make([]byte, 0, e.size)
	for number := range (e.size + blockSize - 1) / blockSize {
		part, err := b.block(name, e, number)
		if err != nil {
			return nil, err
		}
		data = append(data, part...)
	}
	return data, nil
}
