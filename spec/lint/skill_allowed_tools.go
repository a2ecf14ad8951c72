package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var skillAllowedTools = &Rule{
	Name:     "skill-allowed-tools",
	Severity: spec.Warning,
	Group:    Skills,
	Doc: `A skill's allowed-tools is not a list that is separated by spaces, or names a tool that neither flue nor the project has. It
grants nothing in flue, but says what the skill counts on.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
allowed-tools: Read, WebSearch
---
Look into policy.md.
`,
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
allowed-tools: Read Bash(wc *)
---
Look into policy.md.
`,
	Check: func(p *Pass) {
		eachSkill(p.Project, func(s *spec.Skill) {
			for _, match := range allowedTool.FindAllStringSubmatchIndex(s.AllowedTools, -1) {
				name := s.AllowedTools[match[2]:match[3]]
				if trimmed := strings.TrimRight(name, ","); trimmed != name {
					p.ReportIn(s.Doc, "/allowed-tools", match[0], match[1], "the tools are separated by spaces", "leave the commas out")
					name = trimmed
				}
				if !hasTool(p.Project, strings.ToLower(name)) {
					p.ReportIn(s.Doc, "/allowed-tools", match[0], match[1], fmt.Sprintf("there is no tool %q here", name),
						spec.DidYouMean(strings.ToLower(name), builtinTools))
				}
			}
		})
	},
}

// allowedTool matches Name and Name(pattern with blanks).
var allowedTool = regexp.MustCompile(`([^\s(]+)(?:\([^)]*\),?)?`)

func hasTool(p *spec.Project, name string) bool {
	if p.Tools[name] != nil || slices.Contains(builtinTools, name) {
		return true
	}
	for server := range p.Settings.MCP {
		if strings.HasPrefix(name, strings.ToLower(server)+"_") {
			return true
		}
	}
	return false
}
