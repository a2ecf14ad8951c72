package vfs

import (
	"encoding/binary"
	"fmt"
	"sort"
)

// The stored form of a tree. A directory is a blob that lists its changes over the directory below it, sorted by name;
// the root blob names the root directory, the files with several names, and the changes over each overlay mount. Numbers
// are varints, strings have their length before them, hashes are 32 bytes. Access and change times are not kept.
const (
	formatName    = "flue-files "
	formatVersion = 1
)

const (
	fileRecord    = 'f' // mode, mtime, size, hash unless it is empty; a named pipe by its mode
	dirRecord     = 'd' // mode, mtime, nlink, name of the directory below or "", hash
	linkRecord    = 'l' // mtime, target
	sharedRecord  = 'h' // number among the files with several names
	removedRecord = 'w' // a name of the directory below that is gone
)

type encoder struct{ b []byte }

func newEncoder(kind byte) *encoder {
	return &encoder{fmt.Appendf(nil, "%s%d%c\n", formatName, formatVersion, kind)}
}

func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }
func (e *encoder) int(v int64)   { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

// dir lists the entries of n, all of which have their hashes.
func (e *encoder) dir(n *inode) {
	if n.frozen {
		return
	}
	names := make([]string, 0, len(n.children))
	for name := range n.children {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c := n.children[name]
		switch {
		case c == nil:
			e.b = append(e.b, removedRecord)
			e.string(name)
		case c.link != 0:
			e.b = append(e.b, sharedRecord)
			e.string(name)
			e.uint(c.link)
		case c.mountRoot() == nil && c.device == nil:
			e.record(name, c)
		}
	}
}

func (e *encoder) record(name string, n *inode) {
	switch {
	case n.isDir():
		e.b = append(e.b, dirRecord)
		e.string(name)
		e.uint(uint64(n.mode))
		e.int(n.mtime)
		e.uint(uint64(n.nlink))
		e.string(n.below())
		e.b = append(e.b, n.hash[:]...)
	case n.isLink():
		e.b = append(e.b, linkRecord)
		e.string(name)
		e.int(n.mtime)
		e.string(n.target)
	default:
		e.b = append(e.b, fileRecord)
		e.string(name)
		e.uint(uint64(n.mode))
		e.int(n.mtime)
		e.uint(uint64(n.length()))
		if n.length() > 0 {
			e.b = append(e.b, n.hash[:]...)
		}
	}
}

// below is the name, in the base or the mounted source, of the directory that n changes; "" is none.
func (n *inode) below() string {
	switch {
	case n.frozen:
		return n.rel
	case n.lower != nil:
		return n.lower.rel
	}
	return ""
}
