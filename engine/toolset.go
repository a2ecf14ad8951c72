package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/tools"
)

// collectTools gathers the tools of the step: those of the allow-list, all built-in ones without one, and with a
// result schema finish and give_up. Their order is fixed, so that the list is byte-identical from turn to turn.
func (c *conversation) collectTools(allow *[]string) {
	c.tools = map[string]tools.Tool{}
	env := tools.Env{Sandbox: c.box, Limit: int(c.limits.ToolOutput), Grants: c.commands.Grants}
	if len(c.skills) > 0 {
		env.Skills = c.run
	}
	for _, tool := range tools.Builtin(env) {
		name := tool.Def.Name
		if allow != nil && !slices.Contains(*allow, name) {
			continue
		}
		c.tools[name] = tool
		c.defs = append(c.defs, tool.Def)
	}
	if len(c.agent.Subagents) > 0 && c.depth < c.limits.Depth {
		tool := c.taskTool()
		c.tools[tool.Def.Name] = tool
		c.defs = append(c.defs, tool.Def)
	}
	if c.result != nil {
		c.defs = append(c.defs, c.result.def, tools.GiveUp())
	}
}

func (c *conversation) unknownTool(name string) string {
	names := make([]string, len(c.defs))
	for i, def := range c.defs {
		names[i] = def.Name
	}
	return fmt.Sprintf("there is no tool %q; the tools are: %s", name, strings.Join(names, ", "))
}
