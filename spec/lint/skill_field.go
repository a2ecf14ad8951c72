package lint

import "github.com/flue-run/flue/spec"

var skillField = &Rule{
	Name:     "skill-field",
	Severity: spec.Warning,
	Group:    Skills,
	Doc:      `A field of a skill that is not what the Agent Skills format says: other programs may refuse the skill.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
license: [MIT]
---
Look into policy.md.
`,
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
license: MIT
---
Look into policy.md.
`,
}
