package commands

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// sm3 is the hash function SM3 of ISO/IEC 10118-3.
type sm3 struct {
	state [8]uint32
	block [64]byte
	used  int // of block
	total uint64
}

func newSM3() hash.Hash {
	h := &sm3{}
	h.Reset()
	return h
}

func (h *sm3) Reset() {
	h.state = [8]uint32{0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e}
	h.used, h.total = 0, 0
}

func (h *sm3) Size() int      { return 32 }
func (h *sm3) BlockSize() int { return len(h.block) }

func (h *sm3) Write(b []byte) (int, error) {
	n := len(b)
	h.total += uint64(n)
	for len(b) > 0 {
		taken := copy(h.block[h.used:], b)
		b = b[taken:]
		if h.used += taken; h.used == len(h.block) {
			h.mix()
			h.used = 0
		}
	}
	return n, nil
}

func (h *sm3) Sum(b []byte) []byte {
	end := *h
	padding := make([]byte, 64+8)
	padding[0] = 0x80
	zeros := (119 - end.used) % 64
	binary.BigEndian.PutUint64(padding[1+zeros:], h.total*8)
	end.Write(padding[:1+zeros+8])
	for _, w := range end.state {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// mix takes the block into the state.
func (h *sm3) mix() {
	var w [68]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(h.block[4*i:])
	}
	for i := 16; i < 68; i++ {
		x := w[i-16] ^ w[i-9] ^ bits.RotateLeft32(w[i-3], 15)
		w[i] = x ^ bits.RotateLeft32(x, 15) ^ bits.RotateLeft32(x, 23) ^ bits.RotateLeft32(w[i-13], 7) ^ w[i-6]
	}
	s := h.state
	for i := range 64 {
		constant := uint32(0x79cc4519)
		if i >= 16 {
			constant = 0x7a879d8a
		}
		turned := bits.RotateLeft32(s[0], 12)
		one := bits.RotateLeft32(turned+s[4]+bits.RotateLeft32(constant, i%32), 7)
		two := one ^ turned
		first, second := s[0]^s[1]^s[2], s[4]^s[5]^s[6]
		if i >= 16 {
			first, second = s[0]&s[1]|s[0]&s[2]|s[1]&s[2], s[4]&s[5]|^s[4]&s[6]
		}
		first += s[3] + two + (w[i] ^ w[i+4])
		second += s[7] + one + w[i]
		s = [8]uint32{first, s[0], bits.RotateLeft32(s[1], 9), s[2], second ^ bits.RotateLeft32(second, 9) ^ bits.RotateLeft32(second, 17),
			s[4], bits.RotateLeft32(s[5], 19), s[6]}
	}
	for i := range h.state {
		h.state[i] ^= s[i]
	}
}
