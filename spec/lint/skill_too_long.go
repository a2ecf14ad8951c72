package lint

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/flue-run/flue/spec"
)

var skillTooLong = &Rule{
	Name:     "skill-too-long",
	Severity: spec.Warning,
	Group:    Skills,
	Doc: `A SKILL.md has more than 500 lines. The model reads all of it whenever it opens the skill; what is not always needed belongs
into references/, which it opens when it needs them.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
` + strings.Repeat("Look into references/policy.md, and once more.\n", 500),
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Look into references/policy.md.
`,
	Check: func(p *Pass) {
		eachSkill(p.Project, func(s *spec.Skill) {
			if lines := bytes.Count(bytes.TrimRight(s.Doc.Source, "\n"), []byte("\n")) + 1; lines > maxSkillLines {
				at := spec.Pos{File: s.Doc.File, Line: maxSkillLines + 1, Col: 1}
				p.Add(spec.Problem{Pos: at, End: at, Text: fmt.Sprintf("the skill has %d lines", lines),
					Hint: "move parts into files beside it, which the model opens when it needs them"})
			}
		})
	},
}

const maxSkillLines = 500
