package lint

import (
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

var constantCondition = &Rule{
	Name:     "constant-condition",
	Severity: spec.Warning,
	Group:    Expressions,
	Doc: `A condition is always true or never true: nothing in it can change, or it compares a value with one that the schema does not
allow. A condition that is always false is unreachable-step.`,
	Bad: `prompt: Welcome the new issue.
triggers:
  webhook:
    if: payload.action == "opend"
payload:
  type: object
  required: [action]
  properties: {action: {enum: [opened, closed]}}
`,
	Good: `prompt: Welcome the new issue.
triggers:
  webhook:
    if: payload.action == "opened"
payload:
  type: object
  required: [action]
  properties: {action: {enum: [opened, closed]}}
`,
	Check: func(p *Pass) {
		reportMistakes(p)
		for _, t := range p.templates() {
			if t.want == expr.Bool && constant(t) == true {
				p.Report(t.doc, t.pointer, "this is always true", "leave the condition out")
			}
		}
	},
}

// constant is the value of an expression that names nothing; nil if it does or fails.
func constant(t template) any {
	if t.parsed == nil || len(t.parsed.Names()) > 0 {
		return nil
	}
	value, err := t.parsed.Value(nil)
	if err != nil {
		return nil
	}
	return value
}
