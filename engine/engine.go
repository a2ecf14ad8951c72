// Package engine runs an agent: a project and a request in, a stream of events out. Start at
// Engine.Run; then follow run.go, step.go, turn.go and call.go, which hold each other in that order.
package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// Config is what an Engine needs from outside. Project, Models, Sandboxes and Store are required.
type Config struct {
	Project *spec.Project
	// Models finds the model of an id "provider/model-id". It is called once a run for each id, so that what it
	// returns may remember the run.
	Models func(ctx context.Context, id string, run RunInfo) (Model, error)
	// Sandboxes makes the sandbox that a spec describes, empty but for its mounts.
	Sandboxes func(ctx context.Context, req SandboxRequest) (sandbox.Sandbox, error)
	Store     store.Store
	// SandboxName says what a sandbox is made of on this host, for a run's first event: "container: docker". nil, or "":
	// its type says so.
	SandboxName func(ctx context.Context, spec *spec.Sandbox) string

	// Hooks are what commands with `hook: NAME` call, besides exec, which is built in.
	Hooks map[string]Hook
	// Env looks up the host's variables: those that commands and tools name, and PATH. nil: there are none.
	Env func(name string) (string, bool)
	// MCP starts an MCP server of flue.yaml: once a run, when a step may call a tool of it. nil: none can be started.
	MCP func(ctx context.Context, name string) (ToolServer, error)
	// Folder is the project's on the host: no program inside it is a command. "": it has none.
	Folder string
	// Secrets, by name, are kept out of events and the store besides those of commands.
	Secrets map[string]string

	Model string // overrides the model of every agent, role and step; "" does not

	Now   func() time.Time                                 // time.Now
	Sleep func(ctx context.Context, d time.Duration) error // waits before a retry; a timer
	Owner string                                           // names this process in leases; random
}

// Model is a model that can be asked.
type Model struct {
	ID       string // "provider/model-id"
	Provider model.Provider
	Info     model.Info
	// TellsCost says that the provider tells each answer's price itself, so that Info need not know it.
	TellsCost bool
}

// RunInfo is what a scripted model may know of its run.
type RunInfo struct {
	Run      string
	Payload  any
	Answered []model.Message // the run's messages so far, when it is resumed
}

// SandboxRequest asks for a sandbox.
type SandboxRequest struct {
	Spec *spec.Sandbox
	// Skills are the folders of skills that are not in the workspace, to be readable at SkillsDir/<name>.
	Skills map[string]fs.FS
	// Session is whose workspace it is; Known says that something has happened in it before.
	Session store.Key
	Known   bool
	// Note is told what a user should know of the opening. It may be nil.
	Note func(text string)
}

// SkillsDir is where a sandbox shows the skills that come with the project or with flue.
const SkillsDir = "/skills"

// Engine runs the agents of one project. Its methods may be called from any goroutine.
type Engine struct {
	cfg       Config
	broker    *command.Broker
	templates templates
	reached   sync.Map // []string by *spec.Agent: what reachable has found
}

// New returns an engine. An error says which field of cfg is missing or wrong.
func New(cfg Config) (*Engine, error) {
	switch {
	case cfg.Project == nil:
		return nil, fmt.Errorf("engine: Config.Project is missing")
	case cfg.Models == nil:
		return nil, fmt.Errorf("engine: Config.Models is missing")
	case cfg.Sandboxes == nil:
		return nil, fmt.Errorf("engine: Config.Sandboxes is missing")
	case cfg.Store == nil:
		return nil, fmt.Errorf("engine: Config.Store is missing")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Owner == "" {
		cfg.Owner = store.NewID("own", time.Now(), rand.Reader)
	}
	broker, err := command.New(command.Config{Commands: cfg.Project.Commands, Env: cfg.Env, Project: cfg.Folder, Hooks: cfg.Hooks, Secrets: secretsOf(cfg)})
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return &Engine{cfg: cfg, broker: broker}, nil
}

// Project is the one whose agents the engine runs.
func (e *Engine) Project() *spec.Project { return e.cfg.Project }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
