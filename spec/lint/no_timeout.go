package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var noTimeout = &Rule{
	Name:     "no-timeout",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `A command has no timeout. A program that waits for something, such as a password or a lock, holds the run up until its
own limit.`,
	Bad: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: [issue list]
`,
	Good: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: [issue list]
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(name string, c *spec.Command) {
			if c.Exec != "" && !c.Doc.Has("/timeout") {
				p.ReportKey(c.Doc, "/exec", fmt.Sprintf("%s may take as long as it likes", name), "add timeout: 60s, or what it needs")
			}
		})
	},
}
