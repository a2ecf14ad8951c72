package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var badSchema = &Rule{
	Name:     "bad-schema",
	Severity: spec.Error,
	Group:    Schemas,
	Doc: `A payload, result or parameters is not a JSON Schema (draft 2020-12), or has a keyword that JSON Schema does not know: it
would be ignored, and the check that it was meant to be would not happen.`,
	Bad: `prompt: Say hello.
payload:
  type: object
  properites:
    name: {type: string}
`,
	Good: `prompt: Say hello.
payload:
  type: object
  properties:
    name: {type: string}
`,
	Check: checkBadSchema,
}

// keywords are those of draft 2020-12, and those of neighbours that do no harm.
var keywords = []string{
	"$schema", "$id", "$ref", "$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "$vocabulary", "definitions",
	"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies",
	"prefixItems", "items", "contains", "minContains", "maxContains", "additionalItems",
	"properties", "patternProperties", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
	"type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
	"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required",
	"format", "contentEncoding", "contentMediaType", "contentSchema",
	"title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples",
}

func checkBadSchema(p *Pass) {
	known := map[string]bool{}
	for _, keyword := range keywords {
		known[keyword] = true
	}
	for _, s := range userSchemas(p.Project) {
		s.each(func(pointer string, sub map[string]any) {
			for keyword := range sub {
				if known[keyword] || len(keyword) > 2 && keyword[:2] == "x-" {
					continue
				}
				hint := spec.DidYouMean(keyword, keywords)
				p.ReportKey(s.Doc, join(pointer, keyword), fmt.Sprintf("JSON Schema has no keyword %q", keyword), hint)
			}
		})
	}
}
