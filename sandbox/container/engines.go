package container

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// Engine is what is known of an engine on this host.
type Engine struct {
	Name    string
	Version string   // "": it cannot be used
	At      string   // its program, or where its server listens
	Err     error    // why it cannot be used
	Covers  []string // what keeps an agent in
	Leaves  []string // what does not
}

// Engines looks at all engines, in the order in which auto takes them.
func Engines(ctx context.Context, cfg Config) []Engine {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	all := []Engine{serverEngine(ctx, cfg, "docker"), serverEngine(ctx, cfg, "podman"), {
		Name:   "bubblewrap",
		Covers: []string{"files, processes, users and network of its own, the host's /usr to be read", "memory of each process"},
		Leaves: []string{"the kernel, which is the host's", "the number of processors and processes"},
	}}
	wrap := &all[len(all)-1]
	if wrap.At, wrap.Err = bubblewrap.Find(); wrap.Err == nil {
		cmd := exec.CommandContext(ctx, wrap.At, "--version")
		cmd.Env = []string{}
		var out []byte
		out, wrap.Err = cmd.Output()
		wrap.Version = strings.TrimPrefix(strings.TrimSpace(string(out)), "bubblewrap ")
	}
	return all
}

func serverEngine(ctx context.Context, cfg Config, name string) Engine {
	e := Engine{Name: name,
		Covers: []string{"files, processes and network of its own, those of an image", "privileges: it has none", "processors, memory and processes"},
		Leaves: []string{"the kernel, which is the host's", "its server: whoever may talk to that, as flue does, may do what it may"}}
	api, err := dialServer(cfg, name)
	if err != nil {
		e.Err = err
		return e
	}
	defer api.Close()
	e.At = api.DaemonHost()
	version, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
	e.Version, e.Err = version.Version, err
	return e
}
