package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// Description is what an agent is granted and told, without running it.
type Description struct {
	Agent   string
	Sandbox string
	Network []string // URL prefixes
	Mounts  []string // "PATH from SOURCE (MODE)"
	Limits  string
	Steps   []StepDescription
	System  string // the system prompt, to the byte
}

// StepDescription is what one step may use.
type StepDescription struct {
	Label    string
	Kind     string
	Models   []string // a fallback chain
	Role     string
	Tools    []string
	Commands []command.Description
	Result   bool // it has a result schema
}

// Describe says what an agent would be granted and told in a new session. It asks no model and needs no key.
func (e *Engine) Describe(ctx context.Context, agent string) (Description, error) {
	a := e.cfg.Project.Agents[agent]
	if a == nil {
		return Description{}, e.unknownAgent(agent)
	}
	r := &run{Engine: e, agent: a, limits: runLimits(a.Limits, e.cfg.Project.Settings.Limits), session: &session{},
		key: store.Key{Agent: a.Name}}
	if err := r.openSandbox(ctx); err != nil {
		return Description{}, err
	}
	defer r.box.Close()
	if err := r.findSkills(ctx); err != nil {
		return Description{}, err
	}
	system, err := r.systemPrompt(ctx)
	if err != nil {
		return Description{}, err
	}
	box := r.sandboxSpec()
	d := Description{Agent: a.Name, Sandbox: box.Type, Limits: limitsText(r.limits), System: system}
	if box.Network != nil {
		d.Network = box.Network.Allow
	}
	for _, m := range box.Mounts {
		mode := m.Mode
		if mode == "" {
			mode = "ro"
		}
		d.Mounts = append(d.Mounts, fmt.Sprintf("%s from %s (%s)", m.Path, m.Source, mode))
	}
	for i, s := range a.Steps {
		d.Steps = append(d.Steps, r.describeStep(s, i))
	}
	return d, nil
}

func (r *run) describeStep(s *spec.Step, i int) StepDescription {
	d := StepDescription{Label: s.ID, Kind: s.Kind(), Result: s.Result != nil}
	if d.Label == "" {
		d.Label = strconv.Itoa(i + 1)
	}
	for _, name := range granted(r.agent, s) {
		d.Commands = append(d.Commands, r.broker.Describe(name))
	}
	if d.Kind != "prompt" && d.Kind != "skill" {
		return d
	}
	d.Models = r.modelIDs(s)
	if role := r.role(s); role != nil {
		d.Role = role.Name
	}
	c := (&step{run: r, spec: s, label: d.Label}).begin()
	for _, tool := range c.defs {
		d.Tools = append(d.Tools, tool.Name)
	}
	d.Tools = append(d.Tools, c.remote...)
	return d
}

func limitsText(l spec.Limits) string {
	parts := []string{fmt.Sprintf("turns %d", l.Turns), fmt.Sprintf("timeout %s", time.Duration(l.Timeout))}
	if l.Tokens > 0 {
		parts = append(parts, fmt.Sprintf("tokens %d", l.Tokens))
	}
	if l.CostUSD > 0 {
		parts = append(parts, fmt.Sprintf("cost_usd %g", l.CostUSD))
	}
	return strings.Join(parts, ", ")
}
