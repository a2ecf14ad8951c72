package lint

import (
	"fmt"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unused = &Rule{
	Name:     "unused",
	Severity: spec.Warning,
	Group:    Names,
	Doc: `A role, command or tool of the project that nothing names. It is granted to nobody: either a name is missing somewhere, or it can
go.`,
	Bad: `-- .flue/agents/hello.yaml --
prompt: Say hello.
-- .flue/roles/pirate.md --
---
description: Speaks like a pirate.
---
Speak like a pirate.
`,
	Good: `-- .flue/agents/hello.yaml --
prompt: Say hello.
role: pirate
-- .flue/roles/pirate.md --
---
description: Speaks like a pirate.
---
Speak like a pirate.
`,
	Check: func(p *Pass) {
		refs := p.mentions()
		for name, role := range p.Project.Roles {
			if !role.Builtin {
				reportUnused(p, "role", name, role.Doc, refs.roles)
			}
		}
		for name, command := range p.Project.Commands {
			reportUnused(p, "command", name, command.Doc, refs.commands)
		}
		for name, tool := range p.Project.Tools {
			reportUnused(p, "tool", name, tool.Doc, refs.tools)
		}
	},
}

func reportUnused(p *Pass, what, name string, d *spec.Document, refs []mention) {
	if !slices.ContainsFunc(refs, func(r mention) bool { return r.name == name }) {
		p.ReportKey(d, "/description", fmt.Sprintf("no agent names the %s %q", what, name),
			"name it where it is meant to be, or remove it")
	}
}
