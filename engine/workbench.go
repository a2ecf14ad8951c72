package engine

import (
	"context"
	"slices"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/store"
)

// Workbench is an agent's sandbox with all commands that its steps are granted, for a person: there is no session, no
// run and no model.
type Workbench struct {
	Sandbox sandbox.Sandbox
	Grants  sandbox.Grants
	grant   *command.Grant
}

// Workbench opens the sandbox of an agent, as it is in a new session. ctx bounds its commands. Close it.
func (e *Engine) Workbench(ctx context.Context, agent string) (*Workbench, error) {
	a := e.cfg.Project.Agents[agent]
	if a == nil {
		return nil, e.unknownAgent(agent)
	}
	names := slices.Clone(a.Commands)
	for _, s := range a.Steps {
		names = append(names, granted(a, s)...)
		for _, p := range s.Parallel {
			names = append(names, granted(a, p)...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if err := e.broker.Check(names); err != nil {
		return nil, &RequestError{Message: err.Error()}
	}
	r := &run{Engine: e, agent: a, session: &session{}, key: store.Key{Agent: a.Name}}
	if err := r.openSandbox(ctx); err != nil {
		return nil, err
	}
	grant := e.broker.NewRun(map[string]int{}).Grant(ctx, names, command.Scope{HostDir: hostDir(r.box)})
	return &Workbench{r.box, grant.Grants(), grant}, nil
}

// Close ends the commands that still run, and the sandbox.
func (w *Workbench) Close() error {
	w.grant.Revoke()
	return w.Sandbox.Close()
}
