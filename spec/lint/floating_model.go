package lint

import (
	"fmt"
	"regexp"

	"github.com/flue-run/flue/spec"
)

var floatingModel = &Rule{
	Name:     "floating-model",
	Severity: spec.Warning,
	Group:    Models,
	Doc: `A model's name means whatever is the newest, or what a router chooses. What was tried out is then not what runs next month, and
its price is not known beforehand.`,
	Bad: `prompt: Say hello.
model: openrouter/openrouter/auto
`,
	Good: `prompt: Say hello.
model: anthropic/claude-sonnet-4-6
`,
	Check: func(p *Pass) {
		for _, m := range p.mentions().models {
			if floating.MatchString(m.name) {
				p.Report(m.doc, m.pointer, fmt.Sprintf("%s is another model from time to time", m.name), "name a version")
			}
		}
	},
}

var floating = regexp.MustCompile(`[-/:.](latest|auto)$`)
