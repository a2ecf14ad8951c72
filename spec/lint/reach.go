package lint

import (
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

// reach is what an agent gets at: the first thing of each sort, in words; empty if there is none.
type reach struct {
	untrusted string // input that others write
	private   string // secrets, and data that is not for everybody
	out       string // ways on which text leaves
}

func (r *reach) add(untrusted, private, out string) {
	for _, part := range []struct {
		to  *string
		own string
	}{{&r.untrusted, untrusted}, {&r.private, private}, {&r.out, out}} {
		if *part.to == "" {
			*part.to = part.own
		}
	}
}

// agent adds what an agent has, and the agents that it delegates to.
func (r *reach) agent(p *spec.Project, name string, seen map[string]bool) {
	a := p.Agents[name]
	if a == nil || seen[name] {
		return
	}
	seen[name] = true
	if a.Triggers.Webhook != nil {
		r.add("its webhook", "", "")
	}
	if sandbox := sandboxOf(p, a); sandbox != nil {
		r.sandbox(sandbox)
	}
	commands, tools := slices.Clone(a.Commands), slices.Clone(orNone(a.Tools))
	delegates := slices.Clone(a.Subagents)
	eachStep(a.Steps, func(s *spec.Step) {
		commands = append(commands, orNone(s.Commands)...)
		tools = append(tools, orNone(s.Tools)...)
		if s.Agent != "" {
			delegates = append(delegates, s.Agent)
		}
	})
	for _, tool := range tools {
		if r.tool(p, tool); p.Tools[tool] != nil && p.Tools[tool].Command != nil {
			r.boundCommand(p, p.Tools[tool])
		}
	}
	for _, command := range commands {
		if c := p.Commands[command]; c != nil {
			r.command(c)
		}
	}
	for _, other := range delegates {
		r.agent(p, other, seen)
	}
}

func orNone(names *[]string) []string {
	if names == nil {
		return nil
	}
	return *names
}

// sandboxOf is an agent's sandbox; nil for the virtual one without anything.
func sandboxOf(p *spec.Project, a *spec.Agent) *spec.Sandbox {
	switch {
	case a.Sandbox == nil:
		return nil
	case a.Sandbox.Inline != nil:
		return a.Sandbox.Inline
	case a.Sandbox.Name == "local":
		return &spec.Sandbox{Type: "local"}
	}
	return p.Sandboxes[a.Sandbox.Name]
}

func (r *reach) sandbox(s *spec.Sandbox) {
	if s.Type == "local" {
		r.add("the workspace", "the workspace", "")
	}
	if len(s.Mounts) > 0 {
		r.add("the mounted files", "the mounted files", "")
	}
	if s.Network != nil && (s.Network.Bridge || len(s.Network.Allow) > 0) {
		r.add("", "", "the network of its sandbox")
	}
}

func (r *reach) command(c *spec.Command) {
	word := "the command " + c.Name
	if anyNamesSecret(c.Env) {
		r.add("", word, "")
	}
	if sendsText(c) {
		r.add("", "", word)
	}
	if c.Workspace == "ro" || c.Workspace == "rw" {
		r.add("the workspace", "", "")
	}
}

// sendsText says whether a caller decides what a command takes with it: by an argument that may be anything, or by the files of a
// workspace that it sends.
func sendsText(c *spec.Command) bool {
	if c.Args.Any || c.Exec == "" {
		return true
	}
	for _, line := range c.Args.Lines {
		for _, name := range placeholder.FindAllStringSubmatch(line, -1) {
			if c.Match[name[1]] == "" {
				return true
			}
		}
	}
	return c.Workspace != "" && c.Workspace != "none" && (len(c.Network) > 0 || anyNamesSecret(c.Env))
}

// tool adds what a tool of the project or of an MCP server brings.
func (r *reach) tool(p *spec.Project, name string) {
	word := "the tool " + name
	if tool := p.Tools[name]; tool != nil && tool.HTTP != nil {
		eachString(tool.Doc, "/http", func(_, text string) {
			if namesSecret(text) {
				r.add("", word, "")
			}
			if strings.Contains(text, "args.") {
				r.add("", "", word)
			}
		})
		return
	}
	for server, settings := range p.Settings.MCP {
		if strings.HasPrefix(name, server+"_") {
			r.add("", "", word)
			if anyNamesSecret(settings.Env) || anyNamesSecret(settings.Headers) {
				r.add("", word, "")
			}
		}
	}
}

// boundCommand adds the command of a tool, as far as the tool leaves it open.
func (r *reach) boundCommand(p *spec.Project, tool *spec.Tool) {
	c := p.Commands[tool.Command.Name]
	if c == nil {
		return
	}
	bound := *c
	if c.Args.Any && !strings.Contains(strings.Join(tool.Command.Args, " "), "${{") {
		bound.Args = spec.CommandArgs{}
	}
	r.command(&bound)
}
