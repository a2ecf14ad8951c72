package lint

import "github.com/flue-run/flue/spec"

var skillFrontmatter = &Rule{
	Name:     "skill-frontmatter",
	Severity: spec.Error,
	Group:    Skills,
	Doc:      `A SKILL.md begins with a frontmatter of YAML between two lines of ---, which says its name and description.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
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
