package commands

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// blake2b is the hash function BLAKE2b of RFC 7693, without a key.
type blake2b struct {
	size  int // of the sum, in bytes
	state [8]uint64
	block [128]byte
	used  int // of block
	total uint64
}

// blakeStart is the initial state, which is SHA-512's.
var blakeStart = [8]uint64{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179}

// blakeOrder is in which order each round takes the words of a block.
var blakeOrder = [10][16]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}

func newBLAKE2b(size int) hash.Hash {
	h := &blake2b{size: size}
	h.Reset()
	return h
}

func (h *blake2b) Reset() {
	h.state = blakeStart
	h.state[0] ^= 0x01010000 ^ uint64(h.size)
	h.used, h.total = 0, 0
}

func (h *blake2b) Size() int      { return h.size }
func (h *blake2b) BlockSize() int { return len(h.block) }

func (h *blake2b) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if h.used == len(h.block) { // the last block, which is marked, must wait for the end
			h.total += uint64(h.used)
			h.mix(false)
			h.used = 0
		}
		taken := copy(h.block[h.used:], b)
		h.used += taken
		b = b[taken:]
	}
	return n, nil
}

func (h *blake2b) Sum(b []byte) []byte {
	end := *h
	clear(end.block[end.used:])
	end.total += uint64(end.used)
	end.mix(true)
	var sum [64]byte
	for i, w := range end.state {
		binary.LittleEndian.PutUint64(sum[8*i:], w)
	}
	return append(b, sum[:h.size]...)
}

// mix takes the block into the state.
func (h *blake2b) mix(last bool) {
	var v, m [16]uint64
	copy(v[:8], h.state[:])
	copy(v[8:], blakeStart[:])
	v[12] ^= h.total
	if last {
		v[14] = ^v[14]
	}
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(h.block[8*i:])
	}
	g := func(a, b, c, d int, x, y uint64) {
		v[a] += v[b] + x
		v[d] = bits.RotateLeft64(v[d]^v[a], -32)
		v[c] += v[d]
		v[b] = bits.RotateLeft64(v[b]^v[c], -24)
		v[a] += v[b] + y
		v[d] = bits.RotateLeft64(v[d]^v[a], -16)
		v[c] += v[d]
		v[b] = bits.RotateLeft64(v[b]^v[c], -63)
	}
	for round := range 12 {
		s := &blakeOrder[round%10]
		for i := range 4 {
			g(i, i+4, i+8, i+12, m[s[2*i]], m[s[2*i+1]])
		}
		for i := range 4 {
			g(i, (i+1)%4+4, (i+2)%4+8, (i+3)%4+12, m[s[8+2*i]], m[s[9+2*i]])
		}
	}
	for i := range h.state {
		h.state[i] ^= v[i] ^ v[i+8]
	}
}
