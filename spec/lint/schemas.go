package lint

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

// userSchema is a schema that is written in the project, and what it is for.
type userSchema struct {
	*spec.Schema
	result, strict bool
	whole          any // the document that holds it, as a JSON value
}

// userSchemas are the schemas of a project, each once, but for those that are no schemas at all.
func userSchemas(p *spec.Project) []userSchema {
	var all []userSchema
	seen := map[string]bool{}
	add := func(s *spec.Schema, result, strict bool) {
		if s == nil || s.Schema == nil {
			return
		}
		key := s.Doc.File + "#" + s.Pointer + strconv.FormatBool(result) + strconv.FormatBool(strict)
		if !seen[key] {
			seen[key] = true
			all = append(all, userSchema{s, result, strict, s.Doc.Value()})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		agent := p.Agents[name]
		add(agent.Payload, false, false)
		eachStep(agent.Steps, func(step *spec.Step) { add(step.Result, true, step.Strict) })
	}
	for _, name := range slices.Sorted(maps.Keys(p.Tools)) {
		add(p.Tools[name].Parameters, false, false)
	}
	return all
}

func eachStep(steps []*spec.Step, visit func(*spec.Step)) {
	for _, step := range steps {
		visit(step)
		eachStep(step.Parallel, visit)
	}
}

// each visits the schema and every schema in it, with its pointer in the document.
func (s userSchema) each(visit func(pointer string, sub map[string]any)) {
	root, _ := schema.Lookup(s.whole, s.Pointer)
	eachSubschema(s.Pointer, root, visit)
}

// Keywords by what they hold: one schema, a list of them, or a mapping to them.
var (
	holdOne  = []string{"not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"}
	holdList = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	holdMap  = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)

func eachSubschema(pointer string, value any, visit func(pointer string, sub map[string]any)) {
	sub, ok := value.(map[string]any)
	if !ok {
		return
	}
	visit(pointer, sub)
	for _, keyword := range holdOne {
		eachSubschema(join(pointer, keyword), sub[keyword], visit)
	}
	for _, keyword := range holdList {
		list, _ := sub[keyword].([]any)
		for i, item := range list {
			eachSubschema(join(pointer, keyword, strconv.Itoa(i)), item, visit)
		}
	}
	for _, keyword := range holdMap {
		object, _ := sub[keyword].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			eachSubschema(join(pointer, keyword, name), object[name], visit)
		}
	}
}

// join makes a longer JSON pointer.
func join(pointer string, keys ...string) string {
	for _, key := range keys {
		pointer += "/" + schema.Escape(key)
	}
	return pointer
}

// number is a JSON number's value; false for anything else.
func number(value any) (float64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}
