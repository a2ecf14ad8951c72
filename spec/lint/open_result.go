package lint

import (
	"strings"

	"github.com/flue-run/flue/spec"
	"gopkg.in/yaml.v3"
)

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
					start, end := s.Doc.KeySpan(join(pointer, "properties"))
					p.Add(spec.Problem{Pos: start, End: end, Fix: closed(s.Doc, pointer, start, end),
						Text: "every object fits this result, an empty one too", Hint: "add required, or additionalProperties: false"})
				}
			})
		}
	},
}

// closed is what to write instead of the key properties so that other keys are refused, in the style of the mapping.
func closed(d *spec.Document, pointer string, start, end spec.Pos) string {
	key := string(d.Source[d.Offset(start):d.Offset(end)])
	mapping := d.Node(pointer)
	switch {
	case mapping == nil || strings.Trim(key, `"'`) != "properties":
		return ""
	case mapping.Style&yaml.FlowStyle != 0:
		return strings.Replace(key, "properties", "additionalProperties", 1) + ": false, " + key
	}
	return "additionalProperties: false\n" + strings.Repeat(" ", start.Col-1) + key
}
