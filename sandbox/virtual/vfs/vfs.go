// Package vfs is the file tree of one session: everything the shell and its commands call a file.
// Start at FS. All paths are absolute; "." and ".." are resolved like the kernel does.
package vfs

import (
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"time"
)

// Flag says how Open opens a file; the zero value reads.
type Flag int

// The flags of open(2).
const (
	Read  Flag = 0
	Write Flag = 1 << iota // for writing only
	ReadWrite
	Append
	Create
	Exclusive
	Truncate
	NoFollow
)

func (f Flag) writes() bool { return f&(Write|ReadWrite|Append|Truncate) != 0 }

// Info is what stat(2) tells.
type Info struct {
	Name                            string // base name
	Size                            int64  // bytes
	Mode                            fs.FileMode
	ModTime, AccessTime, ChangeTime time.Time
	Ino                             uint64
	Nlink                           int
	UID, GID                        int
	Target                          string // of a symbolic link
}

// IsDir says whether it is a directory.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// File is an open file, device or pipe end.
type File interface {
	io.Reader
	io.Writer
	io.Seeker
	io.Closer
	Stat() (Info, error)
	Truncate(size int64) error
}

// Quota bounds a tree. A zero field means its default.
type Quota struct {
	Bytes int64 // content of all files; 256 MiB
	Files int64 // inodes; 50,000
}

// FS is a tree of files. Its methods may be called from any goroutine.
type FS struct {
	mu    sync.RWMutex
	root  *inode
	ino   uint64
	quota Quota
	bytes int64
	files int64
	now   func() time.Time
}

type inode struct {
	ino      uint64
	mode     fs.FileMode
	mtime    time.Time
	nlink    int
	data     []byte
	target   string
	children map[string]*inode
	parent   *inode
	device   func(flag Flag) File
}

// New returns a tree with nothing but its root. now is the clock for file times.
func New(q Quota, now func() time.Time) *FS {
	if q.Bytes == 0 {
		q.Bytes = 256 << 20
	}
	if q.Files == 0 {
		q.Files = 50_000
	}
	f := &FS{quota: q, now: now}
	f.root = f.newInode(fs.ModeDir | 0o755)
	f.root.parent = f.root
	return f
}

func (f *FS) newInode(mode fs.FileMode) *inode {
	f.ino++
	n := &inode{ino: f.ino, mode: mode, mtime: f.now(), nlink: 1}
	if mode.IsDir() {
		n.children = map[string]*inode{}
	}
	return n
}

// walk resolves name; with parent it stops before the last component, which need not exist.
func (f *FS) walk(name string, follow bool) (dir *inode, base string, n *inode, err error) {
	if !strings.HasPrefix(name, "/") {
		return nil, "", nil, ErrInvalid
	}
	dir, n, base = f.root, f.root, "/"
	rest, links := name, 0
	for {
		rest = strings.TrimLeft(rest, "/")
		if rest == "" {
			return dir, base, n, nil
		}
		if n == nil {
			return nil, "", nil, ErrNotExist
		}
		if !n.mode.IsDir() {
			return nil, "", nil, ErrNotDir
		}
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		if len(part) > 255 {
			return nil, "", nil, ErrNameTooLong
		}
		switch part {
		case ".":
			continue
		case "..":
			n = n.parent
			dir, base = n.parent, "."
			continue
		}
		dir, base = n, part
		n = dir.children[part]
		if n != nil && n.mode&fs.ModeSymlink != 0 && (follow || strings.Trim(rest, "/") != "" || strings.HasSuffix(name, "/")) {
			if links++; links > 40 {
				return nil, "", nil, ErrLoop
			}
			rest = n.target + "/" + rest
			if strings.HasPrefix(n.target, "/") {
				n = f.root
			} else {
				n = dir
			}
			if strings.Trim(rest, "/") == "" {
				dir, base = n.parent, "."
			}
		}
	}
}

func (f *FS) lookup(name string, follow bool) (*inode, error) {
	_, _, n, err := f.walk(name, follow)
	if err == nil && n == nil {
		err = ErrNotExist
	}
	if err == nil && strings.HasSuffix(name, "/") && !n.mode.IsDir() {
		err = ErrNotDir
	}
	return n, err
}

func (n *inode) info(name string) Info {
	i := Info{Name: name, Size: int64(len(n.data)), Mode: n.mode, ModTime: n.mtime, AccessTime: n.mtime, ChangeTime: n.mtime,
		Ino: n.ino, Nlink: n.nlink, UID: 1000, GID: 1000, Target: n.target}
	if n.mode&fs.ModeSymlink != 0 {
		i.Size = int64(len(n.target))
	}
	if n.mode.IsDir() {
		i.Size, i.Nlink = 4096, 2
		for _, c := range n.children {
			if c.mode.IsDir() {
				i.Nlink++
			}
		}
	}
	return i
}

// Stat follows symbolic links.
func (f *FS) Stat(name string) (Info, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.lookup(name, true)
	if err != nil {
		return Info{}, err
	}
	return n.info(path.Base(name)), nil
}

// Lstat does not follow a symbolic link at the end of name.
func (f *FS) Lstat(name string) (Info, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.lookup(name, false)
	if err != nil {
		return Info{}, err
	}
	return n.info(path.Base(name)), nil
}

// ReadDir lists a directory, sorted by name, without "." and "..".
func (f *FS) ReadDir(name string) ([]Info, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.lookup(name, true)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, ErrNotDir
	}
	list := make([]Info, 0, len(n.children))
	for name, c := range n.children {
		list = append(list, c.info(name))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, nil
}

// add puts a new inode at name.
func (f *FS) add(name string, mode fs.FileMode) (*inode, error) {
	dir, base, n, err := f.walk(name, false)
	if err != nil {
		return nil, err
	}
	if n != nil {
		return nil, ErrExist
	}
	if f.files >= f.quota.Files {
		return nil, ErrNoSpace
	}
	f.files++
	n = f.newInode(mode)
	n.parent = dir
	dir.children[base] = n
	dir.mtime = f.now()
	return n, nil
}

// Mkdir makes one directory.
func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.add(name, fs.ModeDir|perm.Perm())
	return err
}

// MkdirAll makes a directory and those above it; one that exists is no error.
func (f *FS) MkdirAll(name string, perm fs.FileMode) error {
	if i, err := f.Stat(name); err == nil {
		if i.IsDir() {
			return nil
		}
		return ErrNotDir
	}
	if up := path.Dir(path.Clean(name)); up != "/" {
		if err := f.MkdirAll(up, perm); err != nil {
			return err
		}
	}
	if err := f.Mkdir(name, perm); err != ErrExist {
		return err
	}
	return nil
}

// Symlink makes a symbolic link at name.
func (f *FS) Symlink(target, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.add(name, fs.ModeSymlink|0o777)
	if err == nil {
		n.target = target
	}
	return err
}

// Readlink returns the target of a symbolic link.
func (f *FS) Readlink(name string) (string, error) {
	i, err := f.Lstat(name)
	if err == nil && i.Mode&fs.ModeSymlink == 0 {
		err = ErrInvalid
	}
	return i.Target, err
}

// Link makes another name for a file.
func (f *FS) Link(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(old, false)
	if err != nil {
		return err
	}
	if n.mode.IsDir() {
		return ErrNotAllowed
	}
	dir, base, there, err := f.walk(name, false)
	if err != nil {
		return err
	}
	if there != nil {
		return ErrExist
	}
	n.nlink++
	dir.children[base] = n
	return nil
}

func (f *FS) unlink(dir *inode, base string, n *inode) {
	delete(dir.children, base)
	dir.mtime = f.now()
	if n.nlink--; n.nlink == 0 {
		f.files--
		f.bytes -= int64(len(n.data))
	}
}

// Remove removes a file, a link, or an empty directory.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	dir, base, n, err := f.walk(strings.TrimRight(name, "/"), false)
	switch {
	case err != nil:
		return err
	case n == nil:
		return ErrNotExist
	case n == f.root || base == ".":
		return ErrBusy
	case len(n.children) > 0:
		return ErrNotEmpty
	}
	f.unlink(dir, base, n)
	return nil
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
			if err := f.RemoveAll(path.Join(name, c.Name)); err != nil {
				return err
			}
		}
	}
	return f.Remove(name)
}

// Rename moves a file or directory, replacing a file or empty directory that is in the way.
func (f *FS) Rename(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	odir, obase, n, err := f.walk(strings.TrimRight(old, "/"), false)
	if err == nil && n == nil {
		err = ErrNotExist
	}
	if err != nil {
		return err
	}
	dir, base, there, err := f.walk(strings.TrimRight(name, "/"), false)
	if err != nil {
		return err
	}
	if there == n {
		return nil
	}
	for up := dir; ; up = up.parent {
		if up == n {
			return ErrInvalid
		}
		if up == f.root {
			break
		}
	}
	if there != nil {
		switch {
		case there.mode.IsDir() && !n.mode.IsDir():
			return ErrIsDir
		case !there.mode.IsDir() && n.mode.IsDir():
			return ErrNotDir
		case len(there.children) > 0:
			return ErrNotEmpty
		}
		f.unlink(dir, base, there)
	}
	delete(odir.children, obase)
	dir.children[base] = n
	n.parent = dir
	odir.mtime, dir.mtime = f.now(), f.now()
	return nil
}

// Chmod sets the permission bits of what name leads to.
func (f *FS) Chmod(name string, perm fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(name, true)
	if err == nil {
		n.mode = n.mode.Type() | perm
	}
	return err
}

// Chtimes sets the modification time of what name leads to.
func (f *FS) Chtimes(name string, mtime time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.lookup(name, true)
	if err == nil {
		n.mtime = mtime
	}
	return err
}

// Realpath resolves every symbolic link; all of name must exist.
func (f *FS) Realpath(name string) (string, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.lookup(name, true)
	if err != nil {
		return "", err
	}
	if !n.mode.IsDir() {
		dir, base, _, _ := f.walk(name, true)
		return path.Join(dir.path(), base), nil
	}
	return n.path(), nil
}

func (n *inode) path() string {
	if n.parent == n {
		return "/"
	}
	for name, c := range n.parent.children {
		if c == n {
			return path.Join(n.parent.path(), name)
		}
	}
	return "/"
}

// Device puts a character device at name; open is called for each Open of it.
func (f *FS) Device(name string, open func(flag Flag) File) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.add(name, fs.ModeDevice|fs.ModeCharDevice|0o666)
	if err == nil {
		n.device = open
	}
	return err
}

// Open opens name. perm is for a file that Create makes.
func (f *FS) Open(name string, flag Flag, perm fs.FileMode) (File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dir, base, n, err := f.walk(name, flag&NoFollow == 0)
	if err != nil {
		return nil, err
	}
	switch {
	case n == nil && flag&Create == 0:
		return nil, ErrNotExist
	case n == nil && strings.HasSuffix(name, "/"):
		return nil, ErrIsDir
	case n == nil:
		if n, err = f.add(path.Join(dir.path(), base), perm.Perm()); err != nil {
			return nil, err
		}
	case flag&Create != 0 && flag&Exclusive != 0:
		return nil, ErrExist
	case n.mode.IsDir() && flag.writes():
		return nil, ErrIsDir
	case n.device != nil:
		return n.device(flag), nil
	case flag&Truncate != 0:
		f.bytes -= int64(len(n.data))
		n.data, n.mtime = nil, f.now()
	}
	return &file{fs: f, n: n, name: base, flag: flag}, nil
}

// ReadFile reads all of a file.
func (f *FS) ReadFile(name string) ([]byte, error) {
	h, err := f.Open(name, Read, 0)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	return io.ReadAll(h)
}

// WriteFile writes all of a file, which is made or replaced.
func (f *FS) WriteFile(name string, data []byte, perm fs.FileMode) error {
	h, err := f.Open(name, Write|Create|Truncate, perm)
	if err != nil {
		return err
	}
	defer h.Close()
	_, err = h.Write(data)
	return err
}

type file struct {
	fs   *FS
	n    *inode
	name string
	flag Flag
	mu   sync.Mutex
	off  int64
}

func (h *file) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	if h.n.mode.IsDir() {
		return 0, ErrIsDir
	}
	if h.flag.writes() && h.flag&ReadWrite == 0 {
		return 0, ErrBadFile
	}
	if h.off >= int64(len(h.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.n.data[h.off:])
	h.off += int64(n)
	return n, nil
}

func (h *file) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if !h.flag.writes() {
		return 0, ErrBadFile
	}
	if h.flag&Append != 0 {
		h.off = int64(len(h.n.data))
	}
	if grow := h.off + int64(len(p)) - int64(len(h.n.data)); grow > 0 {
		if h.fs.bytes+grow > h.fs.quota.Bytes {
			return 0, ErrNoSpace
		}
		h.fs.bytes += grow
		if pad := h.off - int64(len(h.n.data)); pad > 0 {
			h.n.data = append(h.n.data, make([]byte, pad)...)
		}
		h.n.data = append(h.n.data[:h.off], p...)
	} else {
		copy(h.n.data[h.off:], p)
	}
	h.off += int64(len(p))
	h.n.mtime = h.fs.now()
	return len(p), nil
}

func (h *file) Seek(offset int64, whence int) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += h.off
	case io.SeekEnd:
		h.fs.mu.RLock()
		offset += int64(len(h.n.data))
		h.fs.mu.RUnlock()
	}
	if offset < 0 {
		return h.off, ErrInvalid
	}
	h.off = offset
	return offset, nil
}

func (h *file) Truncate(size int64) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if !h.flag.writes() {
		return ErrInvalid
	}
	grow := size - int64(len(h.n.data))
	if h.fs.bytes+grow > h.fs.quota.Bytes {
		return ErrNoSpace
	}
	h.fs.bytes += grow
	if grow > 0 {
		h.n.data = append(h.n.data, make([]byte, grow)...)
	} else {
		h.n.data = h.n.data[:size]
	}
	return nil
}

func (h *file) Stat() (Info, error) {
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	return h.n.info(h.name), nil
}

func (h *file) Close() error { return nil }
