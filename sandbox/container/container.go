// Package container is the sandbox that is a real Linux: an agent file with `type: container` has the programs of an
// image, or of the host, in place of flue's own shell. Start at Open, which picks an engine; exec.go runs scripts on it,
// calls.go is how they reach granted commands, helper.go the other end of that, inside.
//
// An engine is a file of its own: bubblewrap_linux.go makes namespaces by itself, docker.go asks a server of Docker or
// Podman.
package container

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/runner"
)

// NoteGone is what Config.Note is told where there is no workspace that a session could go on with.
const NoteGone = "there is no workspace from before: it has been removed, or this session is a copy. It goes on with a new one, which is empty"

// Workspace is where an agent works unless its file says otherwise.
const Workspace = "/workspace"

// Config is what a container is made of. The zero value is a workspace on the first engine that this host has.
type Config struct {
	Engine string            // docker, podman or bubblewrap; "" or auto: the first that is there
	Dir    string            // the working directory, absolute; "" is /workspace
	Env    map[string]string // variables besides PATH, HOME and the like
	// Network lets it reach the network; without, it reaches nothing.
	Network bool
	// Mounts are folders of the host, to be read.
	Mounts []Mount
	// Folders are files to be read, by the absolute path of the folder that they are in.
	Folders map[string]fs.FS
	// Setup are scripts that prepare the container before the first script of an agent. What they made is kept, and used
	// again wherever the list and what it runs on are the same. They have the network.
	Setup []string

	Image      string // docker, podman: what it starts from
	Dockerfile string // instead of Image: a file of the host, built with the folder that it is in
	Rootfs     string // bubblewrap: an unpacked root of the host; "": the host's own /usr
	ReadOnly   bool   // docker, podman: nothing can be written but the workspace, the home and /tmp
	User       string // docker, podman: name or uid[:gid]; "" is the image's own

	CPUs   float64 // 0: all
	Memory int64   // bytes; 0: no bound
	PIDs   int64   // processes and threads at once; 0: 1024, of bubblewrap no bound

	// Session names the workspace that is kept; the zero value is one that ends with the sandbox.
	Session Session
	// Known says that the session has had a workspace. If it is gone, Note says so.
	Known bool
	// Note is told what a user should know: what is being pulled, a workspace that is gone. nil: nobody is.
	Note func(text string)

	State   string        // a folder of the host for workspaces; it is made when it is needed
	Timeout time.Duration // of a script; 0 is 2m
	Output  int64         // of a script, in bytes; 0 is 1 MiB
	// Struck is told the name of each limit that ends a script, from several goroutines; nil: nobody is.
	Struck func(limit string)
	// Env of the host: PATH, DOCKER_HOST, CONTAINER_HOST and the like. nil: there is none.
	HostEnv func(name string) (string, bool)
	// Program is flue itself, which is the helper inside (see Helper); "" is the program that runs.
	Program string
}

// Mount is a folder of the host at an absolute path of the container.
type Mount struct{ Path, Source string }

// check refuses what would be inside a folder that the agent writes to, or hide what makes the container.
func (m Mount) check() error {
	if !path.IsAbs(m.Path) {
		return fmt.Errorf("mount %s: the path is not absolute", m.Path)
	}
	for _, own := range []string{Workspace, "/home", "/tmp", "/run", "/proc", "/dev", "/etc"} {
		if strings.HasPrefix(path.Clean(m.Path)+"/", own+"/") {
			return fmt.Errorf("mount %s: %s is the container's own; mount it elsewhere, such as at /mnt", m.Path, own)
		}
	}
	return nil
}

// Session names a workspace that is kept.
type Session struct {
	Store string // tells apart what several stores of one project know by the same name
	Agent string
	ID    string
}

// Sandbox is a container with a workspace.
type Sandbox struct {
	cfg    Config
	engine engine
	files  sandbox.FS

	scripts runner.Runner
}

var _ sandbox.Sandbox = (*Sandbox)(nil)

// engine runs programs in one container.
type engine interface {
	// run runs a script until it ends, or ctx does: nothing that it started is left then. Its result is the exit status.
	run(ctx context.Context, s script) (status int, err error)
	// files are those of the container, until close.
	files() sandbox.FS
	// hostDir is the folder of the host that a directory inside is.
	hostDir(dir string) (string, bool)
	// close ends the container. The workspace goes with it unless it is kept.
	close() error
}

// script is one to run.
type script struct {
	text           string
	args           []string // $0, $1, …
	dir            string   // absolute
	env            map[string]string
	stdin          io.Reader // nil: empty
	stdout, stderr io.Writer
	grants         sandbox.Grants
}

// Open makes a container on the engine that cfg names. The error of auto says why none can be used.
func Open(ctx context.Context, cfg Config) (*Sandbox, error) {
	if cfg.Dir == "" {
		cfg.Dir = Workspace
	}
	if !path.IsAbs(cfg.Dir) {
		return nil, fmt.Errorf("the working directory %s is not absolute", cfg.Dir)
	}
	for _, m := range cfg.Mounts {
		if err := m.check(); err != nil {
			return nil, err
		}
	}
	if cfg.Note == nil {
		cfg.Note = func(string) {}
	}
	if cfg.HostEnv == nil {
		cfg.HostEnv = func(string) (string, bool) { return "", false }
	}
	name, err := Choose(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := cfg.misfit(name); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Sandbox{cfg: cfg, scripts: runner.Runner{Timeout: cfg.Timeout, Output: cfg.Output, Struck: cfg.Struck}}
	switch name {
	case "docker", "podman":
		s.engine, err = openServer(ctx, cfg, name)
	case "bubblewrap":
		s.engine, err = openBubblewrap(ctx, cfg)
	default:
		err = fmt.Errorf("there is no engine %q: the engines are docker, podman and bubblewrap", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.files = s.engine.files()
	return s, nil
}

// FS is the file tree for the tools of an agent.
func (s *Sandbox) FS() sandbox.FS { return s.files }

// HostDir is the folder of the host that a directory of the workspace is; false: it has none.
func (s *Sandbox) HostDir(dir string) (string, bool) { return s.engine.hostDir(s.path(dir)) }

// Close ends what runs, and the container. Its workspace stays if it is a session's.
func (s *Sandbox) Close() error {
	if !s.scripts.Close() {
		return nil
	}
	return s.engine.close()
}

func (s *Sandbox) path(name string) string {
	switch {
	case name == "":
		return s.cfg.Dir
	case path.IsAbs(name):
		return name
	}
	return s.cfg.Dir + "/" + name
}
