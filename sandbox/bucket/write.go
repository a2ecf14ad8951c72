package bucket

import (
	"io"
	"path"
	"sync"

	"github.com/flue-run/flue/sandbox/bucket/s3"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// openWriter opens a file for writing, which is e or, with the error of looking for it, may have to be made.
func (b Bucket) openWriter(name string, flag vfs.Flag, e entry, err error) (vfs.File, error) {
	w := &writer{b: b, name: name, flag: flag, entry: e}
	switch {
	case err == vfs.ErrNotExist && flag&vfs.Create != 0:
		// It is made at once: others see it, and who may not write learns it before the work.
		if w.entry, err = b.put(name, nil, entry{}); err == vfs.ErrStale && flag&vfs.Exclusive != 0 {
			err = vfs.ErrExist
		}
		w.loaded = true
	case err != nil:
	case flag&vfs.Exclusive != 0:
		err = vfs.ErrExist
	case e.dir:
		err = vfs.ErrIsDir
	case flag&vfs.Truncate != 0:
		w.loaded, w.changed = true, e.size > 0
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// writer is a file that is being written: it is in memory until it is closed.
type writer struct {
	b    Bucket
	name string
	flag vfs.Flag

	mu      sync.Mutex
	entry   entry // what the bucket has
	data    []byte
	loaded  bool // data is the content
	changed bool
	off     int64
	closed  bool
}

func (w *writer) size() int64 {
	if w.loaded {
		return int64(len(w.data))
	}
	return w.entry.size
}

// load brings what the bucket has into memory.
func (w *writer) load() (err error) {
	if w.closed {
		return vfs.ErrBadFile
	}
	if w.loaded {
		return nil
	}
	data, err := w.b.all(w.name, w.entry)
	if err == vfs.ErrStale && !w.changed { // the listing was too old
		if w.entry, err = w.b.head(w.name); err == nil {
			data, err = w.b.all(w.name, w.entry)
		}
	}
	if err == nil {
		w.data, w.loaded = data, true
	}
	return err
}

// Read reads from the file's position.
func (w *writer) Read(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.flag.Reads() {
		return 0, vfs.ErrBadFile
	}
	if err := w.load(); err != nil {
		return 0, err
	}
	if w.off >= int64(len(w.data)) {
		return 0, io.EOF
	}
	n := copy(p, w.data[w.off:])
	w.off += int64(n)
	return n, nil
}

// Write writes all of p, or fails and leaves the file as it was.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.load(); err != nil {
		return 0, err
	}
	if w.flag&vfs.Append != 0 {
		w.off = int64(len(w.data))
	}
	end := w.off + int64(len(p))
	if end > w.b.cfg.MaxFile || end < w.off {
		return 0, vfs.ErrTooBig
	}
	w.grow(max(w.off, int64(len(w.data))))
	w.data = append(w.data[:w.off], append(p, w.data[min(end, int64(len(w.data))):]...)...)
	w.off, w.changed = end, true
	return len(p), nil
}

// grow makes the content size bytes long, with zeros.
func (w *writer) grow(size int64) {
	if more := size - int64(len(w.data)); more > 0 {
		w.data = append(w.data, make([]byte, more)...)
	}
}

// Truncate makes the file size bytes long; the position stays.
func (w *writer) Truncate(size int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case size < 0:
		return vfs.ErrInvalid
	case size > w.b.cfg.MaxFile:
		return vfs.ErrTooBig
	case size == 0 && !w.closed:
		w.changed = w.changed || w.size() > 0
		w.data, w.loaded = nil, true
		return nil
	}
	if err := w.load(); err != nil {
		return err
	}
	w.grow(size)
	w.data, w.changed = w.data[:size:size], true
	return nil
}

// Seek sets the position, which may be after the end.
func (w *writer) Seek(offset int64, whence int) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return seek(&w.off, offset, whence, w.size())
}

// Stat tells about the file as it would be if it were closed now.
func (w *writer) Stat() (vfs.Info, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entry
	e.size = w.size()
	return e.info(), nil
}

// Close sends the file, if it was changed. ErrStale says that another has written it meanwhile: theirs stays.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return vfs.ErrBadFile
	}
	w.closed = true
	if !w.changed {
		return nil
	}
	_, err := w.b.put(w.name, w.data, w.entry)
	w.data = nil
	return err
}

// put makes an object what data is, provided that it still is what old says: in that state, or not there if old is
// nothing. A store that knows no such condition is not asked for it again.
func (b Bucket) put(name string, data []byte, old entry) (entry, error) {
	e := entry{name: path.Base(name), size: int64(len(data)), time: b.cfg.Now()}
	etag, err := b.putKey(b.key(name), data, old)
	if err != nil {
		b.lists.forget() // whatever was known of the folder is not so
		return entry{}, err
	}
	e.etag = etag
	b.lists.set(path.Dir(name), e)
	return e, nil
}

func (b Bucket) putKey(key string, data []byte, old entry) (etag string, err error) {
	ctx, cancel := b.operation(int64(len(data)))
	defer cancel()
	if !b.unguarded.Load() {
		etag, err = b.client.Put(ctx, key, data, s3.Condition{ETag: old.etag, Absent: old.etag == ""})
		if answerIn(err).Code != "NotImplemented" {
			return etag, b.failed(ctx, err)
		}
		b.unguarded.Store(true)
	}
	etag, err = b.client.Put(ctx, key, data, s3.Condition{})
	return etag, b.failed(ctx, err)
}
