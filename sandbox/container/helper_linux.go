package container

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// newSource is the stdin of a program.
func newSource(f *os.File) source {
	i, err := f.Stat()
	switch {
	case err != nil:
	case i.Mode().IsRegular():
		return fileSource{plainSource{f}, f}
	case i.Mode()&os.ModeNamedPipe != 0:
		if r, w, err := os.Pipe(); err == nil {
			return &pipeSource{pipe: f, copyR: r, copyW: w}
		}
	}
	return plainSource{f}
}

// pipeSource looks at a pipe's bytes without taking them: they are copied by the kernel, and taken when more are wanted.
type pipeSource struct {
	pipe, copyR, copyW *os.File
	shown              int // bytes that next gave last, and that are still in the pipe
}

func (s *pipeSource) next() []byte {
	s.take(s.shown)
	s.shown = 0
	const most = 32 << 10 // the copy's pipe takes that without waiting
	for {
		n, err := unix.Tee(int(s.pipe.Fd()), int(s.copyW.Fd()), most, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return nil
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(s.copyR, data); err != nil {
			return nil
		}
		s.shown = len(data)
		return data
	}
}

func (s *pipeSource) back(n int) { s.take(s.shown - n) }

func (s *pipeSource) take(n int) {
	_, _ = io.CopyN(io.Discard, s.pipe, int64(n)) // they are there
}
