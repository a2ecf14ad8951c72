package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var anyArgs = &Rule{
	Name:     "any-args",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `A command takes any arguments. The model then chooses what the program does, and with it whoever wrote the text that the model
reads: which host it talks to, which files it opens, what it deletes, and, of many programs, what else it starts.`,
	Bad: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: any
timeout: 60s
`,
	Good: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: ["issue view {number}"]
match: {number: '^[0-9]{1,9}$'}
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(name string, c *spec.Command) {
			if c.Args.Any && !runsOthers(c) {
				p.Report(c.Doc, "/args", fmt.Sprintf("the agent may pass %s any arguments", name),
					"list the forms that it needs, one a line, with placeholders")
			}
		})
	},
}
