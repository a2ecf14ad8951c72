package lint

import (
	"fmt"
	"slices"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var unsatisfiable = &Rule{
	Name:     "unsatisfiable",
	Severity: spec.Error,
	Group:    Schemas,
	Doc: `A schema that no value fits: a minimum above the maximum, a required property that additionalProperties: false forbids,
or an enum without a value of the type. A payload with it is always refused, a result with it always fails.`,
	Bad: `prompt: Rate the answer.
result:
  type: object
  required: [score]
  properties:
    score: {type: integer, minimum: 10, maximum: 1}
`,
	Good: `prompt: Rate the answer.
result:
  type: object
  required: [score]
  properties:
    score: {type: integer, minimum: 1, maximum: 10}
`,
	Check: func(p *Pass) {
		for _, s := range userSchemas(p.Project) {
			s.each(func(pointer string, sub map[string]any) {
				emptyRange(p, s, pointer, sub)
				forbiddenRequired(p, s, pointer, sub)
				emptyEnum(p, s, pointer, sub)
			})
		}
	},
}

func emptyRange(p *Pass, s userSchema, pointer string, sub map[string]any) {
	for _, pair := range []struct {
		low, high string
		open      bool // equal bounds leave nothing
	}{
		{"minimum", "maximum", false}, {"exclusiveMinimum", "maximum", true}, {"minimum", "exclusiveMaximum", true},
		{"exclusiveMinimum", "exclusiveMaximum", true}, {"minLength", "maxLength", false}, {"minItems", "maxItems", false},
		{"minProperties", "maxProperties", false},
	} {
		low, hasLow := number(sub[pair.low])
		high, hasHigh := number(sub[pair.high])
		if hasLow && hasHigh && (low > high || pair.open && low == high) {
			p.Report(s.Doc, join(pointer, pair.low), fmt.Sprintf("no value fits: %s is %v, but %s is %v", pair.low, sub[pair.low], pair.high, sub[pair.high]),
				"")
		}
	}
}

func forbiddenRequired(p *Pass, s userSchema, pointer string, sub map[string]any) {
	required, _ := sub["required"].([]any)
	properties, _ := sub["properties"].(map[string]any)
	if sub["additionalProperties"] != false || sub["patternProperties"] != nil {
		return
	}
	var known []string
	for name := range properties {
		known = append(known, name)
	}
	slices.Sort(known)
	for i, name := range required {
		if name, ok := name.(string); ok && !slices.Contains(known, name) {
			p.Report(s.Doc, join(pointer, "required", fmt.Sprint(i)),
				fmt.Sprintf("no value fits: %q is required, but additionalProperties: false forbids it", name), spec.DidYouMean(name, known))
		}
	}
}

func emptyEnum(p *Pass, s userSchema, pointer string, sub map[string]any) {
	values, hasEnum := sub["enum"].([]any)
	if sub["type"] == nil || !hasEnum {
		return
	}
	typed, err := schema.Compile(map[string]any{"type": sub["type"]}, nil)
	if err != nil {
		return // the schema was compiled: cannot happen
	}
	if !slices.ContainsFunc(values, func(value any) bool { return len(typed.Validate(value)) == 0 }) {
		p.Report(s.Doc, join(pointer, "enum"), fmt.Sprintf("no value fits: none of enum is of the type %v", sub["type"]), "")
	}
}
