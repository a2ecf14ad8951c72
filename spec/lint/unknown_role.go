package lint

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unknownRole = &Rule{
	Name:     "unknown-role",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `A role is named that roles/ does not define.`,
	Bad: `-- .flue/agents/triage.yaml --
role: triger
prompt: Triage the issue.
-- .flue/roles/triager.md --
---
description: Sorts issues.
---
You sort issues.
`,
	Good: `-- .flue/agents/triage.yaml --
role: triager
prompt: Triage the issue.
-- .flue/roles/triager.md --
---
description: Sorts issues.
---
You sort issues.
`,
	Check: func(p *Pass) {
		reportUnknown(p, "role", p.mentions().roles, slices.Collect(maps.Keys(p.Project.Roles)))
	},
}
