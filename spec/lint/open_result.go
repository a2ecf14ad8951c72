package lint

import "github.com/flue-run/flue/spec"

var openResult = &Rule{
	Name:     "open-result",
	Severity: spec.Warning,
	Group:    Schemas,
	Doc: `A result whose schema has properties, but neither required nor additionalProperties: false, fits every object: an empty
one, or one with other words for the same things. The model's slip is then not noticed.`,
	Bad: `prompt: Rate the answer.
result:
  type: object
  properties:
    score: {type: integer}
`,
	Good: `prompt: Rate the answer.
result:
  type: object
  required: [score]
  properties:
    score: {type: integer}
`,
	Check: func(p *Pass) {
		for _, s := range userSchemas(p.Project) {
			if !s.result {
				continue
			}
			s.each(func(pointer string, sub map[string]any) {
				_, hasProperties := sub["properties"].(map[string]any)
				if hasProperties && sub["required"] == nil && sub["additionalProperties"] == nil && sub["minProperties"] == nil && pointer == s.Pointer {
					p.ReportKey(s.Doc, join(pointer, "properties"), "every object fits this result, an empty one too", "add required, or additionalProperties: false")
				}
			})
		}
	},
}
