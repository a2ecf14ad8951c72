package vfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// blobTimeout bounds the wait for one blob, when a file is read that was restored.
const blobTimeout = time.Minute

// stored is where restored content is read from. It outlives the call that restored it.
type stored struct {
	ctx   context.Context
	blobs Blobs
}

func (s stored) read(hash *[sha256.Size]byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(s.ctx, blobTimeout)
	defer cancel()
	data, err := s.blobs.Blob(ctx, hex.EncodeToString(hash[:]))
	if err != nil || sha256.Sum256(data) != *hash {
		return nil, ErrIO
	}
	return data, nil
}

// Restore makes the tree that of a snapshot, over the same base and the same mounts; root "" is a new tree. Only the
// root is read: directories and files are when they are needed. Handles that are open become stale.
func (f *FS) Restore(ctx context.Context, blobs Blobs, root string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := &tree{now: f.now, base: f.base, quota: f.quota, mounts: f.mounts,
		stored: stored{context.WithoutCancel(ctx), blobs}}
	next.reset()
	changes := map[*mount]*inode{}
	if root != "" {
		data, err := blobs.Blob(ctx, root)
		if err != nil {
			return fmt.Errorf("restoring the session's files: %w", err)
		}
		if changes, err = next.decode(data); err != nil {
			return fmt.Errorf("restoring the session's files from %s: %w", root, err)
		}
	}
	f.age++
	f.root, f.ino, f.bytes, f.files = next.root, next.ino, next.bytes, next.files
	f.stored, f.links, f.lastLink = next.stored, next.links, next.lastLink
	for _, m := range f.mounts {
		m.changes = changes[m]
		if err := f.place(m); err != nil {
			return fmt.Errorf("mounting %s again: %w", m.path, err)
		}
	}
	return nil
}

// decode reads the root blob and returns the changes over each overlay.
func (t *tree) decode(data []byte) (map[*mount]*inode, error) {
	d := newDecoder(data, 'r')
	t.lastLink = d.uint()
	t.bytes, t.files = int64(d.uint()), int64(d.uint())
	t.root = d.top(t, nil)
	t.links = map[uint64]*inode{}
	for range d.uint() {
		if d.err != nil {
			break
		}
		id, nlink := d.uint(), d.uint()
		kind := d.kind()
		d.string()
		n := d.record(kind, t, nil)
		n.link, n.nlink = id, int32(nlink)
		t.links[id] = n
	}
	changes := map[*mount]*inode{}
	for range d.uint() {
		if d.err != nil {
			break
		}
		path := d.string()
		var over *mount
		for _, m := range t.mounts {
			if m.path == path && m.mode == OverlayMount {
				over = m
			}
		}
		n := d.top(t, over)
		if over == nil && d.err == nil {
			return nil, fmt.Errorf("they have changes over a mount at %s, and nothing is mounted there as overlay", path)
		}
		changes[over] = n
	}
	return changes, d.err
}

func (d *decoder) kind() byte {
	b := d.bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// top reads the record of a tree's root.
func (d *decoder) top(t *tree, m *mount) *inode {
	kind := d.kind()
	d.string()
	n := d.record(kind, t, m)
	if !n.isDir() {
		d.fail("its root is not a directory")
	}
	return n
}

// loadDir reads the entries of a directory that was restored.
func (f *FS) loadDir(n *inode) error {
	data, err := f.stored.read(n.hash)
	if err != nil {
		return err
	}
	d := newDecoder(data, 'd')
	children := d.dir(f.tree, n.src)
	if d.err != nil {
		return ErrIO
	}
	n.children, n.unread, n.src = children, false, nil
	return nil
}

// place puts a mount's root where it belongs, whatever the permissions on the way there are.
func (f *FS) place(m *mount) error {
	if m.mode == OverlayMount && m.changes == nil {
		var err error
		if m.changes, err = f.copyUp(m.root); err != nil {
			return err
		}
	}
	if f.root.frozen {
		c, err := f.copyUp(f.root)
		if err != nil {
			return err
		}
		f.root = c
	}
	dir := f.root
	parts := strings.Split(strings.Trim(m.path, "/"), "/")
	for _, name := range parts[:len(parts)-1] {
		c, err := f.child(dir, name)
		switch {
		case err != nil:
			return err
		case c == nil:
			if c, err = f.add(dir, name, dirMode|0o755); err != nil {
				return err
			}
		case !c.isDir():
			return ErrNotDir
		case c.system:
			return ErrBusy
		case c.frozen && c.src == nil:
			if c, err = f.copyUp(c); err != nil {
				return err
			}
			dir.children[strings.Clone(name)], dir.hash = c, nil
		case c.frozen:
			return ErrBusy // within another mount
		}
		dir = c
	}
	if dir.unread {
		if err := f.loadDir(dir); err != nil {
			return err
		}
	}
	root := m.root
	if m.mode == OverlayMount {
		root = m.changes
	}
	dir.children[strings.Clone(parts[len(parts)-1])] = root
	return nil
}
