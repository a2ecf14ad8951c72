package codec

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

const (
	zstdWindow    = 8 << 20   // what a reader takes without being asked
	zstdMaxWindow = 128 << 20 // as the zstd program's own limit
)

func readZstd(b *limits.Budget, in *bufio.Reader) (io.ReadCloser, error) {
	var header zstd.Header
	head, _ := in.Peek(zstd.HeaderMaxSize)
	if err := header.Decode(head); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, ErrCorrupt
	}
	size := header.WindowSize
	if header.SingleSegment {
		size = header.FrameContentSize
	}
	if size > zstdMaxWindow {
		return nil, ErrCorrupt
	}
	// A small input has a small window, and is expanded through a buffer no larger than it.
	window := max(size, 1<<10)
	if head, _ := in.Peek(4 << 10); len(head) == 4<<10 {
		window = max(size, zstdWindow) // further frames may have larger ones
	}
	h, err := hold(b, int(2*window))
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window),
		zstd.WithDecoderMaxMemory(1<<62))
	if err != nil {
		h.release()
		return nil, ErrCorrupt
	}
	return &zstdReader{reader{z, h, zstdProblem}, z}, nil
}

type zstdReader struct {
	reader
	z *zstd.Decoder
}

// Close ends the decoder and gives its memory back.
func (r *zstdReader) Close() error {
	r.z.Close()
	return r.reader.Close()
}

func zstdProblem(err error) error {
	if errors.Is(err, zstd.ErrMagicMismatch) {
		return ErrTrailer
	}
	return ErrCorrupt
}

func writeZstd(b *limits.Budget, w io.Writer, level, size int) (io.WriteCloser, error) {
	if level == 0 {
		level = 3
	}
	speed := zstd.EncoderLevelFromZstd(level)
	window := map[zstd.EncoderLevel]int{zstd.SpeedFastest: 1 << 20, zstd.SpeedDefault: 2 << 20}[speed]
	if window == 0 {
		window = 4 << 20
	}
	for size >= 0 && window/2 >= max(size, zstd.MinWindowSize) {
		window /= 2
	}
	h, err := hold(b, 2*window+2<<20)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(speed),
		zstd.WithWindowSize(window), zstd.WithZeroFrames(true), zstd.WithAllLitEntropyCompression(true))
	if err != nil {
		h.release()
		return nil, err
	}
	return &writer{z, h}, nil
}
