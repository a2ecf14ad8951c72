package vfs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"
)

// decoder reads what encoder wrote. After the first mistake it reads zeros, and err says what it was.
type decoder struct {
	b   []byte
	err error
}

func newDecoder(b []byte, kind byte) *decoder {
	d := &decoder{b: b}
	line, rest, ok := bytes.Cut(b, []byte("\n"))
	var version int
	var k byte
	if _, err := fmt.Sscanf(string(line), formatName+"%d%c", &version, &k); !ok || err != nil || k != kind {
		d.fail("it is not a file tree")
	} else if version > formatVersion {
		d.fail(fmt.Sprintf("it was written by a newer flue: its format is %d, this flue reads %d", version, formatVersion))
	} else {
		d.b = rest
	}
	return d
}

func (d *decoder) fail(why string) {
	if d.err == nil {
		d.err = fmt.Errorf("stored files: %s", why)
	}
	d.b = nil
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("cut short")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("cut short")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail("cut short")
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) string() string { return string(d.bytes(d.uint())) }

func (d *decoder) hash() *[sha256.Size]byte {
	h := new([sha256.Size]byte)
	copy(h[:], d.bytes(sha256.Size))
	return h
}

func (d *decoder) name() string {
	s := d.string()
	if s == "" || len(s) > maxName || s == "." || s == ".." || strings.ContainsAny(s, "/\x00") {
		d.fail("a name that no file can have")
	}
	return s
}

// dir reads the entries of a directory of the base, or of the overlay over m.
func (d *decoder) dir(t *tree, m *mount) map[string]*inode {
	children := map[string]*inode{}
	for len(d.b) > 0 {
		kind := d.bytes(1)[0]
		name := d.name()
		switch kind {
		case removedRecord:
			children[name] = nil
		case sharedRecord:
			n := t.links[d.uint()]
			if n == nil {
				d.fail("a name of a file that is not there")
				break
			}
			children[name] = n
		default:
			children[name] = d.record(kind, t, m)
		}
	}
	return children
}

func (d *decoder) record(kind byte, t *tree, m *mount) *inode {
	n := &inode{nlink: 1}
	switch kind {
	case fileRecord:
		n.mode = fs.FileMode(d.uint()) & (settable | fs.ModeNamedPipe)
		n.mtime = d.int()
		if n.size = int64(d.uint()); n.size > 0 {
			n.hash, n.unread = d.hash(), true
		}
	case dirRecord:
		n.mode = dirMode | fs.FileMode(d.uint())&settable
		n.mtime = d.int()
		n.nlink = int32(d.uint())
		if below := d.string(); below != "" && d.err == nil {
			n.lower = t.below(below, m)
		}
		n.hash, n.unread, n.src = d.hash(), true, m
	case linkRecord:
		n.mode = linkMode | 0o777
		n.mtime = d.int()
		n.target = d.string()
	default:
		d.fail("an entry of an unknown kind")
	}
	t.ino++
	n.ino, n.atime, n.ctime = t.ino, n.mtime, n.mtime
	return n
}

// below finds a directory of the layer below by its name; nil where it is gone.
func (t *tree) below(name string, m *mount) *inode {
	if m != nil {
		i, err := m.source.Lstat(name)
		if err != nil || !i.IsDir() {
			return nil
		}
		return m.inode(name, i)
	}
	if t.base == nil {
		return nil
	}
	n := t.base.root
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		if part == "" {
			continue
		}
		if n = n.children[part]; n == nil || !n.isDir() {
			return nil
		}
	}
	return n
}
