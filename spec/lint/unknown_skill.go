package lint

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unknownSkill = &Rule{
	Name:     "unknown-skill",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `A skill is named that neither skills/ nor .agents/skills of the project's folder has.`,
	Bad: `-- .flue/agents/triage.yaml --
skill: triag
-- .flue/skills/triage/SKILL.md --
---
name: triage
description: Sorts issues. Use it when a new issue comes in.
---
Read the issue and label it.
`,
	Good: `-- .flue/agents/triage.yaml --
skill: triage
-- .flue/skills/triage/SKILL.md --
---
name: triage
description: Sorts issues. Use it when a new issue comes in.
---
Read the issue and label it.
`,
	Check: func(p *Pass) {
		known := slices.Collect(maps.Keys(p.Project.Skills))
		known = slices.AppendSeq(known, maps.Keys(workspaceSkills(p.Project)))
		reportUnknown(p, "skill", p.mentions().skills, known)
	},
}
