package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"sort"
	"strings"
)

// pack is a pack and its index.
type pack struct {
	name    string // of the pack
	index   []byte
	count   int
	content []byte // read when it is first needed
}

const (
	maxPacks = 2000
	maxDelta = 4095 // deltas upon each other
)

// openPacks reads the indexes, once.
func (r *repo) openPacks() []*pack {
	if r.packsRead {
		return r.packs
	}
	r.packsRead = true
	dir := r.dir + "/objects/pack"
	list, _ := r.inv.FS.ReadDir(dir)
	for _, f := range list {
		base, ok := strings.CutSuffix(f.Name, ".idx")
		if !ok || len(r.packs) == maxPacks || f.Size > maxObject || r.keep(int(f.Size)) != nil {
			continue
		}
		index, err := r.inv.FS.ReadFile(dir + "/" + f.Name)
		if err != nil || len(index) < 8+1024+40 || !bytes.Equal(index[:8], []byte("\xfftOc\x00\x00\x00\x02")) {
			continue
		}
		p := &pack{name: dir + "/" + base + ".pack", index: index, count: int(binary.BigEndian.Uint32(index[8+255*4:]))}
		if p.count < 0 || len(index) < 8+1024+p.count*28+40 {
			continue
		}
		r.packs = append(r.packs, p)
	}
	return r.packs
}

func (p *pack) id(i int) id { return id(p.index[8+1024+i*20:][:20]) }

// find is an object's offset.
func (p *pack) find(h id) (int64, bool) {
	i := sort.Search(p.count, func(i int) bool { a := p.id(i); return bytes.Compare(a[:], h[:]) >= 0 })
	if i >= p.count || p.id(i) != h {
		return 0, false
	}
	offset := int64(binary.BigEndian.Uint32(p.index[8+1024+p.count*24+i*4:]))
	if offset&(1<<31) != 0 {
		at := 8 + 1024 + p.count*28 + int(offset&^(1<<31))*8
		if at+8 > len(p.index) {
			return 0, false
		}
		offset = int64(binary.BigEndian.Uint64(p.index[at:]))
	}
	return offset, true
}

var packKinds = map[byte]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}

// packHead is what stands before the content of an object in a pack.
type packHead struct {
	kind byte // 1 to 4: what packKinds says; 6: a delta to the object at base; 7: one to ref
	size int64
	base int64
	ref  id
	data int64 // where the content begins
}

// head reads the head of the object at an offset.
func (p *pack) head(offset int64) (h packHead, ok bool) {
	if offset < 12 || offset >= int64(len(p.content)-sha1.Size) {
		return h, false
	}
	at := p.content[offset : len(p.content)-sha1.Size]
	h.kind, h.size = at[0]>>4&7, int64(at[0]&15)
	n := 1
	for shift := 4; at[n-1]&0x80 != 0; shift += 7 {
		if n >= len(at) || shift > 56 {
			return h, false
		}
		h.size |= int64(at[n]&0x7f) << shift
		n++
	}
	switch h.kind {
	case 1, 2, 3, 4:
	case 6:
		if n >= len(at) {
			return h, false
		}
		back := int64(at[n] & 0x7f)
		for at[n]&0x80 != 0 {
			if n++; n >= len(at) || back > 1<<48 {
				return h, false
			}
			back = (back+1)<<7 | int64(at[n]&0x7f)
		}
		n++
		if h.base = offset - back; back <= 0 || h.base < 12 {
			return h, false
		}
	case 7:
		if n+sha1.Size > len(at) {
			return h, false
		}
		h.ref = id(at[n : n+sha1.Size])
		n += sha1.Size
	default:
		return h, false
	}
	h.data = offset + int64(n)
	return h, true
}

func (r *repo) applyDelta(base, delta []byte) ([]byte, error) {
	corrupt := fatal("a delta is corrupt")
	number := func() int64 {
		n := int64(0)
		for shift := 0; len(delta) > 0 && shift < 56; shift += 7 {
			c := delta[0]
			delta = delta[1:]
			n |= int64(c&0x7f) << shift
			if c&0x80 == 0 {
				return n
			}
		}
		return -1
	}
	if number() != int64(len(base)) {
		return nil, corrupt
	}
	size := number()
	if size < 0 || size > maxObject {
		return nil, corrupt
	}
	if err := r.hold(int(size)); err != nil {
		return nil, err
	}
	out := make([]byte, 0, size)
	for len(delta) > 0 {
		c := delta[0]
		delta = delta[1:]
		if c&0x80 == 0 {
			if c == 0 || int(c) > len(delta) || int64(len(out))+int64(c) > size {
				return nil, corrupt
			}
			out = append(out, delta[:c]...)
			delta = delta[c:]
			continue
		}
		var v [7]int64
		for i := range v {
			if c&(1<<i) != 0 {
				if len(delta) == 0 {
					return nil, corrupt
				}
				v[i] = int64(delta[0])
				delta = delta[1:]
			}
		}
		from, n := v[0]|v[1]<<8|v[2]<<16|v[3]<<24, v[4]|v[5]<<8|v[6]<<16
		if n == 0 {
			n = 0x10000
		}
		if from+n > int64(len(base)) || int64(len(out))+n > size {
			return nil, corrupt
		}
		out = append(out, base[from:from+n]...)
	}
	if int64(len(out)) != size {
		return nil, corrupt
	}
	return out, r.spend(len(out))
}
