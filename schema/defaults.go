package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// WithDefaults is a JSON value with the `default` of every property that it leaves out. value itself is not changed.
// Only properties, items and $ref are followed: what allOf and its like say of a property is not.
func (s *Schema) WithDefaults(value any) any {
	value, _ = withDefaults(s.compiled, value)
	return value
}

// withDefaults copies what is filled, and nothing else.
func withDefaults(s *jsonschema.Schema, value any) (_ any, filled bool) {
	if s == nil {
		return value, false
	}
	if s.Ref != nil {
		value, filled = withDefaults(s.Ref, value)
	}
	switch given := value.(type) {
	case map[string]any:
		for name, property := range s.Properties {
			old, there := given[name]
			if !there {
				if old = defaultOf(property); old == nil {
					continue
				}
			}
			whole, more := withDefaults(property, old)
			if there && !more {
				continue
			}
			if !filled {
				given, filled = maps.Clone(given), true
			}
			given[name] = whole
		}
		return given, filled
	case []any:
		for i, item := range given {
			whole, more := withDefaults(s.Items2020, item)
			if !more {
				continue
			}
			if !filled {
				given, filled = slices.Clone(given), true
			}
			given[i] = whole
		}
		return given, filled
	}
	return value, filled
}

func defaultOf(s *jsonschema.Schema) any {
	if s.Default == nil && s.Ref != nil {
		return defaultOf(s.Ref)
	}
	return s.Default
}
