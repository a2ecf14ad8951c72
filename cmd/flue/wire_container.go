package main

import (
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
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// container makes the container that a spec describes.
func (w *wiring) container(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
	s := req.Spec
	cfg := container.Config{Engine: s.Engine, Dir: s.Cwd, Setup: s.Setup, Image: s.Image, ReadOnly: s.ReadOnly, User: s.User,
		CPUs: s.CPUs, Memory: int64(s.Memory), PIDs: s.PIDs, Known: req.Known && s.Keep == "session", Note: req.Note, State: w.workspaces(),
		Timeout: time.Duration(s.Limits.Timeout), Output: int64(s.Limits.Output), Struck: w.struck, HostEnv: w.env, Folders: map[string]fs.FS{}}
	if s.Keep == "session" && w.stored != "" { // a store in memory keeps nothing
		cfg.Session = container.Session{Store: w.stored, Agent: req.Session.Agent, ID: req.Session.Session}
	}
	if s.Network != nil {
		if len(s.Network.Allow) > 0 {
			return nil, fmt.Errorf("%snetwork: a container has no list of URLs: write none or bridge, or grant a command that fetches", place(s, "/network"))
		}
		cfg.Network = s.Network.Bridge
	}
	var err error
	if cfg.Env, err = w.sandboxEnv(s); err != nil {
		return nil, err
	}
	for _, path := range []struct {
		field, text string
		value       *string
	}{{"rootfs", s.Rootfs, &cfg.Rootfs}, {"dockerfile", s.Dockerfile, &cfg.Dockerfile}} {
		if path.text == "" {
			continue
		}
		if *path.value, err = w.hostFolder(path.text); err != nil {
			return nil, fmt.Errorf("%s%s: %w", place(s, "/"+path.field), path.field, err)
		}
	}
	for name, folder := range req.Skills {
		cfg.Folders[path.Join(engine.SkillsDir, name)] = folder
	}
	for i, m := range s.Mounts {
		if err := w.mountFolder(m, &cfg); err != nil {
			return nil, fmt.Errorf("%smount %s: %w", place(s, fmt.Sprintf("/mounts/%d/source", i)), m.Path, err)
		}
	}
	return container.Open(ctx, cfg)
}

// mountFolder shows a folder of the project or of the host to a container.
func (w *wiring) mountFolder(m spec.Mount, cfg *container.Config) error {
	if m.Mode != "" && m.Mode != "ro" {
		return fmt.Errorf("a container can only read what is mounted: copy it into the workspace in place of mode %s", m.Mode)
	}
	if w.project.built != "" && !strings.Contains(m.Source, "://") {
		folder, err := fs.Sub(w.project.FS, path.Clean(m.Source))
		cfg.Folders[path.Clean(m.Path)] = folder
		return err
	}
	dir, err := w.hostFolder(m.Source)
	cfg.Mounts = append(cfg.Mounts, container.Mount{Path: m.Path, Source: dir})
	return err
}

// hostFolder is the path of ./folder of the project, or of file:///folder.
func (w *wiring) hostFolder(source string) (string, error) {
	if dir, ok := strings.CutPrefix(source, "file://"); ok {
		return dir, nil
	}
	if strings.Contains(source, "://") {
		return "", fmt.Errorf("a container cannot have %q: write ./folder or file:///folder", source)
	}
	if w.project.built != "" {
		return "", fmt.Errorf("%s is inside this executable: name a folder of the host by file://", source)
	}
	return filepath.Join(w.project.dir, filepath.FromSlash(source)), nil
}

// sandboxName is what a sandbox that is not flue's own runs on, for a run's first event: of a container, its engine.
func (w *wiring) sandboxName(ctx context.Context, s *spec.Sandbox) string {
	switch s.Type {
	case "container":
	case "daytona":
		return s.Type
	default:
		return ""
	}
	name, err := container.Choose(ctx, container.Config{Engine: s.Engine, Image: s.Image, Dockerfile: s.Dockerfile, Rootfs: s.Rootfs, User: s.User, HostEnv: w.env})
	if err != nil {
		return "" // opening it says why
	}
	return "container: " + name
}

// workspaces is the folder of the host for those of containers.
func (w *wiring) workspaces() string {
	if w.project.built != "" {
		return filepath.Join(w.project.dir, w.project.built+"-workspaces")
	}
	return filepath.Join(w.project.dir, ".flue", "state", "workspaces")
}

// workspaceStore removes the workspaces of sessions together with them.
type workspaceStore struct {
	store.Store
	workspaces string // the folder that they are in
	name       string // of the store in there
	env        func(name string) (string, bool)
}

// DeleteSession forgets a session and its workspace.
func (s workspaceStore) DeleteSession(ctx context.Context, key store.Key) error {
	if err := s.Store.DeleteSession(ctx, key); err != nil {
		return err
	}
	return s.forget(ctx, func(k store.Key) (bool, error) { return k == key, nil })
}

// DeleteIdle forgets sessions and their workspaces.
func (s workspaceStore) DeleteIdle(ctx context.Context, before time.Time) (int, error) {
	n, err := s.Store.DeleteIdle(ctx, before)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.forget(ctx, func(key store.Key) (bool, error) {
		_, err := s.Session(ctx, key)
		if errors.Is(err, store.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
}

func (s workspaceStore) forget(ctx context.Context, gone func(store.Key) (bool, error)) error {
	return container.Forget(ctx, s.workspaces, s.env, func(one container.Session) (bool, error) {
		if one.Store != s.name {
			return false, nil
		}
		return gone(store.Key{Agent: one.Agent, Session: one.ID})
	})
}
