package lint

import "github.com/flue-run/flue/spec"

var skillDescription = &Rule{
	Name:     "skill-description",
	Severity: spec.Error,
	Group:    Skills,
	Doc:      `A skill has no description, or one of more than 1024 characters. The model chooses a skill by nothing else.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
---
Look into policy.md.
`,
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Look into policy.md.
`,
}
