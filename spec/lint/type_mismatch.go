package lint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var typeMismatch = &Rule{
	Name:     "type-mismatch",
	Severity: spec.Error,
	Group:    Expressions,
	Doc: `An expression uses a value as what its schema says it is not: text as a number, a condition that is neither true nor false, a
list that is none, input that another agent's payload schema refuses.`,
	Bad: `prompt: Describe the picture.
payload:
  type: object
  required: [count]
  properties: {count: {type: integer}}
triggers:
  webhook:
    if: payload.count contains "1"
`,
	Good: `prompt: Describe the picture.
payload:
  type: object
  required: [count]
  properties: {count: {type: integer}}
triggers:
  webhook:
    if: payload.count == 1
`,
	Check: func(p *Pass) {
		reportMistakes(p)
		for _, t := range p.templates() {
			if t.want != 0 {
				t.reportKind(p)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.Project.Agents)) {
			reportInputs(p, p.Project.Agents[name])
		}
	},
}

// reportKind reports a condition or list that can be none.
func (t template) reportKind(p *Pass) {
	if len(t.mistakes) > 0 {
		return
	}
	if kind := t.parsed.Type(t.types).Kind; kind&t.want == 0 {
		p.Report(t.doc, t.pointer, fmt.Sprintf("%s is wanted here, and this gives %s", t.want, kind), "")
	}
}

// reportInputs compares what an agent hands to others, and its schedules to itself, with the payload schemas.
func reportInputs(p *Pass, a *spec.Agent) {
	for i := range a.Triggers.Cron {
		reportInput(p, a, join("/triggers/cron", strconv.Itoa(i)), "schedule", a)
	}
	eachStep(a.Steps, func(step *spec.Step) {
		if to := p.Project.Agents[step.Agent]; step.Kind() == "agent" && to != nil {
			reportInput(p, a, step.Pointer, "agent", to)
		}
	})
}

// reportInput compares the payload of the mapping at a pointer with what agent to wants; key is what is in the mapping
// in any case.
func reportInput(p *Pass, a *spec.Agent, pointer, key string, to *spec.Agent) {
	want := schemaType(to.Payload)
	found, _ := schema.Lookup(a.Doc.Value(), pointer+"/payload")
	payload, _ := found.(map[string]any)
	at := pointer + "/payload"
	if payload == nil {
		at = join(pointer, key)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Fields)) {
		if _, ok := payload[name]; !ok && !want.Fields[name].Optional && want.Kind == expr.Object {
			p.ReportKey(a.Doc, at, fmt.Sprintf("the agent %q needs payload.%s", to.Name, name), "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(payload)) {
		field, ok := want.Fields[name]
		if !ok && want.Kind == expr.Object && !want.Open {
			known := slices.Sorted(maps.Keys(want.Fields))
			p.ReportKey(a.Doc, join(at, name), fmt.Sprintf("the payload of the agent %q has no property %q", to.Name, name), spec.DidYouMean(name, known))
		} else if kind := literalKind(payload[name]); ok && kind != 0 && kind&field.Kind == 0 {
			p.Report(a.Doc, join(at, name), fmt.Sprintf("payload.%s of the agent %q is %s, and this is %s", name, to.Name, field.Kind, kind),
				"")
		}
	}
}

// literalKind is the kind of a value that is written down; 0 for an expression.
func literalKind(value any) expr.Kind {
	if text, ok := value.(string); ok {
		parsed, err := expr.Parse(text)
		if err != nil || !parsed.IsStatic() {
			return 0
		}
	}
	return expr.KindOf(value)
}
