package engine

import (
	"context"
	"io"
	"io/fs"
	"path"

	"github.com/flue-run/flue/sandbox"
)

// inFolder is a sandbox with another working directory: the one that a sub-agent works in.
type inFolder struct {
	sandbox.Sandbox
	dir string // from the sandbox's own working directory, or absolute
}

func (b inFolder) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	e.Dir = b.path(e.Dir)
	return b.Sandbox.Exec(ctx, e)
}

func (b inFolder) FS() sandbox.FS { return folderFS{b.Sandbox.FS(), b} }

// path makes a name absolute against the folder. ".." is the file system's to resolve.
func (b inFolder) path(name string) string {
	if path.IsAbs(name) {
		return name
	}
	dir := b.dir
	if !path.IsAbs(dir) {
		dir = path.Join(b.Sandbox.FS().Dir(), dir)
	}
	if name == "" {
		return dir
	}
	return dir + "/" + name
}

// folderFS is the files of inFolder.
type folderFS struct {
	sandbox.FS
	box inFolder
}

func (f folderFS) Dir() string { return f.box.path("") }

func (f folderFS) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return f.FS.Stat(ctx, f.box.path(name))
}

func (f folderFS) ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) {
	return f.FS.ReadDir(ctx, f.box.path(name))
}

func (f folderFS) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return f.FS.Open(ctx, f.box.path(name))
}

func (f folderFS) Write(ctx context.Context, name string, data []byte) error {
	return f.FS.Write(ctx, f.box.path(name), data)
}
