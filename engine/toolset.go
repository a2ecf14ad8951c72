package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/tools"
)

// collectTools gathers the tools of the step: those of the allow-list, all built-in ones without one, and with a
// result schema finish and give_up. Their order is fixed, so that the list is byte-identical from turn to turn. Those of
// MCP servers are only named: equip adds them.
func (c *conversation) collectTools(allow *[]string) {
	c.defs = make([]model.ToolDef, 0, 12)
	for _, def := range tools.Definitions() {
		if def.Name == skillTool && len(c.skills) == 0 || allow != nil && !slices.Contains(*allow, def.Name) {
			continue
		}
		c.defs = append(c.defs, def)
	}
	if allow != nil {
		for _, name := range slices.Sorted(slices.Values(*allow)) {
			if t := c.cfg.Project.Tools[name]; t != nil {
				c.own = append(c.own, name)
				c.add(c.declared(t, c.toolEnv()))
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

// skillTool is only there where there are skills.
const skillTool = "skill"

// toolEnv is what the step's tools work on.
func (c *conversation) toolEnv() tools.Env {
	env := tools.Env{Sandbox: c.box, Limit: int(c.limits.ToolOutput), Grants: c.commands.Grants, Command: c.command}
	if len(c.skills) > 0 {
		env.Skills = c.run
	}
	return env
}

func (c *conversation) add(tool tools.Tool) {
	if c.tools == nil {
		c.tools = map[string]tools.Tool{}
	}
	c.tools[tool.Def.Name] = tool
	c.defs = append(c.defs, tool.Def)
}

// tool finds one that the model may call. The built-in ones are made for the first call: many runs need none.
func (c *conversation) tool(name string) (tools.Tool, bool) {
	if !slices.ContainsFunc(c.defs, func(def model.ToolDef) bool { return def.Name == name }) {
		return tools.Tool{}, false
	}
	if tool, ok := c.tools[name]; ok {
		return tool, true
	}
	if c.builtin == nil {
		c.builtin = tools.Builtin(c.toolEnv())
	}
	for _, tool := range c.builtin {
		if tool.Def.Name == name {
			return tool, true
		}
	}
	return tools.Tool{}, false
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
