// Package local is the sandbox for work on a project's own files: the shell, commands and files of package virtual, with
// a folder of the host at /workspace. Start at New.
//
// Nothing else of the host is in it. What a program of the host would obey is read-only there (hostdir.Protect). The
// files are the host's, so they are not kept with a session: Sandbox is no sandbox.Snapshotter.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Workspace is where the folder of the host is.
const Workspace = "/workspace"

// Sandbox is a folder of the host with a shell for it.
type Sandbox struct {
	box    *virtual.Sandbox
	folder string // of the host, absolute and without links
}

var _ sandbox.Sandbox = (*Sandbox)(nil)

// New makes a sandbox on a folder of the host. cfg is what else there is in it; its quota bounds what each script writes
// to the folder. A cfg.Dir in the workspace must exist. If it fails, what is in cfg.Owned is still the caller's to close.
func New(folder string, cfg virtual.Config) (*Sandbox, error) {
	folder, err := filepath.Abs(folder)
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		return nil, fmt.Errorf("find the folder to show at %s: %w", Workspace, err)
	}
	if rel, ok := under(Workspace, cfg.Dir); ok {
		if i, err := os.Stat(filepath.Join(folder, filepath.FromSlash(rel))); err != nil || !i.IsDir() {
			return nil, fmt.Errorf("the working directory %s is not a folder of the project", cfg.Dir)
		}
	}
	for _, m := range cfg.Mounts {
		if _, ok := under(Workspace, m.Path); ok {
			return nil, fmt.Errorf("mount %s: %s is the project's own folder here; mount it elsewhere, such as at /mnt", m.Path, Workspace)
		}
	}
	source, err := hostdir.Open(folder)
	if err != nil {
		return nil, err
	}
	workspace := virtual.Mount{Path: Workspace, Source: hostdir.Protect(source), Mode: vfs.ReadWriteMount}
	cfg.Mounts = append([]virtual.Mount{workspace}, cfg.Mounts...)
	cfg.Owned = append([]io.Closer{source}, cfg.Owned...)
	box, err := virtual.New(cfg)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	return &Sandbox{box, folder}, nil
}

// under is the rest of name below folder.
func under(folder, name string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path.Clean(name)+"/", folder+"/")
	return strings.TrimSuffix(rest, "/"), ok
}

// FS is the file tree for the tools of an agent.
func (s *Sandbox) FS() sandbox.FS { return s.box.FS() }

// NewSession begins a session of a person.
func (s *Sandbox) NewSession() *virtual.Session { return s.box.NewSession() }

// Exec runs a script.
func (s *Sandbox) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	return s.box.Exec(ctx, e)
}

// HostDir is the folder of the host that a directory of the sandbox is; false for one that is not in the workspace. dir
// is absolute, or relative to the working directory; links in it are resolved, and none leads out of the folder.
func (s *Sandbox) HostDir(dir string) (string, bool) {
	if !path.IsAbs(dir) {
		dir = s.FS().Dir() + "/" + dir
	}
	real, err := s.box.Files().Realpath(dir)
	if err != nil {
		return "", false
	}
	rel, ok := under(Workspace, real)
	if i, err := s.box.Files().Stat(real); !ok || err != nil || !i.IsDir() {
		return "", false
	}
	return filepath.Join(s.folder, filepath.FromSlash(rel)), true
}

// Close ends what runs.
func (s *Sandbox) Close() error { return s.box.Close() }
