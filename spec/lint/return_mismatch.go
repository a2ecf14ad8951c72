package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

var returnMismatch = &Rule{
	Name:     "return-mismatch",
	Severity: spec.Error,
	Group:    Expressions,
	Doc: `What return gives cannot fit the agent's result schema, by which others read the agent's answer: it is of another kind, or
a required property is not in it.`,
	Bad: `prompt: Rate the answer.
result:
  type: object
  required: [score]
  properties: {score: {type: integer}}
return: '{points: 3}'
`,
	Good: `prompt: Rate the answer.
result:
  type: object
  required: [score]
  properties: {score: {type: integer}}
return: '{score: 3}'
`,
	Check: func(p *Pass) {
		for _, t := range p.templates() {
			if t.pointer != "/return" || t.agent == nil || t.agent.Result == nil || t.parsed == nil {
				continue
			}
			if why := mismatch(t.parsed.Type(t.types), schemaType(t.agent.Result), "result", 0); why != "" {
				p.Report(t.doc, t.pointer, why, "")
			}
		}
	},
}

// mismatch says why no value of got is one of want; path names want, which is looked at eight levels deep, since a schema
// may contain itself.
func mismatch(got, want *expr.Type, path string, depth int) string {
	if got.Kind&want.Kind == 0 {
		return fmt.Sprintf("the agent's %s is %s, and this gives %s", path, want.Kind, got.Kind)
	}
	if got.Kind != expr.Object || want.Kind != expr.Object || depth == 8 {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(want.Fields)) {
		field, ok := got.Fields[name]
		switch {
		case ok:
			if why := mismatch(field.Type, want.Fields[name].Type, path+"."+name, depth+1); why != "" {
				return why
			}
		case !want.Fields[name].Optional && !got.Open:
			given := strings.Join(slices.Sorted(maps.Keys(got.Fields)), ", ")
			return fmt.Sprintf("the agent's %s needs %q, and this gives only: %s", path, name, given)
		}
	}
	return ""
}
