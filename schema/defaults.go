package schema

import (
	"maps"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// WithDefaults is a JSON value with the `default` of every property that it leaves out. value itself is not changed.
// Only properties, items and $ref are followed: what allOf and its like say of a property is not.
func (s *Schema) WithDefaults(value any) any { return withDefaults(s.compiled, value) }

func withDefaults(s *jsonschema.Schema, value any) any {
	if s == nil {
		return value
	}
	if s.Ref != nil {
		value = withDefaults(s.Ref, value)
	}
	switch value := value.(type) {
	case map[string]any:
		filled := maps.Clone(value)
		for name, property := range s.Properties {
			old, there := value[name]
			if !there {
				if old = defaultOf(property); old == nil {
					continue
				}
			}
			filled[name] = withDefaults(property, old)
		}
		return filled
	case []any:
		if s.Items2020 == nil {
			return value
		}
		filled := make([]any, len(value))
		for i, item := range value {
			filled[i] = withDefaults(s.Items2020, item)
		}
		return filled
	}
	return value
}

func defaultOf(s *jsonschema.Schema) any {
	if s.Default == nil && s.Ref != nil {
		return defaultOf(s.Ref)
	}
	return s.Default
}
