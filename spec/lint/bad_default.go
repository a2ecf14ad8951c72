package lint

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var badDefault = &Rule{
	Name:     "bad-default",
	Severity: spec.Error,
	Group:    Schemas,
	Doc: `The default of a schema does not fit the schema. Whoever leaves the value out would be handed one that is refused when
it is written down.`,
	Bad: `prompt: Say hello to ${{ payload.name }}.
payload:
  type: object
  properties:
    name: {type: string, maxLength: 3, default: world}
`,
	Good: `prompt: Say hello to ${{ payload.name }}.
payload:
  type: object
  properties:
    name: {type: string, maxLength: 30, default: world}
`,
	Check: func(p *Pass) {
		for _, s := range userSchemas(p.Project) {
			s.each(func(pointer string, sub map[string]any) {
				value, ok := sub["default"]
				if !ok {
					return
				}
				for _, v := range s.violations(pointer, value) {
					p.Report(s.Doc, join(pointer, "default")+v.Path, fmt.Sprintf("the default does not fit its schema: %s", v.Message), "")
				}
			})
		}
	},
}

// violations checks a value against a part of the schema, whose references reach the whole.
func (s userSchema) violations(pointer string, value any) []schema.Violation {
	const whole = "whole.json"
	load := func(string) (any, error) { return s.JSON(), nil }
	at := url.URL{Path: whole, Fragment: strings.TrimPrefix(pointer, s.Pointer)}
	part, err := schema.Compile(map[string]any{"$ref": at.String()}, load)
	if err != nil {
		return nil // of a schema whose parts only make sense in their place
	}
	return part.Validate(value)
}
