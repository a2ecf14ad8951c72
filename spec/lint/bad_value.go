package lint

import "github.com/flue-run/flue/spec"

var badValue = &Rule{
	Name:     "bad-value",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A value of the right type that its key does not take: an unknown word, a duration without a unit, a number out of
range.`,
	Bad: `prompt: Say hello.
limits: {timeout: 5 minutes}
`,
	Good: `prompt: Say hello.
limits: {timeout: 5m}
`,
}
