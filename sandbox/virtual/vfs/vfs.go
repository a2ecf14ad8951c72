// Package vfs is the file tree of one session: everything the shell and its commands call a file.
// Start at FS; walk.go resolves names, inode.go is what they lead to, mount.go lets other trees in,
// snapshot.go keeps them. All paths are absolute; "." and ".." are resolved like the kernel does.
package vfs

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// Quota bounds a tree. A zero field means its default.
type Quota struct {
	Bytes int64 // content of all files; 256 MiB
	Files int64 // inodes; 50,000
}

// Defaults returns q with every zero field set to its default.
func (q Quota) Defaults() Quota {
	if q.Bytes == 0 {
		q.Bytes = 256 << 20
	}
	if q.Files == 0 {
		q.Files = 50_000
	}
	return q
}

// Usage is how much of its quota a tree uses. What belongs to the layers below is not counted.
type Usage struct {
	Bytes, Files int64
	Quota        Quota
}

// FS is a tree of files, as one user of it sees it. Its methods may be called from any goroutine.
type FS struct {
	*tree
	budget *limits.Budget // struck when the quota is exceeded; nil outside of an Exec
	out    *made          // in live mounts through this view
}

// made is what one view of a tree wrote to live mounts, which no quota of their own bounds.
type made struct {
	bytes, files atomic.Int64
	mu           sync.Mutex
	unwritten    []error
}

// tree is what all views share.
type tree struct {
	mu       sync.Mutex
	now      func() time.Time
	base     *Layer
	root     *inode
	ino      uint64 // the last one given
	quota    Quota
	bytes    int64
	files    int64
	mounts   []*mount
	stored   stored            // what was restored, and may still be read
	links    map[uint64]*inode // files with several names, by the number that snapshots know them by
	lastLink uint64
	age      int // how often the tree was replaced; a handle of another age is stale
}

// New returns a tree with nothing but its root. now is the clock for file times.
func New(q Quota, now func() time.Time) *FS { return NewOn(nil, q, now) }

// NewOn returns a tree that begins as base, which it never changes; nil is an empty one.
func NewOn(base *Layer, q Quota, now func() time.Time) *FS {
	t := &tree{now: now, quota: q.Defaults(), base: base}
	t.reset()
	return &FS{tree: t, out: new(made)}
}

// reset makes the tree that of its base.
func (t *tree) reset() {
	t.bytes, t.files, t.lastLink, t.links = 0, 0, 0, nil
	if t.base != nil {
		t.root, t.ino = t.base.root, t.base.ino
		return
	}
	t.root = t.newInode(dirMode | 0o755)
}

// Clear frees what the session made, and forgets its mounts. Handles that are open become stale.
func (f *FS) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mounts, f.stored = nil, stored{}
	f.age++
	f.reset()
}

// For is the same tree for one Exec: what exceeds the quota strikes its budget.
func (f *FS) For(b *limits.Budget) *FS { return &FS{tree: f.tree, budget: b, out: new(made)} }

// Usage says how much of the quota is used.
func (f *FS) Usage() Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Usage{f.bytes, f.files, f.quota}
}

// spend takes bytes and files from the quota, or gives them back where they are negative.
func (f *FS) spend(bytes, files int64) error {
	if bytes > 0 && (bytes > f.quota.Bytes || f.bytes+bytes > f.quota.Bytes) {
		return f.exceeded("file-bytes", limits.Size(f.quota.Bytes))
	}
	if files > 0 && f.files+files > f.quota.Files {
		return f.exceeded("file-count", fmt.Sprint(f.quota.Files))
	}
	f.bytes += bytes
	f.files += files
	return nil
}

// spendOut counts bytes and files that leave for a live mount.
func (f *FS) spendOut(bytes, files int) error {
	if f.out.bytes.Add(int64(bytes)) > f.quota.Bytes {
		return f.exceeded("file-bytes", limits.Size(f.quota.Bytes))
	}
	if f.out.files.Add(int64(files)) > f.quota.Files {
		return f.exceeded("file-count", fmt.Sprint(f.quota.Files))
	}
	return nil
}

func (f *FS) exceeded(name, limit string) error {
	err := &limits.Exceeded{Name: name, Limit: limit}
	if f.budget != nil {
		return f.budget.Strike(err)
	}
	return err
}
