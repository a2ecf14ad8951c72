package lint

import "github.com/flue-run/flue/spec"

var duplicateKey = &Rule{
	Name:     "duplicate-key",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A mapping has the same key twice. Most readers of YAML silently take the last one, so half of what is written would not
be there.`,
	Bad: `prompt: Say hello.
thinking: low
thinking: high
`,
	Good: `prompt: Say hello.
thinking: high
`,
}
