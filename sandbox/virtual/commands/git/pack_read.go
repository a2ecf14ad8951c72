package git

import (
	"bytes"
	"compress/zlib"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

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

// place is where an object stands.
type place struct {
	pack   *pack
	offset int64
}

// unpack reads the object at an offset: down the chain of its deltas to a whole one, or one that is remembered, and up
// again.
func (r *repo) unpack(p *pack, offset int64) (object, error) {
	if err := r.load(p); err != nil {
		return object{}, err
	}
	corrupt := fatal("packfile %s is corrupt", p.name)
	type link struct {
		packHead
		offset int64
	}
	var deltas []link
	var o object
	for o.kind == "" {
		if known, ok := r.bases[place{p, offset}]; ok {
			o = known
			break
		}
		h, ok := p.head(offset)
		if !ok || len(deltas) > maxDelta {
			return object{}, corrupt
		}
		switch h.kind {
		case 6:
			deltas, offset = append(deltas, link{h, offset}), h.base
		case 7:
			next, ok := p.find(h.ref)
			if !ok || next == offset {
				return object{}, corrupt
			}
			deltas, offset = append(deltas, link{h, offset}), next
		default:
			data, _, err := r.inflateSome(p.content[h.data:], h.size)
			if err != nil {
				return object{}, err
			}
			o = object{packKinds[h.kind], data}
			if len(deltas) > 0 {
				if err := r.remember(place{p, offset}, o); err != nil {
					return object{}, err
				}
			}
		}
	}
	for i := len(deltas) - 1; i >= 0; i-- {
		d := deltas[i]
		delta, _, err := r.inflateSome(p.content[d.data:], d.size)
		if err != nil {
			return object{}, err
		}
		if o.data, err = r.applyDelta(o.data, delta); err != nil {
			return object{}, err
		}
		r.free(len(delta))
		if i > 0 {
			if err := r.remember(place{p, d.offset}, o); err != nil {
				return object{}, err
			}
		}
	}
	return o, nil
}

// maxBases is how many bytes of objects that deltas build upon are remembered.
const maxBases = 32 << 20

// remember keeps an object for the next delta to it.
func (r *repo) remember(at place, o object) error {
	if len(o.data) > maxBases/4 {
		return nil
	}
	if r.based+len(o.data) > maxBases {
		r.inv.Budget.Release(r.based)
		r.kept -= r.based
		r.bases, r.based = nil, 0
	}
	if r.bases == nil {
		r.bases = map[place]object{}
	}
	r.bases[at] = o
	r.based += len(o.data)
	return r.keep(len(o.data))
}

// inflateSome expands the beginning of a part of a pack to exactly size bytes, holds them, and says how many bytes that took.
func (r *repo) inflateSome(from []byte, size int64) (data []byte, used int, err error) {
	in := bytes.NewReader(from)
	if r.expander == nil {
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, 0, fatal("an object is corrupt")
		}
		r.expander = z
	} else if err := r.expander.(zlib.Resetter).Reset(in, nil); err != nil {
		return nil, 0, fatal("an object is corrupt")
	}
	data, err = r.inflate(r.expander, size)
	return data, len(from) - in.Len(), err
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
