package lint

import "github.com/flue-run/flue/spec"

var wrongType = &Rule{
	Name:     "wrong-type",
	Severity: spec.Error,
	Group:    Files,
	Doc:      `A value of another type than its key takes: text for a number, one value for a list, yes for true.`,
	Bad: `prompt: Say hello.
interactive: yes
`,
	Good: `prompt: Say hello.
interactive: true
`,
}
