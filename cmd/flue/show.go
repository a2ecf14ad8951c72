package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store/memory"
)

type showCmd struct {
	Agent string `arg:"" help:"The agent's name."`
	Model string `env:"FLUE_MODEL" placeholder:"PROVIDER/ID" help:"The model, whatever the files say."`
	Dir   string `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
}

func (c *showCmd) Run(ctx context.Context, s streams) error {
	p, err := openProject(c.Dir)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.refuse(s); err != nil {
		return err
	}
	env, err := variables("")
	if err != nil {
		return err
	}
	e, err := (&wiring{project: p, env: env}).engine(memory.New(), c.Model)
	if err != nil {
		return err
	}
	d, err := e.Describe(ctx, c.Agent)
	if err != nil {
		return err
	}
	return describe(s, d)
}

// describe prints what an agent is granted, step by step, and then its system prompt.
func describe(s streams, d engine.Description) error {
	var b strings.Builder
	fmt.Fprintf(&b, "agent    %s\nsandbox  %s\n", d.Agent, d.Sandbox)
	for _, prefix := range d.Network {
		fmt.Fprintf(&b, "network  %s\n", prefix)
	}
	for _, mount := range d.Mounts {
		fmt.Fprintf(&b, "mount    %s\n", mount)
	}
	fmt.Fprintf(&b, "limits   %s\n", d.Limits)
	for _, step := range d.Steps {
		fmt.Fprintf(&b, "\nstep %s (%s)\n", step.Label, step.Kind)
		line := func(key, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %-8s %s\n", key, value)
			}
		}
		line("model", strings.Join(step.Models, ", then "))
		line("role", step.Role)
		line("tools", strings.Join(step.Tools, " "))
		for _, c := range step.Commands {
			describeCommand(line, c)
		}
		if step.Result {
			line("result", "typed")
		}
	}
	fmt.Fprintf(&b, "\n--- system prompt ---\n%s\n", d.System)
	_, err := fmt.Fprint(s.out, b.String())
	return err
}

// describeCommand prints what a command opens: secrets by name only.
func describeCommand(line func(key, value string), c command.Description) {
	runs := c.Exec
	if c.Hook != "exec" {
		runs = "the hook " + c.Hook
	}
	line("command", c.Name+": runs "+runs)
	for _, args := range c.Args {
		line("", "  "+c.Name+" "+args)
	}
	for _, fact := range []struct{ name, value string }{
		{"refused", strings.Join(c.Deny, " ")}, {"secrets", strings.Join(c.Secrets, " ")}, {"workspace", c.Workspace},
		{"network", cmp.Or(strings.Join(c.Network, " "), "none")}, {"isolation", c.Isolation}, {"not ready", c.Problem},
	} {
		if fact.value != "" {
			line("", fmt.Sprintf("  %-9s %s", fact.name, fact.value))
		}
	}
}
