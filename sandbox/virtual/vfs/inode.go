package vfs

import (
	"crypto/sha256"
	"io/fs"
	"slices"
	"strings"
	"time"
)

const (
	dirMode     = fs.ModeDir
	linkMode    = fs.ModeSymlink
	settable    = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	mayRead     = 4
	mayWrite    = 2
	maySearch   = 1
	agent       = 1000 // the uid and gid that own a session's files
	dirSize     = 4096
	maxFileSize = 1 << 40
)

// inode is a file, directory, link or device. One that is frozen belongs to a layer below, which other sessions may
// share: it is copied into the session's own tree before it changes (FS.own).
type inode struct {
	ino                 uint64
	mode                fs.FileMode
	nlink               int32
	opens               int32 // handles on it
	frozen              bool
	system              bool  // root's, not the agent's: /dev and /proc
	shared              bool  // data is another inode's too
	unread              bool  // content or entries are not in memory yet: they are in src, or stored under hash
	dirty               bool  // differs from what its directory was last stored with
	mtime, atime, ctime int64 // Unix ns

	data     []byte            // of a file
	size     int64             // of a file that is unread
	target   string            // of a symbolic link
	children map[string]*inode // of a directory; nil is a name of lower that was removed
	lower    *inode            // the frozen directory that children change
	hash     *[sha256.Size]byte
	src      *mount // the tree that it is read from
	rel      string // its name in src or in the base
	device   func(flag Flag) (File, error)
	link     uint64 // its number among the files with several names, 0 if it never had two
}

func (t *tree) newInode(mode fs.FileMode) *inode {
	t.ino++
	now := t.now().UnixNano()
	n := &inode{ino: t.ino, mode: mode, nlink: 1, dirty: true, mtime: now, atime: now, ctime: now}
	if mode.IsDir() {
		n.children, n.nlink = map[string]*inode{}, 2
	}
	return n
}

func (n *inode) isDir() bool  { return n.mode&dirMode != 0 }
func (n *inode) isLink() bool { return n.mode&linkMode != 0 }

// live says that changes go straight to where it is read from.
func (n *inode) live() bool { return n.src != nil && n.frozen && n.src.mode == ReadWriteMount }

// may checks permission bits as the agent has them.
func (n *inode) may(bits fs.FileMode) bool {
	mode := n.mode >> 6
	if n.system {
		mode = n.mode
	}
	return mode&bits == bits
}

func (n *inode) length() int64 {
	switch {
	case n.isDir():
		return dirSize
	case n.isLink():
		return int64(len(n.target))
	case n.unread:
		return n.size
	}
	return int64(len(n.data))
}

func (n *inode) info(name string) Info {
	at := func(ns int64) time.Time { return time.Unix(0, ns).UTC() }
	i := Info{Name: name, Size: n.length(), Mode: n.mode, ModTime: at(n.mtime), AccessTime: at(n.atime), ChangeTime: at(n.ctime),
		Ino: n.ino, Nlink: int(n.nlink), UID: agent, GID: agent, Target: n.target}
	if n.system {
		i.UID, i.GID = 0, 0
	}
	return i
}

// touch notes a change of content.
func (f *FS) touch(n *inode) {
	n.mtime = f.now().UnixNano()
	n.ctime, n.dirty, n.hash = n.mtime, true, nil
}

// child finds a name in a directory; nil where there is none.
func (f *FS) child(n *inode, name string) (*inode, error) {
	if n.unread {
		if err := f.loadDir(n); err != nil {
			return nil, err
		}
	}
	if c, ok := n.children[name]; ok {
		return c, nil
	}
	if n.lower != nil {
		return f.child(n.lower, name)
	}
	if n.src != nil {
		return n.src.child(f.source(n.src), n, name)
	}
	return nil, nil
}

type entry struct {
	name string
	n    *inode
}

// entries lists a directory, sorted by name.
func (f *FS) entries(n *inode) ([]entry, error) {
	if n.unread {
		if err := f.loadDir(n); err != nil {
			return nil, err
		}
	}
	var list []entry
	var err error
	switch {
	case n.lower != nil:
		below, err := f.entries(n.lower)
		if err != nil {
			return nil, err
		}
		for _, e := range below {
			if _, changed := n.children[e.name]; !changed {
				list = append(list, e)
			}
		}
	case n.src != nil:
		if list, err = n.src.entries(f.source(n.src), n); err != nil {
			return nil, err
		}
	}
	list = slices.Grow(list, len(n.children))
	for name, c := range n.children {
		if c != nil {
			list = append(list, entry{name, c})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// put makes name lead to n in dir, which is the session's own.
func (f *FS) put(dir *inode, name string, n *inode) {
	dir.children[strings.Clone(name)] = n // name may be part of a long path
	if n.isDir() {
		dir.nlink++
	}
	f.touch(dir)
}

// drop takes a name out of dir. It does not touch the inode it led to.
func (f *FS) drop(dir *inode, name string, n *inode) {
	delete(dir.children, name)
	if dir.lower != nil {
		if below, err := f.child(dir.lower, name); below != nil || err != nil {
			dir.children[strings.Clone(name)] = nil
		}
	}
	if n.isDir() {
		dir.nlink--
	}
	f.touch(dir)
}

// unlink takes a name out of dir and frees what it led to, if that was its last.
func (f *FS) unlink(dir *inode, name string, n *inode) {
	f.drop(dir, name, n)
	if n.frozen {
		return
	}
	if n.nlink--; n.isDir() {
		n.nlink = 0
	}
	n.ctime, n.dirty = f.now().UnixNano(), true
	f.free(n)
}

// free gives back the quota of a file that has no name and is not open.
func (f *FS) free(n *inode) {
	if n.nlink > 0 || n.opens > 0 {
		return
	}
	f.files--
	if n.mode.IsRegular() {
		f.bytes -= n.length()
	}
	delete(f.links, n.link)
}
