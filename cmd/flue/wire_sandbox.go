package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/fetch"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/local"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
	"github.com/flue-run/flue/spec"
)

// sandbox makes the sandbox that a spec describes.
func (w *wiring) sandbox(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
	s := req.Spec
	switch s.Type {
	case "", "virtual", "local":
	case "container":
		return w.container(ctx, req)
	case "daytona":
		return w.daytona(ctx, req)
	default:
		return nil, fmt.Errorf("this version of flue has no %q sandbox: those there are are virtual, local, container and daytona", s.Type)
	}
	cfg := virtual.Config{
		Dir: cmp.Or(s.Cwd, local.Workspace),
		Limits: limits.Limits{Timeout: time.Duration(s.Limits.Timeout), Commands: s.Limits.Commands, Work: s.Limits.Work,
			LiveBytes: int64(s.Limits.Memory), Output: int64(s.Limits.Output), Descriptors: s.Limits.Descriptors, Jobs: s.Limits.Jobs,
			Depth: s.Limits.Depth, Script: int64(s.Limits.Script), Nesting: s.Limits.Nesting},
		Quota:     vfs.Quota{Bytes: int64(s.Limits.Files), Files: s.Limits.FileCount},
		Struck:    w.struck,
		Known:     func(name string) bool { return w.project.Commands[name] != nil },
		Databases: sqlitedb.Engine{},
	}
	if s.Network != nil && len(s.Network.Allow) > 0 {
		network, err := fetch.New(fetch.Config{Allow: s.Network.Allow, OwnPort: w.ownPort})
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		cfg.Fetch = network
	}
	var err error
	if cfg.Env, err = w.sandboxEnv(s); err != nil {
		return nil, err
	}
	for name, folder := range req.Skills {
		cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: path.Join(engine.SkillsDir, name), Source: vfs.FromFS(folder), Mode: vfs.ReadOnlyMount})
	}
	return w.open(ctx, s, cfg)
}

// sandboxEnv are the variables of a sandbox's file.
func (w *wiring) sandboxEnv(s *spec.Sandbox) (map[string]string, error) {
	env := map[string]string{}
	for name, value := range s.Env {
		text, err := w.privileged(value)
		if err != nil {
			return nil, fmt.Errorf("env %s: %w", name, err)
		}
		env[name] = text
	}
	return env, nil
}

// open opens the folders and buckets that a sandbox mounts, and makes it.
func (w *wiring) open(ctx context.Context, s *spec.Sandbox, cfg virtual.Config) (box sandbox.Sandbox, err error) {
	defer func() {
		if err != nil {
			for _, opened := range cfg.Owned {
				opened.Close()
			}
		}
	}()
	for i, m := range s.Mounts {
		if strings.HasPrefix(m.Source, "s3://") {
			err = w.mountBucket(ctx, s, i, &cfg)
		} else {
			err = w.mount(m, &cfg)
		}
		if err != nil {
			return nil, fmt.Errorf("%smount %s: %w", place(s, fmt.Sprintf("/mounts/%d/source", i)), m.Path, err)
		}
	}
	if s.Type == "local" {
		return local.New(w.project.dir, cfg)
	}
	return virtual.New(cfg)
}

var mountModes = map[string]vfs.MountMode{"": vfs.ReadOnlyMount, "ro": vfs.ReadOnlyMount, "overlay": vfs.OverlayMount, "rw": vfs.ReadWriteMount}

// mount opens a folder of the project, or of the host by file://, for a sandbox.
func (w *wiring) mount(m spec.Mount, cfg *virtual.Config) error {
	dir := m.Source
	switch {
	case w.project.built != "" && !strings.Contains(dir, "://"):
		folder, err := fs.Sub(w.project.FS, path.Clean(dir))
		if err != nil {
			return err
		}
		if m.Mode == "rw" {
			return errors.New("a folder in a built project cannot be written to: use mode overlay, or a folder of the host by file://")
		}
		cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: m.Path, Source: vfs.FromFS(folder), Mode: mountModes[m.Mode]})
		return nil
	case strings.HasPrefix(dir, "file://"):
		dir = strings.TrimPrefix(dir, "file://")
	case strings.Contains(dir, "://"):
		return fmt.Errorf("%q cannot be mounted: write ./folder, file:///folder or s3://bucket/prefix", dir)
	default:
		dir = filepath.Join(w.project.dir, filepath.FromSlash(dir))
	}
	source, err := hostdir.Open(dir)
	if err != nil {
		return err
	}
	cfg.Owned = append(cfg.Owned, source)
	cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: m.Path, Source: hostdir.Protect(source), Mode: mountModes[m.Mode]})
	return nil
}
