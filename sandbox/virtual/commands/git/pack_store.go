package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// looseBelow is how many objects of a pack are stored as files of their own, so that small packs do not pile up.
const looseBelow = 100

// arrival is a pack that came from elsewhere, as far as it is understood. Nothing of it is stored before all is.
type arrival struct {
	*repo
	pack     *pack
	list     []arrived
	byOffset map[int64][]int32 // the deltas to what is at an offset
	byID     map[id][]int32    // the deltas to an object
	links    map[id]bool       // what its objects need
	shallow  map[id]bool       // commits whose parents are not needed
}

// arrived is one object of an arrival.
type arrived struct {
	packHead
	offset int64
	crc    uint32
	id     id
	known  bool
}

// storePack checks a pack and stores it with an index: each object is whole and has what it needs, here or in the pack,
// but for the parents of the commits in shallow. The bytes of content are held by the caller and become the pack's.
func (r *repo) storePack(content []byte, shallow map[id]bool, loose bool) error {
	if len(content) < 32 {
		return fatal("early EOF")
	}
	if string(content[:4]) != "PACK" {
		return fatal("pack signature mismatch")
	}
	if v := binary.BigEndian.Uint32(content[4:]); v != 2 && v != 3 {
		return fatal("pack version %d unsupported", v)
	}
	count := int64(binary.BigEndian.Uint32(content[8:]))
	if count > int64(len(content))/9 {
		return fatal("early EOF")
	}
	if err := r.keep(int(count) * 160); err != nil {
		return err
	}
	body, trailer := content[:len(content)-sha1.Size], content[len(content)-sha1.Size:]
	a := &arrival{repo: r, pack: &pack{content: content}, byOffset: map[int64][]int32{}, byID: map[id][]int32{}, links: map[id]bool{}, shallow: shallow}
	if err := a.scan(body, int(count)); err != nil {
		return err
	}
	sum := id(sha1.Sum(body))
	if err := r.spend(len(body)); err != nil {
		return err
	}
	if !bytes.Equal(sum[:], trailer) {
		return fatal("pack is corrupted (SHA1 mismatch)")
	}
	if err := a.resolveDeltas(); err != nil {
		return err
	}
	if err := a.connected(); err != nil {
		return err
	}
	a.pack.index, a.pack.count = a.index(trailer), len(a.list)
	if loose && count < looseBelow {
		return a.storeLoose()
	}
	return a.store(sum)
}

// scan reads the objects in their order, and names those that are no deltas.
func (a *arrival) scan(body []byte, count int) error {
	a.list = make([]arrived, 0, count)
	at := int64(12)
	for range count {
		e := arrived{offset: at}
		var ok bool
		if e.packHead, ok = a.pack.head(at); !ok {
			return fatal("pack has bad object at offset %d", at)
		}
		held := a.held
		data, used, err := a.inflateSome(body[min(e.data, int64(len(body))):], e.size)
		if err != nil {
			return err
		}
		next := e.data + int64(used)
		e.crc = crc32.ChecksumIEEE(body[at:next])
		i := int32(len(a.list))
		switch {
		case e.kind == 6:
			a.byOffset[e.base] = append(a.byOffset[e.base], i)
		case e.kind == 7:
			a.byID[e.ref] = append(a.byID[e.ref], i)
		default:
			if err := a.name(&e, packKinds[e.kind], data); err != nil {
				return err
			}
		}
		a.release(held)
		a.list = append(a.list, e)
		at = next
	}
	if at != int64(len(body)) {
		return fatal("pack has junk at the end")
	}
	return nil
}

// name gives an object its id, and notes what it needs.
func (a *arrival) name(e *arrived, kind string, data []byte) error {
	e.id, e.known = hashOf(kind, data), true
	before := len(a.links)
	var err error
	switch kind {
	case "commit":
		var c *commit
		if c, err = parseCommit(e.id, data); err == nil {
			a.links[c.tree] = true
			for _, p := range c.parents {
				if !a.shallow[e.id] {
					a.links[p] = true
				}
			}
		}
	case "tree":
		var list []treeEntry
		if list, err = parseTree(e.id, data); err == nil {
			for _, t := range list {
				if t.mode != modeRepo {
					a.links[t.id] = true
				}
			}
		}
	case "tag":
		to, ok := tagTarget(data)
		if !ok {
			return fatal("bad tag %s", e.id)
		}
		a.links[to] = true
	}
	if err != nil {
		return err
	}
	return a.keep((len(a.links) - before) * 64)
}

// based is an object to which deltas remain.
type based struct {
	data   []byte
	deltas []int32
	depth  int
}

// resolveDeltas makes the objects of the deltas, from each whole object up. Of a chain of deltas, however long, two
// objects are in memory.
func (a *arrival) resolveDeltas() error {
	for i := range a.list {
		e := &a.list[i]
		if e.kind > 4 || len(a.deltas(e)) == 0 {
			continue
		}
		held := a.held
		data, _, err := a.inflateSome(a.pack.content[e.data:], e.size)
		if err != nil {
			return err
		}
		stack := []based{{data, a.deltas(e), 0}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			base, depth, e := top.data, top.depth, &a.list[top.deltas[0]]
			last := len(top.deltas) == 1
			if top.deltas = top.deltas[1:]; last {
				stack = stack[:len(stack)-1]
			}
			if depth == maxDelta {
				return fatal("pack has a chain of more than %d deltas", maxDelta)
			}
			if !e.known {
				delta, _, err := a.inflateSome(a.pack.content[e.data:], e.size)
				if err != nil {
					return err
				}
				made, err := a.applyDelta(base, delta)
				if err != nil {
					return err
				}
				a.free(len(delta))
				if err := a.name(e, packKinds[a.list[i].kind], made); err != nil {
					return err
				}
				if deltas := a.deltas(e); len(deltas) > 0 {
					stack = append(stack, based{made, deltas, depth + 1})
				} else {
					a.free(len(made))
				}
			}
			if last {
				a.free(len(base))
			}
		}
		a.release(held)
	}
	unresolved := 0
	for _, e := range a.list {
		if !e.known {
			unresolved++
		}
	}
	if unresolved > 0 {
		return fatal("pack has %s", count(unresolved, "unresolved delta"))
	}
	return nil
}

// deltas are those to an object, by its place or its name.
func (a *arrival) deltas(e *arrived) []int32 {
	byID := a.byID[e.id]
	if len(byID) == 0 {
		return a.byOffset[e.offset]
	}
	return append(slices.Clone(a.byOffset[e.offset]), byID...)
}

// connected says what the objects need that is nowhere.
func (a *arrival) connected() error {
	for _, e := range a.list {
		delete(a.links, e.id)
	}
	delete(a.links, emptyTree)
	for h := range a.links {
		if err := a.spend(100); err != nil {
			return err
		}
		if !a.has(h) {
			return fatal("bad object %s\nerror: remote did not send all necessary objects", h)
		}
	}
	return nil
}
