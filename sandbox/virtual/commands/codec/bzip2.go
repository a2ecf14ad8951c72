package codec

import (
	"bufio"
	stdbzip2 "compress/bzip2"
	"io"
	"strings"

	"github.com/dsnet/compress/bzip2"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// bzip2Memory is what a block of the largest size takes, to read or to sort.
const bzip2Memory = 12 << 20

func readBzip2(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	h, err := hold(b, bzip2Memory)
	if err != nil {
		return nil, err
	}
	return &reader{stdbzip2.NewReader(in), h, bzip2Problem}, nil
}

func bzip2Problem(err error) error {
	switch {
	case strings.Contains(err.Error(), "bad magic value in continuation file"):
		return ErrTrailer
	case strings.Contains(err.Error(), "bad magic value"):
		return ErrFormat
	}
	return ErrCorrupt
}

func writeBzip2(b *limits.Budget, w io.Writer, level, _ int) (io.WriteCloser, error) {
	h, err := hold(b, bzip2Memory)
	if err != nil {
		return nil, err
	}
	if level == 0 {
		level = 9
	}
	z, err := bzip2.NewWriter(w, &bzip2.WriterConfig{Level: level})
	if err != nil {
		h.release()
		return nil, err
	}
	return &writer{z, h}, nil
}
