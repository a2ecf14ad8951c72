package lint

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unknownCommand = &Rule{
	Name:     "unknown-command",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `A command is granted that commands/ does not define.`,
	Bad: `-- .flue/agents/triage.yaml --
prompt: Triage the issue.
commands: [hg]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: ["issue view {number}"]
match: {number: '^[0-9]+$'}
timeout: 60s
`,
	Good: `-- .flue/agents/triage.yaml --
prompt: Triage the issue.
commands: [gh]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: ["issue view {number}"]
match: {number: '^[0-9]+$'}
timeout: 60s
`,
	Check: func(p *Pass) {
		reportUnknown(p, "command", p.mentions().commands, slices.Collect(maps.Keys(p.Project.Commands)))
	},
}
