package git

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"slices"
)

// index is that of the pack, in version 2.
func (a *arrival) index(trailer []byte) []byte {
	slices.SortFunc(a.list, func(x, y arrived) int { return bytes.Compare(x.id[:], y.id[:]) })
	b := []byte("\xfftOc\x00\x00\x00\x02")
	next := 0
	for first := range 256 {
		for next < len(a.list) && int(a.list[next].id[0]) <= first {
			next++
		}
		b = binary.BigEndian.AppendUint32(b, uint32(next))
	}
	for _, e := range a.list {
		b = append(b, e.id[:]...)
	}
	for _, e := range a.list {
		b = binary.BigEndian.AppendUint32(b, e.crc)
	}
	for _, e := range a.list {
		b = binary.BigEndian.AppendUint32(b, uint32(e.offset)) // below 2 GiB: a pack is in memory
	}
	b = append(b, trailer...)
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}

// storeLoose stores each object as a file.
func (a *arrival) storeLoose() error {
	for _, e := range a.list {
		held := a.held
		o, err := a.unpack(a.pack, e.offset)
		if err == nil {
			_, err = a.write(o.kind, o.data)
		}
		if err != nil {
			return err
		}
		a.release(held)
	}
	return nil
}

// store writes the pack and its index, the index last: a pack without one is not seen.
func (a *arrival) store(sum id) error {
	base := a.dir + "/objects/pack/pack-" + sum.String()
	if _, err := a.inv.FS.Lstat(base + ".idx"); err == nil {
		return nil
	}
	if err := a.inv.FS.MkdirAll(a.dir+"/objects/pack", 0o755); err != nil {
		return fatal("unable to create directory %s: %v", a.dir+"/objects/pack", err)
	}
	a.openPacks()
	for _, part := range []struct {
		name string
		data []byte
	}{{base + ".pack", a.pack.content}, {base + ".idx", a.pack.index}} {
		if err := a.inv.FS.WriteFile(part.name, part.data, 0o444); err != nil {
			a.inv.FS.Remove(base + ".pack")
			return fatal("unable to write file %s: %v", part.name, err)
		}
	}
	a.pack.name = base + ".pack"
	a.packs = append(a.packs, a.pack)
	return a.spend(len(a.pack.content))
}
