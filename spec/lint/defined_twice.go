package lint

import "github.com/flue-run/flue/spec"

var definedTwice = &Rule{
	Name:     "defined-twice",
	Severity: spec.Error,
	Group:    Files,
	Doc:      `Two files define the same name, as x.yaml and x.md do.`,
	Bad: `-- .flue/agents/hello.yaml --
prompt: Say hello.
-- .flue/agents/hello.md --
Say hello.
`,
	Good: `-- .flue/agents/hello.md --
Say hello.
`,
}
