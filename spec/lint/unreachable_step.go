package lint

import (
	"strings"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

var unreachableStep = &Rule{
	Name:     "unreachable-step",
	Severity: spec.Warning,
	Group:    Expressions,
	Doc:      `A step, or a turn of a scripted model, never happens: its condition is always false.`,
	Bad: `steps:
  - if: "false"
    prompt: Say hello.
  - prompt: Say goodbye.
`,
	Good: `steps:
  - prompt: Say hello.
  - prompt: Say goodbye.
`,
	Check: func(p *Pass) {
		for _, t := range p.templates() {
			if t.want == expr.Bool && constant(t) == false {
				what := "step"
				switch {
				case t.doc.Kind == "model":
					what = "turn"
				case strings.HasPrefix(t.pointer, "/triggers"):
					what = "trigger"
				}
				p.Report(t.doc, t.pointer, "this "+what+" never happens: its condition is always false", "remove it")
			}
		}
	},
}
