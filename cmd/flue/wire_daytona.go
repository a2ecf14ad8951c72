package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/daytona"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// daytona makes the sandbox at Daytona that a spec describes, or finds the session's.
func (w *wiring) daytona(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
	s := req.Spec
	cfg, err := w.daytonaConfig(s)
	if err != nil {
		return nil, err
	}
	cfg.Note, cfg.Struck = req.Note, w.struck
	for name, folder := range req.Skills {
		cfg.Folders[path.Join(engine.SkillsDir, name)] = folder
	}
	kept := s.Keep == "session" && w.stored != "" && req.Session.Session != "" // a store in memory keeps nothing
	if !kept {
		return daytona.Open(ctx, cfg)
	}
	cfg.Known = req.Known
	if cfg.ID, err = sandboxOf(ctx, w.values, req.Session); err != nil {
		return nil, err
	}
	box, err := daytona.Open(ctx, cfg)
	if err != nil || box.ID() == cfg.ID {
		return box, err
	}
	if err := w.values.SetValue(ctx, daytonaKey(req.Session), []byte(box.ID())); err != nil {
		return nil, errors.Join(fmt.Errorf("note which sandbox at Daytona is the session's: %w", err), box.Close())
	}
	return box, nil
}

// daytonaConfig is what a sandbox's file says.
func (w *wiring) daytonaConfig(s *spec.Sandbox) (daytona.Config, error) {
	cfg := daytona.Config{Target: s.Target, Snapshot: s.Snapshot, Image: s.Image, Setup: s.Setup, CPUs: int(s.CPUs), Memory: int64(s.Memory), Disk: int64(s.Disk),
		User: s.User, Network: s.Network != nil && s.Network.Bridge, Dir: s.Cwd, Folders: map[string]fs.FS{}, AutoStop: time.Duration(s.AutoStop),
		AutoDelete: time.Duration(s.AutoDelete), Timeout: time.Duration(s.Limits.Timeout), Output: int64(s.Limits.Output)}
	if s.CPUs != math.Trunc(s.CPUs) {
		return cfg, fmt.Errorf("%scpus: Daytona takes whole processors, and not %g", place(s, "/cpus"), s.CPUs)
	}
	switch s.Cleanup {
	case "stop":
		cfg.Cleanup = daytona.Stop
	case "false":
		cfg.Cleanup = daytona.Leave
	case "":
		if s.Keep == "session" {
			cfg.Cleanup = daytona.Stop
		}
	}
	var err error
	if cfg.Key, err = w.privileged(s.APIKey); err != nil {
		return cfg, usage(fmt.Errorf("%sapi_key: %w", place(s, "/api_key"), err))
	}
	if cfg.URL, err = w.privileged(s.APIURL); err != nil {
		return cfg, usage(fmt.Errorf("%sapi_url: %w", place(s, "/api_url"), err))
	}
	if cfg.Env, err = w.sandboxEnv(s); err != nil {
		return cfg, err
	}
	if s.Dockerfile != "" {
		text, err := fs.ReadFile(w.project.FS, path.Clean(s.Dockerfile))
		if err != nil {
			return cfg, fmt.Errorf("%sdockerfile: %w", place(s, "/dockerfile"), err)
		}
		cfg.Dockerfile = string(text)
	}
	return cfg, nil
}

// daytonaKey is the value of the store that has the id of a session's sandbox.
func daytonaKey(session store.Key) string { return "daytona/" + session.String() }

// sandboxOf is the id of the sandbox at Daytona that a session has; "" is none.
func sandboxOf(ctx context.Context, st store.Store, session store.Key) (string, error) {
	id, err := st.Value(ctx, daytonaKey(session))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("look for the session's sandbox at Daytona: %w", err)
	}
	return string(id), nil
}

// daytonaStore deletes the sandboxes of sessions at Daytona together with them. Those of idle sessions are left to
// auto_delete.
type daytonaStore struct {
	store.Store
	wiring *wiring
}

// DeleteSession forgets a session, and its sandbox.
func (s daytonaStore) DeleteSession(ctx context.Context, key store.Key) error {
	id, err := sandboxOf(ctx, s.Store, key)
	if err != nil {
		return err
	}
	if err := s.Store.DeleteSession(ctx, key); err != nil || id == "" {
		return err
	}
	if err := s.Store.SetValue(ctx, daytonaKey(key), nil); err != nil {
		return err
	}
	a := s.wiring.project.Agents[key.Agent]
	if a == nil || a.Sandbox == nil || s.wiring.project.Sandboxes[a.Sandbox.Name] == nil {
		return nil // no file has the key any more; auto_delete does it
	}
	cfg, err := s.wiring.daytonaConfig(s.wiring.project.Sandboxes[a.Sandbox.Name])
	if err == nil {
		err = daytona.Remove(ctx, cfg, id)
	}
	if err != nil {
		return fmt.Errorf("session %s is deleted, and its sandbox at Daytona is not, which auto_delete will do: %w", key, err)
	}
	return nil
}
