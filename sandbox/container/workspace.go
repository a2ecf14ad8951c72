package container

import (
	"context"
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
		return nil, errNoState
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
	return p, record(p.work, kept{Session: session})
}

// kept is what session.json says of a workspace.
type kept struct {
	Session
	Engine string `json:",omitempty"` // whose server has it as volumes; "": it is here
}

func record(folder string, k kept) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "session.json"), data, 0o600)
}

// recordVolumes notes that the workspace of a session is with an engine's server.
func recordVolumes(state string, session Session, engine string) error {
	if state == "" {
		return errNoState
	}
	folder := filepath.Join(state, session.hash())
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = record(folder, kept{session, engine})
	}
	if err != nil {
		return fmt.Errorf("note where the workspace is: %w", err)
	}
	return nil
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

var errNoState = errors.New("Config.State is missing: the folder for workspaces")

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
// hostEnv is Config.HostEnv.
func Forget(ctx context.Context, state string, hostEnv func(string) (string, bool), gone func(Session) (bool, error)) error {
	all, err := filepath.Glob(filepath.Join(state, "*", "session.json"))
	if err != nil || len(all) == 0 {
		return err
	}
	lock, err := lockFile(filepath.Join(state, "lock"), true)
	if err != nil {
		return fmt.Errorf("lock the folder for workspaces: %w", err)
	}
	defer lock.Close()
	var errs []error
	for _, file := range all {
		data, err := os.ReadFile(file)
		var k kept
		if err != nil || json.Unmarshal(data, &k) != nil {
			continue // it has just gone, or is not ours
		}
		is, err := gone(k.Session)
		if err == nil && is && k.Engine != "" {
			err = forgetVolumes(ctx, Config{HostEnv: hostEnv}, k)
		}
		if err == nil && is {
			err = removeAll(filepath.Dir(file))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("remove the workspace of session %s/%s: %w", k.Agent, k.ID, err))
		}
	}
	return errors.Join(errs...)
}
