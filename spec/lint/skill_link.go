package lint

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/flue-run/flue/spec"
)

var skillLink = &Rule{
	Name:     "skill-link",
	Severity: spec.Error,
	Group:    Skills,
	Doc: `A link of a skill leads to a file that is not in its folder. The model looks for it in vain; links count from the
skill's folder.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Look into [the policy](references/polcy.md).
-- .flue/skills/refunds/references/policy.md --
Within 30 days.
`,
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Look into [the policy](references/policy.md).
-- .flue/skills/refunds/references/policy.md --
Within 30 days.
`,
	Check: func(p *Pass) {
		eachSkill(p.Project, func(s *spec.Skill) {
			body := withoutCode(s.Body)
			for _, match := range markdownLink.FindAllStringSubmatchIndex(body, -1) {
				start, end := match[2], match[3]
				if text := brokenLink(s.FS, body[start:end]); text != "" {
					p.ReportIn(s.Doc, "/body", start, end, text, "")
				}
			}
		})
	},
}

// eachSkill visits the skills of the project's own.
func eachSkill(p *spec.Project, visit func(*spec.Skill)) {
	sorted(p.Skills, func(_ string, s *spec.Skill) {
		if !s.Builtin && s.FS != nil {
			visit(s)
		}
	})
}

var (
	markdownLink = regexp.MustCompile(`\]\(\s*<?([^\s()<>]+)>?(?:\s+["'(][^)]*)?\)`)
	markdownCode = regexp.MustCompile("(?ms)^ *```.*?^ *```|^ *~~~.*?^ *~~~|``[^`\n]+``|`[^`\n]+`")
)

// withoutCode is a Markdown text with blanks where code stands, so that the places of the rest stay.
func withoutCode(text string) string {
	return markdownCode.ReplaceAllStringFunc(text, func(code string) string { return strings.Repeat(" ", len(code)) })
}

// brokenLink says what is wrong with a link of a skill; empty if nothing is, or if it is not to a file.
func brokenLink(files fs.FS, link string) string {
	target, err := url.Parse(link)
	if err != nil || target.Scheme != "" || target.Host != "" || target.Path == "" || strings.ContainsAny(link, "{}$*") {
		return ""
	}
	name := path.Clean(target.Path)
	if !fs.ValidPath(name) {
		return fmt.Sprintf("the link leads out of the skill: %s", link)
	}
	if _, err := fs.Stat(files, name); err != nil {
		return fmt.Sprintf("there is no file %s in the skill", name)
	}
	return ""
}
