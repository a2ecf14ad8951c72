package git

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
)

// writePack makes a pack of objects, each whole. Its bytes are held until the command ends.
func (r *repo) writePack(list []id) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("PACK")
	b.Write(binary.BigEndian.AppendUint32(nil, 2))
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(list))))
	z := zlib.NewWriter(&b)
	for _, h := range list {
		held, before := r.held, b.Len()
		o, err := r.read(h)
		if err != nil {
			return nil, err
		}
		b.Write(packEntry(o))
		z.Reset(&b)
		z.Write(o.data)
		z.Close()
		r.release(held)
		if err := r.keep(b.Len() - before); err != nil {
			return nil, err
		}
		if err := r.spend(len(o.data) + 64); err != nil {
			return nil, err
		}
	}
	sum := sha1.Sum(b.Bytes())
	b.Write(sum[:])
	return b.Bytes(), r.spend(b.Len())
}

// packEntry is the head of a whole object in a pack: its kind and size, seven bits a byte.
func packEntry(o object) []byte {
	kind := byte(1)
	for packKinds[kind] != o.kind {
		kind++
	}
	size := len(o.data)
	b := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return b
}
