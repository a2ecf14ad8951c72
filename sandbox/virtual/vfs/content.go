package vfs

import "io"

// load brings a file's content into memory.
func (f *FS) load(n *inode) error {
	if !n.unread {
		return nil
	}
	var data []byte
	var err error
	if n.src != nil {
		data, err = readSource(f.source(n.src), n.rel, f.quota.Bytes)
	} else {
		data, err = f.stored.read(n.hash)
	}
	if err != nil {
		return err
	}
	if !n.frozen {
		f.bytes += int64(len(data)) - n.size
	}
	n.data, n.shared, n.unread, n.size = data, false, false, 0
	return nil
}

// resize makes a file's content size bytes long.
func (f *FS) resize(n *inode, size int64) error {
	if size > maxFileSize {
		return ErrTooBig
	}
	if size > 0 {
		if err := f.writable(n); err != nil {
			return err
		}
	}
	if err := f.spend(size-n.length(), 0); err != nil {
		return err
	}
	if size == 0 {
		n.data, n.shared, n.unread, n.size = nil, false, false, 0
		f.touch(n)
		return nil
	}
	if grow := int(size) - len(n.data); grow > 0 {
		n.data = append(n.data, make([]byte, grow)...)
	} else {
		n.data = n.data[:size:size]
	}
	f.touch(n)
	return nil
}

// writable makes data the inode's own.
func (f *FS) writable(n *inode) error {
	if err := f.load(n); err != nil {
		return err
	}
	if n.shared {
		n.data, n.shared = append([]byte(nil), n.data...), false
	}
	return nil
}

// writeAt writes p at off and grows the file where needed; it writes all of p or nothing.
func (f *FS) writeAt(n *inode, p []byte, off int64) error {
	if off > maxFileSize {
		return ErrTooBig
	}
	if err := f.writable(n); err != nil {
		return err
	}
	size := int64(len(n.data))
	end := off + int64(len(p))
	if err := f.spend(max(end-size, 0), 0); err != nil {
		return err
	}
	if off > size {
		n.data = append(n.data, make([]byte, off-size)...)
	}
	n.data = append(n.data[:off], p...)[:max(end, size)]
	f.touch(n)
	return nil
}

// readAt copies content from off on.
func (f *FS) readAt(n *inode, p []byte, off int64) (int, error) {
	if err := f.load(n); err != nil {
		return 0, err
	}
	if off >= int64(len(n.data)) {
		return 0, io.EOF
	}
	return copy(p, n.data[off:]), nil
}
