package vfs

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Source is a tree of files from elsewhere that a mount shows: a host folder, a bucket. Names are relative, without
// links in them, clean and slash-separated; "." is the root. Errors are those of this package.
type Source interface {
	Lstat(name string) (Info, error)
	ReadDir(name string) ([]Info, error)
	// Open opens a regular file; perm is for one that Create makes, which only a Writable is asked for.
	Open(name string, flag Flag, perm fs.FileMode) (File, error)
}

// Writable is a Source that can be mounted for writing.
type Writable interface {
	Source
	Mkdir(name string, perm fs.FileMode) error
	Symlink(target, name string) error
	Remove(name string) error // an empty directory too
	Rename(old, name string) error
	Chmod(name string, perm fs.FileMode) error
	SetTimes(name string, access, modify time.Time) error
}

// Remote is a Source whose calls may wait for somebody else: a bucket.
type Remote interface {
	Source
	// During is the same tree for calls that end with ctx; it is Writable where the Source is.
	During(ctx context.Context) Source
}

// MountMode says what a change below a mount does.
type MountMode int

// The modes of a mount.
const (
	ReadOnlyMount  MountMode = iota // it fails
	OverlayMount                    // it stays in the session, and shows over the source
	ReadWriteMount                  // it is made in the source
)

// OwnLinks is a Source whose links were made where they are in this tree: one that leads out of it is followed. Those of
// other sources mean what is behind them elsewhere, and lead nowhere.
type OwnLinks interface {
	Source
	OwnLinks()
}

// mount is a source at a place of the tree.
type mount struct {
	path    string // without links
	source  Source
	mode    MountMode
	own     bool   // its links may leave it
	number  uint64 // among the mounts, from 1
	root    *inode // of the source
	changes *inode // the root of an OverlayMount's changes over it
}

// Mount shows source at name, a directory that is made where there is none; it hides what is in it.
func (f *FS) Mount(name string, source Source, mode MountMode) error {
	m := &mount{source: source, mode: mode}
	_, m.own = source.(OwnLinks)
	if mode == ReadWriteMount {
		if _, ok := source.(Writable); !ok {
			return fmt.Errorf("mounting %s for writing: its source can only be read", name)
		}
	}
	i, err := source.Lstat(".")
	if err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	if !i.IsDir() {
		return fmt.Errorf("mounting %s: %w", name, ErrNotDir)
	}
	if err := f.MkdirAll(name, 0o755); err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	if m.path, err = f.Realpath(name); err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	if m.path == "/" {
		return fmt.Errorf("mounting %s: the root cannot be a mount; name a directory", name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m.number = uint64(len(f.mounts)) + 1
	m.root = m.inode(".", i)
	if err := f.place(m); err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	f.mounts = append(f.mounts, m)
	return nil
}

// mountRoot is the mount whose root n is, or nil.
func (n *inode) mountRoot() *mount {
	if n.lower != nil && !n.frozen {
		n = n.lower
	}
	if n.src != nil && n.rel == "." {
		return n.src
	}
	return nil
}

// under is the name in src of what is called name in the directory n.
func (n *inode) under(name string) string {
	if n.rel == "." {
		return name
	}
	return n.rel + "/" + name
}

// inode is what the source has at rel, for one lookup.
func (m *mount) inode(rel string, i Info) *inode {
	n := &inode{ino: m.ino(rel, i.Ino), mode: i.Mode, nlink: int32(max(i.Nlink, 1)), frozen: true, mtime: i.ModTime.UnixNano(),
		atime: i.AccessTime.UnixNano(), ctime: i.ChangeTime.UnixNano(), target: i.Target, src: m, rel: rel}
	if i.Mode.IsRegular() {
		n.unread, n.size = true, i.Size
	}
	return n
}

// ino is a number that no file of the session or of another mount has.
func (m *mount) ino(rel string, theirs uint64) uint64 {
	if theirs == 0 {
		h := fnv.New64a()
		io.WriteString(h, rel)
		theirs = h.Sum64()
	}
	return m.number<<48 | theirs&(1<<48-1)
}

// source is what m shows, for calls that end with this view's Exec.
func (f *FS) source(m *mount) Source {
	if r, ok := m.source.(Remote); ok && f.budget != nil {
		return r.During(f.budget.Context())
	}
	return m.source
}

// live is source of a ReadWriteMount.
func (f *FS) live(m *mount) Writable { return f.source(m).(Writable) }

func (m *mount) child(source Source, dir *inode, name string) (*inode, error) {
	rel := dir.under(name)
	i, err := source.Lstat(rel)
	if err == ErrNotExist {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m.inode(rel, i), nil
}

func (m *mount) entries(source Source, dir *inode) ([]entry, error) {
	infos, err := source.ReadDir(dir.rel)
	if err != nil {
		return nil, err
	}
	list := make([]entry, len(infos))
	for i, info := range infos {
		list[i] = entry{info.Name, m.inode(dir.under(info.Name), info)}
	}
	return list, nil
}

// readSource reads a file that is about to change in an overlay.
func readSource(source Source, rel string, limit int64) ([]byte, error) {
	h, err := source.Open(rel, Read, 0)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	data, err := io.ReadAll(io.LimitReader(h, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = ErrTooBig
	}
	return data, err
}

// Leaves says whether a link at rel, a name in a source, leads out of it.
func Leaves(rel, target string) bool {
	if path.IsAbs(target) {
		return true
	}
	to := path.Join(path.Dir(rel), target)
	return to == ".." || strings.HasPrefix(to, "../")
}

// liveFile is a file of a live mount that is written to.
type liveFile struct {
	File
	fs   *FS
	name string // in its source
}

// Write writes to the source, as much as the quota lets one Exec.
func (h *liveFile) Write(p []byte) (int, error) {
	if err := h.fs.spendOut(len(p), 0); err != nil {
		return 0, err
	}
	return h.File.Write(p)
}

// Truncate makes the file size bytes long, as the quota lets it.
func (h *liveFile) Truncate(size int64) error {
	if size > h.fs.quota.Bytes {
		return h.fs.spendOut(int(size), 0)
	}
	return h.File.Truncate(size)
}

// Close tells who asks for Unwritten that the source did not take what was written: few programs look.
func (h *liveFile) Close() error {
	err := h.File.Close()
	if err != nil && err != ErrBadFile {
		h.fs.out.mu.Lock()
		h.fs.out.unwritten = append(h.fs.out.unwritten, fmt.Errorf("%s: %w", h.name, err))
		h.fs.out.mu.Unlock()
	}
	return err
}

// Unwritten are the errors of files of live mounts that this view wrote to and whose source did not keep it.
func (f *FS) Unwritten() []error {
	f.out.mu.Lock()
	defer f.out.mu.Unlock()
	return f.out.unwritten
}
