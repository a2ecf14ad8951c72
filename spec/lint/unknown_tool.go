package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var unknownTool = &Rule{
	Name:     "unknown-tool",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A tool is listed that is not built in, not defined in tools/, and no MCP server of flue.yaml has. Those of an MCP server are
called server_tool.`,
	Bad: `prompt: Find the refund policy.
tools: [read, gerp]
`,
	Good: `prompt: Find the refund policy.
tools: [read, grep]
`,
	Check: func(p *Pass) {
		known := append(slices.Collect(maps.Keys(p.Project.Tools)), builtinTools...)
		var open []string // servers that may have any tool
		for server, settings := range p.Project.Settings.MCP {
			if len(settings.Tools) == 0 {
				open = append(open, server+"_")
			}
			for _, tool := range settings.Tools {
				known = append(known, server+"_"+tool)
			}
		}
		refs := slices.DeleteFunc(slices.Clone(p.mentions().tools), func(r mention) bool {
			return slices.ContainsFunc(open, func(server string) bool { return strings.HasPrefix(r.name, server) })
		})
		reportUnknown(p, "tool", refs, known)
	},
}

// builtinTools are those of package tools and those that the engine adds.
var builtinTools = []string{"bash", "edit", "glob", "grep", "read", "skill", "write", "task", "finish", "give_up"}
