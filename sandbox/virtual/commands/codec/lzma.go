package codec

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz/lzma"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

func readLzma(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	head, _ := in.Peek(lzma.HeaderLen)
	if len(head) < lzma.HeaderLen {
		return nil, io.ErrUnexpectedEOF
	}
	if !lzma.ValidHeader(head) {
		return nil, ErrFormat
	}
	dict := max(int(binary.LittleEndian.Uint32(head[1:])), lzma.MinDictCap)
	h, err := hold(b, dict+1<<20)
	if err != nil {
		return nil, err
	}
	r, err := lzma.ReaderConfig{DictCap: dict}.NewReader(in)
	if err != nil {
		h.release()
		return nil, ErrCorrupt
	}
	return &reader{r, h, func(error) error { return ErrCorrupt }}, nil
}

func writeLzma(b *limits.Budget, w io.Writer, level, size int) (io.WriteCloser, error) {
	dict := max(xzDict(level, size), 64<<10) // no smaller one begins as lzma files do
	h, err := hold(b, 3*dict)
	if err != nil {
		return nil, err
	}
	z, err := lzma.WriterConfig{DictCap: dict}.NewWriter(w)
	if err != nil {
		h.release()
		return nil, err
	}
	return &writer{z, h}, nil
}
