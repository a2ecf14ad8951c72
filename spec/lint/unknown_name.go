package lint

import "github.com/flue-run/flue/spec"

var unknownName = &Rule{
	Name:     "unknown-name",
	Severity: spec.Error,
	Group:    Expressions,
	Doc: `An expression names what does not exist where it stands: a property that the payload's schema does not have, a step that is
not defined or has not run yet, a property that this step's result does not have, a function.`,
	Bad: `prompt: Translate this to ${{ payload.langauge }}.
payload:
  type: object
  required: [language]
  properties: {language: {type: string}}
`,
	Good: `prompt: Translate this to ${{ payload.language }}.
payload:
  type: object
  required: [language]
  properties: {language: {type: string}}
`,
	Check: reportMistakes,
}
