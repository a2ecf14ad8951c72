package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var providerStrictness = &Rule{
	Name:     "provider-strictness",
	Severity: spec.Warning,
	Group:    Schemas,
	Doc: `strict: true asks the provider to constrain the model to the result's schema, and providers know only a part of JSON
Schema for that: every property has to be required, additionalProperties has to be false, and some keywords are unknown
to them. flue checks the whole schema in any case; what is named here the provider will refuse or ignore.`,
	Bad: `prompt: Rate the answer.
strict: true
result:
  type: object
  properties:
    score: {type: integer}
`,
	Good: `prompt: Rate the answer.
strict: true
result:
  type: object
  additionalProperties: false
  required: [score]
  properties:
    score: {type: integer}
`,
	Check: func(p *Pass) {
		for _, s := range userSchemas(p.Project) {
			if s.strict {
				s.each(func(pointer string, sub map[string]any) { strictness(p, s, pointer, sub) })
			}
		}
	},
}

// notStrict are keywords that providers do not constrain by.
var notStrict = []string{
	"allOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "patternProperties", "propertyNames",
	"unevaluatedProperties", "unevaluatedItems", "prefixItems", "contains", "uniqueItems", "minProperties", "maxProperties",
}

func strictness(p *Pass, s userSchema, pointer string, sub map[string]any) {
	for _, keyword := range notStrict {
		if _, ok := sub[keyword]; ok {
			p.ReportKey(s.Doc, join(pointer, keyword), fmt.Sprintf("strict: providers do not know %q", keyword), "")
		}
	}
	properties, ok := sub["properties"].(map[string]any)
	if !ok {
		return
	}
	if sub["additionalProperties"] != false {
		p.ReportKey(s.Doc, join(pointer, "properties"), "strict: providers want additionalProperties: false beside properties", "")
	}
	required, _ := sub["required"].([]any)
	var optional []string
	for name := range properties {
		if !slices.Contains(required, any(name)) {
			optional = append(optional, name)
		}
	}
	slices.Sort(optional)
	if len(optional) > 0 {
		p.ReportKey(s.Doc, join(pointer, "properties"), "strict: providers want every property to be required: "+strings.Join(optional, ", "),
			"allow null in their types instead")
	}
}
