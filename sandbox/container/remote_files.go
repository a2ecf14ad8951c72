package container

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// remoteFS is the files of a remote container.
type remoteFS struct{ r *remote }

var _ sandbox.FS = remoteFS{}

func (f remoteFS) Dir() string { return f.r.dir }

func (f remoteFS) abs(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return f.r.dir + "/" + name
}

// ask begins an order. The stream is the caller's to close; it ends with ctx.
func (f remoteFS) ask(ctx context.Context, do, name string) (s *stream, stop func(), err error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	order, err := json.Marshal(fileOrder{Do: do, Path: f.abs(name)})
	if err != nil {
		return nil, nil, err
	}
	s = f.r.link.begin()
	done := context.AfterFunc(ctx, func() { s.finish(context.Cause(ctx)) })
	stop = func() { done(); s.Close() }
	if err := s.send(frameFile, order); err != nil {
		stop()
		return nil, nil, f.r.broken(err)
	}
	return s, stop, nil
}

// answer is the end of an order.
func (f remoteFS) answer(data []byte) (a fileAnswer, err error) {
	if err := json.Unmarshal(data, &a); err != nil {
		return a, err
	}
	switch known := fileErrors[a.Kind]; {
	case known != nil:
		return a, known
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

// wait waits for the end of an order.
func (f remoteFS) wait(s *stream) (fileAnswer, error) {
	for {
		kind, data, err := s.receive()
		if err != nil {
			return fileAnswer{}, f.r.broken(err)
		}
		if kind == frameEnd {
			return f.answer(data)
		}
	}
}

func (f remoteFS) entries(ctx context.Context, op, do, name string) ([]info, error) {
	s, stop, err := f.ask(ctx, do, name)
	if err == nil {
		defer stop()
		var a fileAnswer
		if a, err = f.wait(s); err == nil {
			return a.Entries, nil
		}
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: err}
}

// Stat follows symbolic links.
func (f remoteFS) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	found, err := f.entries(ctx, "stat", "stat", name)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return found[0], nil
}

// ReadDir lists a folder, sorted by name.
func (f remoteFS) ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) {
	found, err := f.entries(ctx, "readdir", "list", name)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b info) int { return strings.Compare(a.N, b.N) })
	list := make([]fs.FileInfo, len(found))
	for i, one := range found {
		list[i] = one
	}
	return list, nil
}

// Open opens a file for reading.
func (f remoteFS) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	s, stop, err := f.ask(ctx, "read", name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	kind, data, err := s.receive()
	if err == nil && kind == frameEnd {
		_, err = f.answer(data)
	} else if err != nil {
		err = f.r.broken(err)
	}
	if err != nil {
		stop()
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &remoteFile{f: f, name: name, s: s, stop: stop}, nil
}

// remoteFile is a file that is being read.
type remoteFile struct {
	f    remoteFS
	name string
	s    *stream
	stop func()
	rest []byte
	err  error
}

func (h *remoteFile) Read(p []byte) (int, error) {
	for len(h.rest) == 0 && h.err == nil {
		if h.err = h.s.send(frameWant, nil); h.err != nil {
			break
		}
		var kind byte
		kind, h.rest, h.err = h.s.receive()
		if h.err == nil && kind == frameEnd {
			_, h.err = h.f.answer(h.rest)
			h.rest = nil
			if h.err == nil {
				h.err = io.EOF
			}
		}
		if h.err != nil && h.err != io.EOF {
			h.err = &fs.PathError{Op: "read", Path: h.name, Err: h.f.r.broken(h.err)}
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	if n > 0 {
		return n, nil
	}
	return 0, h.err
}

func (h *remoteFile) Close() error {
	h.stop()
	return nil
}

// Write replaces or makes a file whole, with the folders above it.
func (f remoteFS) Write(ctx context.Context, name string, data []byte) error {
	s, stop, err := f.ask(ctx, "write", name)
	if err == nil {
		defer stop()
		for len(data) > 0 && err == nil {
			n := min(len(data), 1<<20)
			err = s.send(frameInput, data[:n])
			data = data[n:]
		}
		if err == nil {
			err = s.send(frameInput, nil)
		}
		var failed error
		if _, failed = f.wait(s); failed != nil {
			err = failed // it says more than that nothing more could be sent
		}
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}
