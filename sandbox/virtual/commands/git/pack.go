package git

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"sort"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// pack is a pack and its index.
type pack struct {
	name    string // of the pack
	index   []byte
	count   int
	content []byte // read when it is first needed
}

const (
	maxPacks = 200
	maxDelta = 200 // deltas upon each other
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

func (r *repo) readPacked(h id) (object, error) {
	for _, p := range r.openPacks() {
		offset, ok := p.find(h)
		if !ok {
			continue
		}
		o, err := r.unpack(p, offset)
		if err != nil {
			return o, err
		}
		if hashOf(o.kind, o.data) != h {
			return o, fatal("packed object %s (stored in %s) is corrupt", h, p.name)
		}
		return o, nil
	}
	return object{}, fatal("bad object %s", h)
}

var packKinds = map[byte]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}

// unpack reads the object at an offset: down the chain of its deltas to a whole one, and up again.
func (r *repo) unpack(p *pack, offset int64) (object, error) {
	if err := r.load(p); err != nil {
		return object{}, err
	}
	corrupt := fatal("packfile %s is corrupt", p.name)
	var deltas [][]byte
	for {
		if offset < 12 || offset >= int64(len(p.content)-20) || len(deltas) > maxDelta {
			return object{}, corrupt
		}
		at := p.content[offset:]
		kind, size := at[0]>>4&7, int64(at[0]&15)
		n := 1
		for shift := 4; at[n-1]&0x80 != 0; shift += 7 {
			if n >= len(at) || shift > 56 {
				return object{}, corrupt
			}
			size |= int64(at[n]&0x7f) << shift
			n++
		}
		base := int64(-1)
		var ref id
		switch kind {
		case 6:
			if n >= len(at) {
				return object{}, corrupt
			}
			back := int64(at[n] & 0x7f)
			for at[n]&0x80 != 0 {
				if n++; n >= len(at) || back > 1<<48 {
					return object{}, corrupt
				}
				back = (back+1)<<7 | int64(at[n]&0x7f)
			}
			n++
			base = offset - back
			if back <= 0 {
				return object{}, corrupt
			}
		case 7:
			if n+20 > len(at) {
				return object{}, corrupt
			}
			ref = id(at[n : n+20])
			n += 20
		}
		z, err := zlib.NewReader(bytes.NewReader(at[n:]))
		if err != nil {
			return object{}, corrupt
		}
		data, err := r.inflate(z, size)
		if err != nil {
			return object{}, err
		}
		switch kind {
		case 1, 2, 3, 4:
			return r.applyDeltas(object{packKinds[kind], data}, deltas)
		case 6:
			deltas, offset = append(deltas, data), base
		case 7:
			deltas = append(deltas, data)
			next, ok := p.find(ref)
			if !ok {
				return object{}, corrupt
			}
			if offset == next {
				return object{}, corrupt
			}
			offset = next
		default:
			return object{}, corrupt
		}
	}
}

// load reads a pack whole.
func (r *repo) load(p *pack) error {
	if p.content != nil {
		return nil
	}
	f, err := r.inv.FS.Open(p.name, vfs.Read, 0)
	if err != nil {
		return fatal("cannot open %s: %v", p.name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size < 32 {
		return fatal("packfile %s is corrupt", p.name)
	}
	if err := r.keep(int(info.Size)); err != nil {
		return err
	}
	p.content = make([]byte, info.Size)
	if _, err := io.ReadFull(f, p.content); err != nil || !bytes.HasPrefix(p.content, []byte("PACK\x00\x00\x00\x02")) {
		return fatal("packfile %s is corrupt", p.name)
	}
	return r.spend(len(p.content))
}

func (r *repo) applyDeltas(o object, deltas [][]byte) (object, error) {
	for i := len(deltas) - 1; i >= 0; i-- {
		data, err := r.applyDelta(o.data, deltas[i])
		if err != nil {
			return o, err
		}
		o.data = data
	}
	return o, nil
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
