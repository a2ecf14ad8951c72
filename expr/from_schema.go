package expr

import (
	"slices"
	"strconv"
	"strings"
)

// FromSchema is what a JSON Schema (a decoded one: map[string]any or bool; nil is no schema) says of a value. Where it
// lists properties, others count as unknown unless it allows them in so many words (additionalProperties,
// patternProperties). A property with a default counts as always there.
func FromSchema(schema any) *Type {
	r := reader{root: schema, refs: map[string]*Type{}}
	return r.read(schema)
}

type reader struct {
	root any
	refs map[string]*Type // by $ref, so that a schema may refer to itself
}

func (r *reader) read(schema any) *Type {
	s, ok := schema.(map[string]any)
	if !ok {
		return Any
	}
	if ref, ok := s["$ref"].(string); ok {
		return r.ref(ref)
	}
	t := &Type{Kind: kindsOf(s)}
	r.object(t, s)
	if items, ok := s["items"]; ok {
		t.Items = r.read(items)
	}
	if v, ok := s["const"]; ok {
		t.Enum = []any{normal(v)}
	}
	if list, ok := s["enum"].([]any); ok {
		t.Enum = normal(list).([]any)
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if options, ok := s[key].([]any); ok && len(options) > 0 {
			either := r.read(options[0])
			for _, o := range options[1:] {
				either = Union(either, r.read(o))
			}
			t = both(t, either, 0)
		}
	}
	if all, ok := s["allOf"].([]any); ok {
		for _, part := range all {
			t = both(t, r.read(part), 0)
		}
	}
	for _, key := range []string{"if", "not", "dependentSchemas", "$dynamicRef"} {
		if s[key] != nil {
			t.Open = true
		}
	}
	return t
}

func (r *reader) object(t *Type, s map[string]any) {
	properties, listed := s["properties"].(map[string]any)
	t.Open = !listed
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		if more, ok := s[key]; ok {
			t.Open = more != false
		}
	}
	if s["patternProperties"] != nil {
		t.Open = true
	}
	required, _ := s["required"].([]any)
	if listed || len(required) > 0 {
		t.Fields = map[string]Field{}
	}
	for name, p := range properties {
		def, _ := p.(map[string]any)
		_, hasDefault := def["default"]
		t.Fields[name] = Field{r.read(p), !hasDefault && !slices.Contains(required, any(name))}
	}
	for _, name := range required {
		if name, ok := name.(string); ok && t.Fields[name].Type == nil {
			t.Fields[name] = Field{Any, false}
		}
	}
}

// ref follows a reference inside the schema; one to another file says nothing here.
func (r *reader) ref(ref string) *Type {
	if t, ok := r.refs[ref]; ok {
		return t
	}
	pointer, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return Any
	}
	at := r.root
	for _, key := range strings.Split(pointer, "/")[1:] {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		switch v := at.(type) {
		case map[string]any:
			at = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return Any
			}
			at = v[i]
		}
	}
	t := &Type{Kind: anyKind, Open: true}
	r.refs[ref] = t
	*t = *r.read(at)
	return t
}

// kindsOf is what a schema says of the kind, by type, enum or const or, without these, by the keywords for one kind.
func kindsOf(s map[string]any) Kind {
	switch t := s["type"].(type) {
	case string:
		return kindNamed(t)
	case []any:
		var k Kind
		for _, name := range t {
			if name, ok := name.(string); ok {
				k |= kindNamed(name)
			}
		}
		return k
	}
	if list, ok := s["enum"].([]any); ok {
		var k Kind
		for _, v := range list {
			k |= kindOf(normal(v))
		}
		return k
	}
	if v, ok := s["const"]; ok {
		return kindOf(normal(v))
	}
	if s["properties"] != nil {
		return Object
	}
	return anyKind
}

func kindNamed(name string) Kind {
	switch name {
	case "null":
		return Null
	case "boolean":
		return Bool
	case "number", "integer":
		return Number
	case "string":
		return String
	case "array":
		return List
	case "object":
		return Object
	}
	return anyKind
}

// both is the type of values that are of a and of b.
func both(a, b *Type, depth int) *Type {
	if a == b || depth > maxDepth {
		return a
	}
	t := &Type{Kind: a.Kind & b.Kind, Open: a.Open && b.Open, Items: a.Items, Enum: a.Enum}
	if t.Items == nil {
		t.Items = b.Items
	}
	if len(t.Enum) == 0 {
		t.Enum = b.Enum
	}
	if len(a.Fields)+len(b.Fields) > 0 {
		t.Fields = map[string]Field{}
	}
	for _, from := range []*Type{a, b} {
		for name, f := range from.Fields {
			if old, ok := t.Fields[name]; ok {
				t.Fields[name] = Field{both(old.Type, f.Type, depth+1), old.Optional && f.Optional}
			} else {
				t.Fields[name] = f
			}
		}
	}
	return t
}
