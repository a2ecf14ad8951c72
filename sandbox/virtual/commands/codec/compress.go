package codec

import (
	"bufio"
	"errors"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// Codes of compress(1): bytes, then what a table has grown to hold.
const (
	lzwClear    = 256 // in block mode: begin a new table
	lzwFirst    = 257
	lzwMinBits  = 9
	lzwMaxBits  = 16
	lzwBlock    = 0x80
	lzwReserved = 0x60
)

func readCompress(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	head := make([]byte, 3)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	most := uint(head[2] & 0x1f)
	if most < lzwMinBits || most > lzwMaxBits || head[2]&lzwReserved != 0 {
		return nil, ErrCorrupt
	}
	h, err := hold(b, 4<<most)
	if err != nil {
		return nil, err
	}
	l := &lzwReader{in: in, most: most, block: head[2]&lzwBlock != 0, prefix: make([]uint16, 1<<most), suffix: make([]byte, 1<<most)}
	l.clear()
	if !l.block {
		l.free = lzwClear
	}
	return &reader{l, h, func(err error) error { return errors.Join(ErrCorrupt, err) }}, nil
}

// writeCompress refuses: nobody should make more of these files.
func writeCompress(*limits.Budget, io.Writer, int, int) (io.WriteCloser, error) {
	return nil, errors.New("compress: files in this format can be read and not written")
}

// lzwReader expands. A code stands for the string of its prefix and one byte more.
type lzwReader struct {
	in     *bufio.Reader
	most   uint // bits of the longest code
	block  bool
	prefix []uint16
	suffix []byte

	bits  uint
	free  int // the next code that will get a meaning
	prev  int // the code before, -1 for none
	first byte

	group []byte // codes of the same size come in groups of eight
	at    uint   // the bit in it
	out   []byte // expanded, last byte first
	err   error
}

func (l *lzwReader) clear() {
	l.bits, l.free, l.prev = lzwMinBits, lzwFirst, -1
	l.group, l.at = nil, 0
}

// Read reads expanded bytes.
func (l *lzwReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(l.out) == 0 {
			if l.err == nil {
				l.err = l.next()
			}
			if l.err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, l.err
			}
			continue
		}
		for n < len(p) && len(l.out) > 0 {
			p[n] = l.out[len(l.out)-1]
			l.out = l.out[:len(l.out)-1]
			n++
		}
	}
	return n, nil
}

// next expands a code into out.
func (l *lzwReader) next() error {
	code, err := l.code()
	if err != nil {
		return err
	}
	if l.block && code == lzwClear {
		l.clear()
		return nil
	}
	given := code
	switch {
	case l.prev < 0 && code > 255 || code > l.free || code == lzwClear && l.block:
		return ErrCorrupt
	case code == l.free: // its own prefix: the string before, and that string's first byte
		l.out = append(l.out, l.first)
		code = l.prev
	}
	for code > 255 {
		l.out = append(l.out, l.suffix[code])
		code = int(l.prefix[code])
	}
	l.first = byte(code)
	l.out = append(l.out, l.first)
	if l.prev >= 0 && l.free < 1<<l.most {
		l.prefix[l.free], l.suffix[l.free] = uint16(l.prev), l.first
		l.free++
	}
	l.prev = given
	return nil
}

// code reads the next code.
func (l *lzwReader) code() (int, error) {
	if l.free > 1<<l.bits-1 && l.bits < l.most {
		l.bits++
		l.group, l.at = nil, 0
	}
	if l.at+l.bits > uint(len(l.group))*8 {
		l.group, l.at = make([]byte, l.bits), 0
		n, err := io.ReadFull(l.in, l.group)
		if l.group = l.group[:n]; uint(n)*8 < l.bits {
			if err == nil || err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			return 0, err
		}
	}
	code := 0
	for i := range l.bits {
		bit := l.at + i
		code |= int(l.group[bit/8]>>(bit%8)&1) << i
	}
	l.at += l.bits
	return code, nil
}
