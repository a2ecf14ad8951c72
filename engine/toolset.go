package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/tools"
)

// collectTools gathers the tools of the step: those of the allow-list, all built-in ones without one, and with a
// result schema finish and give_up. Their order is fixed, so that the list is byte-identical from turn to turn. Those of
// MCP servers are only named: equip adds them.
func (c *conversation) collectTools(allow *[]string) {
	c.tools = map[string]tools.Tool{}
	env := tools.Env{Sandbox: c.box, Limit: int(c.limits.ToolOutput), Grants: c.commands.Grants, Command: c.command}
	if len(c.skills) > 0 {
		env.Skills = c.run
	}
	for _, tool := range tools.Builtin(env) {
		name := tool.Def.Name
		if allow != nil && !slices.Contains(*allow, name) {
			continue
		}
		c.add(tool)
	}
	if allow != nil {
		for _, name := range slices.Sorted(slices.Values(*allow)) {
			if t := c.cfg.Project.Tools[name]; t != nil {
				c.own = append(c.own, name)
				c.add(c.declared(t, env))
			} else if _, ok := c.serverOf(name); ok {
				c.remote = append(c.remote, name)
			}
		}
	}
	if len(c.agent.Subagents) > 0 && c.depth < c.limits.Depth {
		c.add(c.taskTool())
	}
	if c.result != nil {
		c.defs = append(c.defs, c.result.def, tools.GiveUp())
	}
}

func (c *conversation) add(tool tools.Tool) {
	c.tools[tool.Def.Name] = tool
	c.defs = append(c.defs, tool.Def)
}

func (c *conversation) unknownTool(name string) string {
	if len(c.defs) == 0 {
		return fmt.Sprintf("there is no tool %q, and no other", name)
	}
	names := make([]string, len(c.defs))
	for i, def := range c.defs {
		names[i] = def.Name
	}
	return fmt.Sprintf("there is no tool %q; the tools are: %s", name, strings.Join(names, ", "))
}
