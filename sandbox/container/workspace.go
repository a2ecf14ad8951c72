package container

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// place is where a container's files are on the host. In state are
//
//	lock              held while folders are made and removed
//	run-<random>      what an open sandbox needs; its own lock is held as long as it is open
//	<hash>            the workspace of a session, with session.json, which says whose it is
//	setup-<hash>      what scripts of `setup` made
type place struct {
	dir   string // run-<random>
	work  string // the folder of workspace, home and tmp
	fresh bool   // they have just been made
	lock  *os.File
}

// parts are the folders that an agent may write to.
var parts = map[string]string{"workspace": Workspace, "home": "/home/agent", "tmp": "/tmp"}

// openPlace makes or finds the folders of a sandbox, and removes what sandboxes left that nobody closed.
func openPlace(state string, session Session) (p *place, err error) {
	if state == "" {
		return nil, errors.New("Config.State is missing: the folder for workspaces")
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for workspaces: %w", err)
	}
	all, err := lockFile(filepath.Join(state, "lock"), true)
	if err != nil {
		return nil, fmt.Errorf("lock the folder for workspaces: %w", err)
	}
	defer all.Close()
	if err := sweepRuns(state); err != nil {
		return nil, err
	}
	p = &place{dir: filepath.Join(state, "run-"+strings.ToLower(rand.Text()[:12]))}
	p.work = filepath.Join(p.dir, "files")
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("make a workspace: %w", err), p.close())
		}
	}()
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return p, err
	}
	if p.lock, err = lockFile(filepath.Join(p.dir, "lock"), true); err != nil {
		return p, err
	}
	if session != (Session{}) {
		p.work = filepath.Join(state, session.hash())
	}
	_, err = os.Stat(filepath.Join(p.work, "workspace"))
	p.fresh = errors.Is(err, fs.ErrNotExist)
	for part := range parts {
		if err := os.MkdirAll(filepath.Join(p.work, part), 0o755); err != nil {
			return p, err
		}
	}
	if session == (Session{}) {
		return p, nil
	}
	whose, err := json.Marshal(session)
	if err != nil {
		return p, err
	}
	return p, os.WriteFile(filepath.Join(p.work, "session.json"), whose, 0o600)
}

// close removes what is not kept.
func (p *place) close() error {
	err := removeAll(p.dir)
	if p.lock != nil {
		p.lock.Close() // the file has gone, and with this its lock
	}
	return err
}

// hash names the folder of a session, whatever its own names have in them.
func (s Session) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", s.Store, s.Agent, s.ID))
	return hex.EncodeToString(sum[:16])
}

// sweepRuns removes what is left of sandboxes whose process has gone. The lock of state is held.
func sweepRuns(state string) error {
	runs, err := filepath.Glob(filepath.Join(state, "run-*"))
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	for _, dir := range runs {
		file, err := lockFile(filepath.Join(dir, "lock"), false)
		if errors.Is(err, errLocked) {
			continue // it is open
		}
		if err == nil {
			file.Close()
		}
		if err := removeAll(dir); err != nil {
			return fmt.Errorf("remove what a run left: %w", err)
		}
	}
	return nil
}

// errLocked says that another process has a lock.
var errLocked = errors.New("it is locked")

// removeAll removes a tree, whatever permissions an agent has taken from its folders. No link in it is followed.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	unlock(root, ".")
	return os.RemoveAll(dir)
}

func unlock(root *os.Root, dir string) {
	_ = root.Chmod(dir, 0o700) // what stays locked, RemoveAll will name
	folder, err := root.Open(dir)
	if err != nil {
		return
	}
	defer folder.Close()
	entries, _ := folder.ReadDir(-1) // likewise
	for _, e := range entries {
		if e.IsDir() {
			unlock(root, filepath.Join(dir, e.Name()))
		}
	}
}

// Forget removes the workspaces of those sessions of which gone says so. It asks about each that is kept in state.
func Forget(state string, gone func(Session) (bool, error)) error {
	kept, err := filepath.Glob(filepath.Join(state, "*", "session.json"))
	if err != nil || len(kept) == 0 {
		return err
	}
	all, err := lockFile(filepath.Join(state, "lock"), true)
	if err != nil {
		return fmt.Errorf("lock the folder for workspaces: %w", err)
	}
	defer all.Close()
	var errs []error
	for _, file := range kept {
		data, err := os.ReadFile(file)
		var session Session
		if err != nil || json.Unmarshal(data, &session) != nil {
			continue // it has just gone, or is not ours
		}
		is, err := gone(session)
		if err == nil && is {
			err = removeAll(filepath.Dir(file))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("remove the workspace of session %s/%s: %w", session.Agent, session.ID, err))
		}
	}
	return errors.Join(errs...)
}
