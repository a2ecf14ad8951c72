package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
)

// What a program that embeds the engine needs to register hooks in Config.Hooks.
type (
	// Hook does the calls of the commands whose file says `hook: NAME`.
	Hook = command.Hook
	// HookCall is one call that the command's rules have let through.
	HookCall = command.Call
	// HookResult is how it ended. What it prints is redacted on its way.
	HookResult = command.Result
)

// granted are the names of the commands that a step has: its own list replaces its agent's.
func granted(agent *spec.Agent, s *spec.Step) []string {
	if s.Commands != nil {
		return *s.Commands
	}
	return agent.Commands
}

// reachable are all commands that a run of an agent may come to call, its sub-agents' among them.
func (e *Engine) reachable(agent *spec.Agent) []string {
	if found, ok := e.reached.Load(agent); ok {
		return found.([]string)
	}
	found := e.reach(agent)
	e.reached.Store(agent, found)
	return found
}

func (e *Engine) reach(agent *spec.Agent) []string {
	names := map[string]bool{}
	seen := map[*spec.Agent]bool{}
	var ofAgent func(a *spec.Agent)
	var ofSteps func(a *spec.Agent, steps []*spec.Step)
	ofSteps = func(a *spec.Agent, steps []*spec.Step) {
		for _, s := range steps {
			for _, name := range append(e.commandsOf(s.Tools), granted(a, s)...) {
				names[name] = true
			}
			if role := e.cfg.Project.Roles[cmp.Or(s.Role, a.Role)]; role != nil {
				for _, name := range e.commandsOf(role.Tools) {
					names[name] = true
				}
			}
			ofSteps(a, s.Parallel)
		}
	}
	ofAgent = func(a *spec.Agent) {
		if a == nil || seen[a] {
			return
		}
		seen[a] = true
		for _, name := range append(e.commandsOf(a.Tools), a.Commands...) {
			names[name] = true
		}
		ofSteps(a, a.Steps)
		for _, sub := range a.Subagents {
			ofAgent(e.cfg.Project.Agents[sub])
		}
	}
	ofAgent(agent)
	return slices.Sorted(maps.Keys(names))
}

// commandsOf are the commands that the tools of a list call.
func (e *Engine) commandsOf(list *[]string) []string {
	var names []string
	if list == nil {
		return nil
	}
	for _, name := range *list {
		if t := e.cfg.Project.Tools[name]; t != nil && t.Command != nil && !slices.Contains(names, t.Command.Name) {
			names = append(names, t.Command.Name)
		}
	}
	return names
}

// grant gives the step its commands, in its scripts, its checks and its bash tool, until revoke.
func (s *step) grant(ctx context.Context) (revoke func()) {
	s.commands = s.give(ctx, granted(s.agent, s.spec))
	return s.commands.Revoke
}

// give makes a grant of commands, whose calls are in the log.
func (s *step) give(ctx context.Context, names []string) *command.Grant {
	scope := command.Scope{
		HostDir: hostDir(s.box),
		Started: func(ctx context.Context, name string, args []string) error {
			s.journal.add(s.event(Event{Type: CommandStart, Command: name, Args: mustJSON(args)}))
			return s.journal.flush(ctx) // before it happens: a crash then shows what may have been done
		},
		Ended: func(name string, status int) {
			s.journal.add(s.event(Event{Type: CommandEnd, Command: name, ExitCode: &status}))
		},
	}
	return s.calls.Grant(ctx, names, scope)
}

// hostDir finds the folders of the host behind a sandbox's; nil: it has none.
func hostDir(box sandbox.Sandbox) func(dir string) (string, bool) {
	if folder, ok := box.(inFolder); ok {
		return hostDir(folder.Sandbox) // calls say the whole path
	}
	if h, ok := box.(interface {
		HostDir(dir string) (string, bool)
	}); ok {
		return h.HostDir
	}
	return nil
}
