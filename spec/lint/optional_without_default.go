package lint

import "github.com/flue-run/flue/spec"

var optionalWithoutDefault = &Rule{
	Name:     "optional-without-default",
	Severity: spec.Warning,
	Group:    Expressions,
	Doc: `An expression uses a value that may be missing: a property that the schema does not require, or the result of a step that may
have been skipped or have failed. Where it is missing, the run fails. A default behind ??, or a condition that asks
for it, says what happens then.`,
	Bad: `prompt: Translate this to ${{ payload.language }}.
payload:
  type: object
  properties: {language: {type: string}}
`,
	Good: `prompt: Translate this to ${{ payload.language ?? "English" }}.
payload:
  type: object
  properties: {language: {type: string}}
`,
	Check: reportMistakes,
}
