package lint

import "github.com/flue-run/flue/spec"

var yamlSyntax = &Rule{
	Name:     "yaml-syntax",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A file is not YAML: its indentation, quotes or brackets do not fit, or it nests or unfolds beyond all reason.
Inside { } and [ ] an expression needs quotes, because its own brackets would end them.`,
	Bad: `prompt: Look it up.
args: {topic: ${{ payload.topic }}}
`,
	Good: `prompt: Look it up.
payload: {type: object, properties: {topic: {type: string}}}
args: {topic: "${{ payload.topic }}"}
`,
}
