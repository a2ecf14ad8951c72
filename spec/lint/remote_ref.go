package lint

import "github.com/flue-run/flue/spec"

var remoteRef = &Rule{
	Name:     "remote-ref",
	Severity: spec.Error,
	Group:    Schemas,
	Doc: `A schema refers to another place than a file of the project. What a value has to be would depend on a server, or on
the machine.`,
	Bad: `prompt: Say hello.
payload:
  $ref: https://example.com/hello.json
`,
	Good: `-- .flue/agents/hello.yaml --
prompt: Say hello.
payload: {$ref: schemas/hello.json}
-- schemas/hello.json --
{"type": "object"}
`,
}
