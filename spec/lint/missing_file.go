package lint

import "github.com/flue-run/flue/spec"

var missingFile = &Rule{
	Name:     "missing-file",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `A file that is named is not there, or cannot be read. Paths count from the project's folder, which holds .flue.`,
	Bad: `prompt: Say hello.
payload: schemas/hello.json
`,
	Good: `-- .flue/agents/hello.yaml --
prompt: Say hello.
payload: schemas/hello.json
-- schemas/hello.json --
{"type": "object"}
`,
}
