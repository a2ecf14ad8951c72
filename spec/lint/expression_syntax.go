package lint

import "github.com/flue-run/flue/spec"

var expressionSyntax = &Rule{
	Name:     "expression-syntax",
	Severity: spec.Error,
	Group:    Expressions,
	Doc: `An expression cannot be read, or stands where a shell would not take it for a value: in backquotes, in a here-document whose
delimiter is quoted, as the script of eval or sh -c.`,
	Bad: `prompt: Say hello to ${{ payload.name | }}.
`,
	Good: `prompt: Say hello to ${{ payload.name | trim() }}.
`,
	Check: reportMistakes,
}
