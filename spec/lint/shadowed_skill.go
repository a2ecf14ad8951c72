package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var shadowedSkill = &Rule{
	Name:     "shadowed-skill",
	Severity: spec.Warning,
	Group:    Names,
	Doc:      `A skill in .agents/skills has the name of one in .flue/skills. The project's skill wins, so the other is never read.`,
	Bad: `-- .flue/agents/triage.yaml --
skill: triage
-- .flue/skills/triage/SKILL.md --
---
name: triage
description: Sorts issues. Use it when a new issue comes in.
---
Read the issue and label it.
-- .agents/skills/triage/SKILL.md --
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
		for name, file := range workspaceSkills(p.Project) {
			if skill := p.Project.Skills[name]; skill != nil && !skill.Builtin {
				at := spec.Pos{File: file, Line: 1, Col: 1}
				p.Add(spec.Problem{Pos: at, End: at, Text: fmt.Sprintf("the skill %q is never read: %s has its name and wins", name, skill.Doc.File),
					Hint: "rename or remove one of them"})
			}
		}
	},
}
