package virtual

import (
	"context"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// FS is the file tree for the tools of an agent.
func (s *Sandbox) FS() sandbox.FS { return files{s} }

type files struct{ s *Sandbox }

// Dir is the working directory.
func (f files) Dir() string { return f.s.cfg.Dir }

// ready says whether a call may go on, and makes its errors name what it was for.
func (f files) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return f.s.open()
}

func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Stat follows symbolic links.
func (f files) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	if err := f.ready(ctx); err != nil {
		return nil, wrap("stat", name, err)
	}
	i, err := f.s.files.Stat(f.s.path(name))
	if err != nil {
		return nil, wrap("stat", name, err)
	}
	return fileInfo{i}, nil
}

// ReadDir lists a directory, sorted by name, links not followed.
func (f files) ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) {
	if err := f.ready(ctx); err != nil {
		return nil, wrap("readdir", name, err)
	}
	infos, err := f.s.files.ReadDir(f.s.path(name))
	if err != nil {
		return nil, wrap("readdir", name, err)
	}
	list := make([]fs.FileInfo, len(infos))
	for i, info := range infos {
		list[i] = fileInfo{info}
	}
	return list, nil
}

// Open opens a file for reading.
func (f files) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := f.ready(ctx); err != nil {
		return nil, wrap("open", name, err)
	}
	h, err := f.s.files.Open(f.s.path(name), vfs.Read, 0)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	return h, nil
}

// Write replaces or makes a file whole, with the directories above it.
func (f files) Write(ctx context.Context, name string, data []byte) error {
	if err := f.ready(ctx); err != nil {
		return wrap("write", name, err)
	}
	p := f.s.path(name)
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		if err := f.s.files.MkdirAll(p[:i], 0o755); err != nil {
			return wrap("write", name, err)
		}
	}
	return wrap("write", name, f.s.files.WriteFile(p, data, 0o644))
}

// fileInfo is a vfs.Info as io/fs has it.
type fileInfo struct{ info vfs.Info }

func (i fileInfo) Name() string       { return path.Base(i.info.Name) }
func (i fileInfo) Size() int64        { return i.info.Size }
func (i fileInfo) Mode() fs.FileMode  { return i.info.Mode }
func (i fileInfo) ModTime() time.Time { return i.info.ModTime }
func (i fileInfo) IsDir() bool        { return i.info.IsDir() }
func (i fileInfo) Sys() any           { return i.info }
