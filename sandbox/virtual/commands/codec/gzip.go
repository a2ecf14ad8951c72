package codec

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// gzipMemory is about what deflate holds to write.
const gzipMemory = 1 << 20

func readGzip(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	h, err := hold(b, 64<<10)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(in)
	if err != nil {
		h.release()
		return nil, gzipProblem(err)
	}
	return &reader{&gzipStreams{in: in, r: r}, h, gzipProblem}, nil
}

func gzipProblem(err error) error {
	if errors.Is(err, ErrTrailer) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// gzipStreams reads one member after the other, and tells what follows them.
type gzipStreams struct {
	in *bufio.Reader
	r  *gzip.Reader
}

// Read reads expanded bytes.
func (g *gzipStreams) Read(p []byte) (int, error) {
	g.r.Multistream(false)
	n, err := g.r.Read(p)
	if err != io.EOF {
		return n, err
	}
	if !Gzip.Begins(g.in) {
		if !isPadding(g.in) {
			return n, ErrTrailer
		}
		return n, io.EOF
	}
	return n, g.r.Reset(g.in)
}

func writeGzip(b *limits.Budget, w io.Writer, level, _ int) (io.WriteCloser, error) {
	h, err := hold(b, gzipMemory)
	if err != nil {
		return nil, err
	}
	if level == 0 {
		level = 6
	}
	z, err := gzip.NewWriterLevel(w, level)
	if err != nil {
		h.release()
		return nil, err
	}
	z.OS = 3 // Unix
	return &writer{z, h}, nil
}
