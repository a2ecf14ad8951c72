package lint

import "github.com/flue-run/flue/spec"

var unknownKey = &Rule{
	Name:     "unknown-key",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A key that means nothing at its place. It is an error, because a misspelt key would otherwise run an agent without
what it says.`,
	Bad: `prompt: Say hello.
instruction: Be friendly.
`,
	Good: `prompt: Say hello.
instructions: Be friendly.
`,
}
