package lint

import "github.com/flue-run/flue/spec"

var nameMismatch = &Rule{
	Name:     "name-mismatch",
	Severity: spec.Error,
	Group:    Files,
	Doc:      `A skill's name is not that of its folder. Agents name skills by one, models open them by the other.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refund
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
