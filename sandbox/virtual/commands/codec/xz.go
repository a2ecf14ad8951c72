package codec

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz"

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
