package vfs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// Blobs keeps byte strings by their SHA-256, in lower-case hex.
type Blobs interface {
	PutBlob(ctx context.Context, data []byte) (hash string, err error)
	Blob(ctx context.Context, hash string) ([]byte, error)
}

// Snapshot stores the tree and returns the hash of its root. What has not changed since the last snapshot, or since
// it was restored, is neither read nor stored again, so blobs must be the same each time. The base, mounts that are
// read-only or live, and devices do not belong to it; of an overlay, the changes do.
func (f *FS) Snapshot(ctx context.Context, blobs Blobs) (root string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := saver{f, ctx, blobs}
	hash, err := s.root()
	if err != nil {
		return "", fmt.Errorf("storing the session's files: %w", err)
	}
	return hex.EncodeToString(hash[:]), nil
}

type saver struct {
	fs    *FS
	ctx   context.Context
	blobs Blobs
}

func (s *saver) put(data []byte) (*[sha256.Size]byte, error) {
	text, err := s.blobs.PutBlob(s.ctx, data)
	if err != nil {
		return nil, err
	}
	return parseHash(text)
}

func parseHash(text string) (*[sha256.Size]byte, error) {
	h := new([sha256.Size]byte)
	if b, err := hex.DecodeString(text); err != nil || copy(h[:], b) != len(h) || len(b) != len(h) {
		return nil, fmt.Errorf("%q is not the hash of a blob", text)
	}
	return h, nil
}

// root stores all that has changed, and then the root blob.
func (s *saver) root() (*[sha256.Size]byte, error) {
	e := newEncoder('r')
	e.uint(s.fs.lastLink)
	e.uint(uint64(s.fs.bytes))
	e.uint(uint64(s.fs.files))
	if err := s.tree(e, "", s.fs.root); err != nil {
		return nil, err
	}
	e.uint(uint64(len(s.fs.links)))
	for _, id := range slices.Sorted(maps.Keys(s.fs.links)) {
		n := s.fs.links[id]
		if err := s.file(n); err != nil {
			return nil, err
		}
		n.dirty = false
		e.uint(id)
		e.uint(uint64(n.nlink))
		e.record("", n)
	}
	overlays := slices.DeleteFunc(slices.Clone(s.fs.mounts), func(m *mount) bool { return m.mode != OverlayMount })
	slices.SortFunc(overlays, func(a, b *mount) int { return cmp.Compare(a.path, b.path) })
	e.uint(uint64(len(overlays)))
	for _, m := range overlays {
		e.string(m.path)
		if err := s.tree(e, "", m.changes); err != nil {
			return nil, err
		}
	}
	return s.put(e.b)
}

func (s *saver) tree(e *encoder, name string, n *inode) error {
	if n.frozen { // nothing has changed
		hash, err := s.put(newEncoder('d').b)
		if err != nil {
			return err
		}
		c := *n
		c.hash, n = hash, &c
	} else if err := s.dir(n); err != nil {
		return err
	}
	n.dirty = n.dirty && n.frozen
	e.record(name, n)
	return nil
}

// dir stores a directory of the session if anything below it has changed.
func (s *saver) dir(n *inode) error {
	if n.unread {
		return nil
	}
	for _, c := range n.children {
		if c == nil || c.frozen || c.link != 0 || c.mountRoot() != nil {
			continue
		}
		var err error
		if c.isDir() {
			err = s.dir(c)
		} else {
			err = s.file(c)
		}
		if err != nil {
			return err
		}
		if c.dirty {
			n.hash = nil
		}
	}
	if n.hash != nil {
		return nil
	}
	e := newEncoder('d')
	e.dir(n)
	hash, err := s.put(e.b)
	if err != nil {
		return err
	}
	n.hash, n.dirty = hash, true
	for _, c := range n.children {
		if c != nil && !c.frozen && c.link == 0 {
			c.dirty = false
		}
	}
	return nil
}

// file stores a file's content if it has changed.
func (s *saver) file(n *inode) error {
	if n.hash != nil || !n.mode.IsRegular() || n.length() == 0 {
		return nil
	}
	if err := s.fs.load(n); err != nil {
		return err
	}
	hash, err := s.put(n.data)
	if err == nil {
		n.hash = hash
	}
	return err
}
