package lint

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unknownAgent = &Rule{
	Name:     "unknown-agent",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `An agent is named, as a step or among the subagents, that agents/ does not define.`,
	Bad: `-- .flue/agents/review.yaml --
steps:
  - agent: sumarize
-- .flue/agents/summarize.yaml --
prompt: Summarize the change.
`,
	Good: `-- .flue/agents/review.yaml --
steps:
  - agent: summarize
-- .flue/agents/summarize.yaml --
prompt: Summarize the change.
`,
	Check: func(p *Pass) {
		reportUnknown(p, "agent", p.mentions().agents, slices.Collect(maps.Keys(p.Project.Agents)))
	},
}
