// Package virtual is the sandbox that an agent gets by default: files, a shell and its commands in this process, with
// nothing of the host in them. Start at New; exec.go runs scripts, base.go is what every session finds, watchdog.go is
// the last net against a script that takes all memory.
package virtual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Config is what a sandbox is made of. The zero value is an empty workspace with all commands.
type Config struct {
	Dir    string            // the working directory, which is made; "" is /workspace
	Env    map[string]string // variables besides those of the virtual user
	Limits limits.Limits     // of each Exec; zero fields have their defaults
	Quota  vfs.Quota         // of all files; zero fields have their defaults
	Mounts []Mount           // trees from elsewhere
	Owned  []io.Closer       // closed with the sandbox: sources of mounts that are for it alone
	// Commands are the programs in /bin and /usr/bin; nil is commands.All().
	Commands map[string]shell.Command
	// Known says that a command exists in the project and is not granted here; nil: none does.
	Known func(name string) bool
	Now   func() time.Time // nil is time.Now
	// Fetch is the network, for curl and wget; nil: there is none.
	Fetch sandbox.Fetch
	// Struck is told the name of each limit that ends an Exec, from several goroutines; nil: nobody is.
	Struck func(limit string)
	// Databases is SQL, for sqlite3; nil: it says that there is none.
	Databases sandbox.Databases
	// HeapCeiling is how large the live heap of the process may be while this sandbox runs something, in bytes;
	// 0 is 4 GiB. Above it, the largest and newest Exec ends.
	HeapCeiling int64
}

// Mount is a tree from elsewhere at a path of the sandbox.
type Mount struct {
	Path   string // absolute
	Source vfs.Source
	Mode   vfs.MountMode
}

// Sandbox is one session's world.
type Sandbox struct {
	cfg   Config
	env   []string
	files *vfs.FS

	mu      sync.Mutex
	closed  bool
	running map[*limits.Budget]struct{}
	execs   sync.WaitGroup
}

var (
	_ sandbox.Sandbox     = (*Sandbox)(nil)
	_ sandbox.Snapshotter = (*Sandbox)(nil)
)

// All sandboxes that have all commands share the list of them, and the base layer that has them as programs. Neither
// ever changes.
var (
	allCommands = sync.OnceValue(commands.All)
	baseOfAll   = sync.OnceValues(func() (*vfs.Layer, error) { return newBase(allCommands()) })
)

// New makes a sandbox. If it fails, what is in cfg.Owned is still the caller's to close.
func New(cfg Config) (*Sandbox, error) {
	if cfg.Dir == "" {
		cfg.Dir = "/workspace"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.HeapCeiling == 0 {
		cfg.HeapCeiling = 4 << 30
	}
	var base *vfs.Layer
	var err error
	if cfg.Commands == nil {
		cfg.Commands = allCommands()
		base, err = baseOfAll()
	} else {
		base, err = newBase(cfg.Commands)
	}
	if err != nil {
		return nil, err
	}
	s := &Sandbox{cfg: cfg, files: vfs.NewOn(base, cfg.Quota, cfg.Now), running: map[*limits.Budget]struct{}{}}
	s.env = append(s.env, "TERM=dumb", "TMPDIR=/tmp")
	for _, name := range slices.Sorted(maps.Keys(cfg.Env)) {
		s.env = append(s.env, name+"="+cfg.Env[name])
	}
	for _, m := range cfg.Mounts {
		if err := s.files.Mount(m.Path, m.Source, m.Mode); err != nil {
			return nil, err
		}
	}
	if err := s.files.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the working directory %s: %w", cfg.Dir, err)
	}
	return s, nil
}

// Files is the file tree itself, as the sandbox's user sees it.
func (s *Sandbox) Files() *vfs.FS { return s.files }

// Snapshot stores what has changed and returns the hash of the tree's root. It belongs to a snapshot what the session
// made: not the base layer, devices, and mounts but for the changes of overlays.
func (s *Sandbox) Snapshot(ctx context.Context, blobs sandbox.Blobs) (root string, err error) {
	if err := s.open(); err != nil {
		return "", err
	}
	return s.files.Snapshot(ctx, blobs)
}

// Restore makes the files those of root, which may be another sandbox's; "" is a new tree. Content is read when needed.
func (s *Sandbox) Restore(ctx context.Context, blobs sandbox.Blobs, root string) error {
	if err := s.open(); err != nil {
		return err
	}
	if err := s.files.Restore(ctx, blobs, root); err != nil || root != "" {
		return err
	}
	return s.files.MkdirAll(s.cfg.Dir, 0o755)
}

// Close ends what runs and frees the files.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	s.closed = true
	for b := range s.running {
		b.Strike(errClosed)
	}
	s.mu.Unlock()
	s.execs.Wait()
	s.files.Clear()
	var errs []error
	for _, owned := range s.cfg.Owned {
		errs = append(errs, owned.Close())
	}
	return errors.Join(errs...)
}

var errClosed = fmt.Errorf("the sandbox was closed: %w", fs.ErrClosed)

func (s *Sandbox) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	return nil
}

// path makes name absolute against the working directory. It does not clean it: ".." is the file system's to resolve.
func (s *Sandbox) path(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return s.cfg.Dir + "/" + name
}
