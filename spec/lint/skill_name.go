package lint

import "github.com/flue-run/flue/spec"

var skillName = &Rule{
	Name:     "skill-name",
	Severity: spec.Error,
	Group:    Skills,
	Doc:      `A skill's name is missing or is not one: lower-case letters and digits, in words joined by -, at most 64 characters.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: Refunds!
description: How refunds are handled. Use it for questions about money back.
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
