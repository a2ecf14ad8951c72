package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// indexEntry is a file of the index. A file that a merge left in conflict has stages 1 to 3 in place of 0.
type indexEntry struct {
	entry
	size  uint32
	mtime int64 // nanoseconds
	ino   uint32
}

// index is what the next commit has.
type index struct {
	files     map[string]indexEntry
	conflicts map[string][3]entry // base, ours, theirs
}

func newIndex() *index {
	return &index{files: map[string]indexEntry{}, conflicts: map[string][3]entry{}}
}

// flat is the index as a tree.
func (x *index) flat() files {
	all := files{}
	for name, e := range x.files {
		all[name] = e.entry
	}
	return all
}

// names are the paths of the index, those in conflict too.
func (x *index) names() []string {
	list := make([]string, 0, len(x.files)+len(x.conflicts))
	for name := range x.files {
		list = append(list, name)
	}
	for name := range x.conflicts {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// takeSide puts the side of each conflict that --ours or --theirs asks for into source.
func (x *index) takeSide(f flags, source files) {
	for name, c := range x.conflicts {
		for i, key := range []string{"", "ours", "theirs"} {
			if key != "" && f.has(key) && c[i].mode != 0 {
				source[name] = c[i]
			}
		}
	}
}

// set puts a file in, and takes out what cannot be beside it.
func (x *index) set(name string, e indexEntry) {
	delete(x.conflicts, name)
	if _, ok := x.files[name]; !ok {
		for at := strings.IndexByte(name, '/'); at >= 0; {
			delete(x.files, name[:at])
			next := strings.IndexByte(name[at+1:], '/')
			if next < 0 {
				break
			}
			at += 1 + next
		}
		for other := range x.files {
			if strings.HasPrefix(other, name) && len(other) > len(name) && other[len(name)] == '/' {
				delete(x.files, other)
			}
		}
	}
	x.files[name] = e
}

func (x *index) remove(name string) {
	delete(x.files, name)
	delete(x.conflicts, name)
}

// readIndex reads .git/index, of version 2 or 3; one that is not there is empty.
func (r *repo) readIndex() (*index, error) {
	x := newIndex()
	data, err := r.inv.FS.ReadFile(r.dir + "/index")
	if err == vfs.ErrNotExist {
		return x, nil
	}
	if err != nil {
		return nil, fatal("index file open failed: %v", err)
	}
	if err := r.hold(2 * len(data)); err != nil {
		return nil, err
	}
	corrupt := fatal("index file corrupt")
	if len(data) < 32 || string(data[:4]) != "DIRC" {
		return nil, corrupt
	}
	version, count := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	if version < 2 || version > 4 {
		return nil, fatal("bad index version %d", version)
	}
	rest, previous := data[12:len(data)-20], ""
	for range count {
		if len(rest) < 63 {
			return nil, corrupt
		}
		e := indexEntry{entry: entry{binary.BigEndian.Uint32(rest[24:]), id(rest[40:60])}, size: binary.BigEndian.Uint32(rest[36:]),
			mtime: int64(binary.BigEndian.Uint32(rest[8:]))*1e9 + int64(binary.BigEndian.Uint32(rest[12:])), ino: binary.BigEndian.Uint32(rest[20:])}
		flags := binary.BigEndian.Uint16(rest[60:])
		head := 62
		if flags&0x4000 != 0 {
			head += 2
		}
		var name string
		if version == 4 {
			cut, n := int64(0), head
			for ; n < len(rest); n++ {
				cut = cut<<7 | int64(rest[n]&0x7f)
				if rest[n]&0x80 == 0 {
					break
				}
				cut++
			}
			end := bytes.IndexByte(rest[min(n+1, len(rest)):], 0)
			if end < 0 || cut < 0 || cut > int64(len(previous)) {
				return nil, corrupt
			}
			name = previous[:int64(len(previous))-cut] + string(rest[n+1:n+1+end])
			previous, rest = name, rest[n+2+end:]
		} else {
			end := bytes.IndexByte(rest[head:], 0)
			if end < 0 {
				return nil, corrupt
			}
			name = string(rest[head : head+end])
			length := (head + end + 8) &^ 7
			if length > len(rest) {
				return nil, corrupt
			}
			rest = rest[length:]
		}
		if !safePath(name) {
			return nil, fatal("invalid path '%s' in the index", name)
		}
		if stage := flags >> 12 & 3; stage > 0 {
			c := x.conflicts[name]
			c[stage-1] = e.entry
			x.conflicts[name] = c
		} else {
			x.files[name] = e
		}
	}
	return x, r.spend(len(data))
}

// writeIndex stores the index, as version 2.
func (r *repo) writeIndex(x *index) error {
	var b bytes.Buffer
	count := len(x.files)
	for _, c := range x.conflicts {
		for _, e := range c {
			if e.mode != 0 {
				count++
			}
		}
	}
	put := func(n uint32) { b.Write(binary.BigEndian.AppendUint32(nil, n)) }
	b.WriteString("DIRC")
	put(2)
	put(uint32(count))
	record := func(name string, e indexEntry, stage int) {
		start := b.Len()
		for _, n := range []uint32{uint32(e.mtime / 1e9), uint32(e.mtime % 1e9), uint32(e.mtime / 1e9), uint32(e.mtime % 1e9), 0, e.ino, e.mode, 1000, 1000, e.size} {
			put(n)
		}
		b.Write(e.id[:])
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(stage<<12|min(len(name), 0xfff))))
		b.WriteString(name)
		for b.WriteByte(0); (b.Len()-start)%8 != 0; {
			b.WriteByte(0)
		}
	}
	for _, name := range x.names() {
		if e, ok := x.files[name]; ok {
			record(name, e, 0)
			continue
		}
		for i, e := range x.conflicts[name] {
			if e.mode != 0 {
				record(name, indexEntry{entry: e}, i+1)
			}
		}
	}
	sum := sha1.Sum(b.Bytes())
	b.Write(sum[:])
	if err := r.inv.FS.WriteFile(r.dir+"/index", b.Bytes(), 0o644); err != nil {
		return fatal("unable to write new index file: %v", err)
	}
	return r.spend(b.Len())
}
