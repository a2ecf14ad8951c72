package codec

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

const xzMagic = "\xfd7zXZ\x00"

// xzReader reads the container itself, so that the dictionary which a block's header asks for is held before it is made.
type xzReader struct {
	in     *bufio.Reader
	count  *countingReader
	memory *held
	flags  byte      // which check the stream has
	block  io.Reader // of the block that is being read
	check  hash.Hash
	head   int64 // the size of the block's header
	sizes  [2]int64
	plain  int64
	index  []xzRecord
}

// xzRecord is what the index says of a block.
type xzRecord struct{ unpadded, plain uint64 }

// countingReader counts what is read from a block, byte by byte where the decoder asks so.
type countingReader struct {
	r *bufio.Reader
	n int64
}

// Read reads from the input.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// ReadByte reads a byte from the input.
func (c *countingReader) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

func readXz(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	x := &xzReader{in: in, memory: &held{budget: b}}
	if err := x.streamHeader(); err != nil {
		return nil, err
	}
	return &reader{x, x.memory, xzProblem}, nil
}

func xzProblem(err error) error {
	if errors.Is(err, ErrTrailer) {
		return err
	}
	return ErrCorrupt
}

// xzChecks are the checks by their number.
func xzCheck(number byte) (hash.Hash, bool) {
	switch number {
	case 0:
		return nil, true
	case 1:
		return crc32.NewIEEE(), true
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA)), true
	case 10:
		return sha256.New(), true
	}
	return nil, false
}

func (x *xzReader) full(p []byte) error {
	_, err := io.ReadFull(x.in, p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (x *xzReader) streamHeader() error {
	var h [12]byte
	if err := x.full(h[:]); err != nil {
		return err
	}
	if string(h[:6]) != xzMagic || h[6] != 0 || crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return ErrCorrupt
	}
	x.flags, x.index = h[7], nil
	if _, ok := xzCheck(x.flags); !ok {
		return ErrCorrupt
	}
	return nil
}

// Read reads expanded bytes of all blocks of all streams.
func (x *xzReader) Read(p []byte) (int, error) {
	for {
		if x.block == nil {
			if err := x.next(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := x.block.Read(p)
		x.plain += int64(n)
		if x.check != nil {
			x.check.Write(p[:n])
		}
		if err == io.EOF {
			err = x.endBlock()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next opens the next block, of the next stream if this one is at its end. io.EOF: there is none.
func (x *xzReader) next() error {
	size, err := x.in.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if size != 0 {
		return x.blockHeader(size)
	}
	if err := x.endStream(); err != nil {
		return err
	}
	for {
		head, err := x.in.Peek(4)
		switch {
		case len(head) == 0 && err == io.EOF:
			return io.EOF
		case len(head) == 4 && bytes.Equal(head, make([]byte, 4)):
			x.in.Discard(4)
		case Xz.Begins(x.in):
			return x.streamHeader()
		default:
			return ErrTrailer
		}
	}
}

// blockHeader reads the header of a block, which has the one filter LZMA2, and makes its decoder.
func (x *xzReader) blockHeader(size byte) error {
	h := make([]byte, (int(size)+1)*4)
	h[0] = size
	if err := x.full(h[1:]); err != nil {
		return err
	}
	body := h[:len(h)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(h[len(body):]) {
		return ErrCorrupt
	}
	flags, rest := body[1], bytes.NewReader(body[2:])
	if flags&0x3f != 0 {
		return ErrCorrupt // reserved bits, or more filters than LZMA2
	}
	for i := range x.sizes {
		x.sizes[i] = -1
		if flags&(0x40<<i) != 0 {
			n, err := binary.ReadUvarint(rest)
			if err != nil || n > 1<<62 {
				return ErrCorrupt
			}
			x.sizes[i] = int64(n)
		}
	}
	var filter [3]byte // its id, the length of its properties, the dictionary's size
	if _, err := io.ReadFull(rest, filter[:]); err != nil || filter[0] != 0x21 || filter[1] != 1 {
		return ErrCorrupt
	}
	dict, err := lzma.DecodeDictCap(filter[2])
	if err != nil {
		return ErrCorrupt
	}
	x.memory.release()
	h2, err := hold(x.memory.budget, int(dict)+1<<20)
	if err != nil {
		return err
	}
	*x.memory = *h2
	x.count = &countingReader{r: x.in}
	if x.block, err = (lzma.Reader2Config{DictCap: int(max(dict, lzma.MinDictCap))}).NewReader2(x.count); err != nil {
		return ErrCorrupt
	}
	x.check, _ = xzCheck(x.flags)
	x.head, x.plain = int64(len(h)), 0
	return nil
}

// endBlock reads the padding and the check of a block.
func (x *xzReader) endBlock() error {
	packed := x.count.n
	padding := make([]byte, -packed&3)
	if err := x.full(padding); err != nil {
		return err
	}
	record := xzRecord{uint64(x.head + packed), uint64(x.plain)}
	if x.check != nil {
		stored := make([]byte, x.check.Size())
		if err := x.full(stored); err != nil {
			return err
		}
		sum := x.check.Sum(nil)
		if x.flags != 10 { // CRCs are stored little-endian
			for i, j := 0, len(sum)-1; i < j; i, j = i+1, j-1 {
				sum[i], sum[j] = sum[j], sum[i]
			}
		}
		if !bytes.Equal(sum, stored) {
			return ErrCorrupt
		}
		record.unpadded += uint64(len(stored))
	}
	if x.sizes[0] >= 0 && x.sizes[0] != packed || x.sizes[1] >= 0 && x.sizes[1] != x.plain || len(x.index) >= 1<<20 {
		return ErrCorrupt
	}
	x.index = append(x.index, record)
	x.block = nil
	return nil
}

// endStream reads the index and the footer, and compares them with what was read.
func (x *xzReader) endStream() error {
	crc := crc32.NewIEEE()
	crc.Write([]byte{0})
	length := int64(1)
	number := func() uint64 {
		n, err := binary.ReadUvarint(byteFunc(func() (byte, error) {
			b, err := x.in.ReadByte()
			if err == nil {
				crc.Write([]byte{b})
				length++
			}
			return b, err
		}))
		if err != nil {
			return ^uint64(0)
		}
		return n
	}
	if number() != uint64(len(x.index)) {
		return ErrCorrupt
	}
	for _, r := range x.index {
		if number() != r.unpadded || number() != r.plain {
			return ErrCorrupt
		}
	}
	rest := make([]byte, -length&3+4+12) // padding, checksum, footer
	if err := x.full(rest); err != nil {
		return err
	}
	padding := rest[:len(rest)-16]
	crc.Write(padding)
	sum, footer := rest[len(padding):][:4], rest[len(padding)+4:]
	if binary.LittleEndian.Uint32(sum) != crc.Sum32() || string(footer[10:]) != "YZ" || footer[9] != x.flags ||
		binary.LittleEndian.Uint32(footer) != crc32.ChecksumIEEE(footer[4:10]) {
		return ErrCorrupt
	}
	return nil
}

// byteFunc is an io.ByteReader.
type byteFunc func() (byte, error)

// ReadByte calls f.
func (f byteFunc) ReadByte() (byte, error) { return f() }

// xzDict is the size of the dictionary for a level, no larger than the input needs.
func xzDict(level, size int) int {
	dict := 8 << 20
	if level > 0 && level < 6 {
		dict = []int{1 << 20, 2 << 20, 4 << 20, 4 << 20, 8 << 20}[level-1]
	}
	for size >= 0 && dict/2 >= max(size, 4<<10) {
		dict /= 2
	}
	return dict
}

func writeXz(b *limits.Budget, w io.Writer, level, size int) (io.WriteCloser, error) {
	dict := xzDict(level, size)
	h, err := hold(b, 3*dict)
	if err != nil {
		return nil, err
	}
	z, err := xz.WriterConfig{DictCap: dict}.NewWriter(w)
	if err != nil {
		h.release()
		return nil, err
	}
	return &writer{z, h}, nil
}
