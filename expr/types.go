package expr

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is a set of the JSON types.
type Kind uint8

// The JSON types.
const (
	Null Kind = 1 << iota
	Bool
	Number
	String
	List
	Object

	anyKind = Null | Bool | Number | String | List | Object
)

func (k Kind) String() string {
	if k == anyKind {
		return "anything"
	}
	var names []string
	for i, name := range []string{"null", "true or false", "a number", "text", "a list", "an object"} {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// kindOf is the kind of a normal value.
func kindOf(v any) Kind {
	switch v.(type) {
	case nil:
		return Null
	case bool:
		return Bool
	case int, float64, json.Number:
		return Number
	case string:
		return String
	case map[string]any, map[any]any:
		return Object
	}
	return List
}

// Types says which names exist where a template stands, and what is known of their values.
type Types map[string]*Type

// Type is what is known of a value.
type Type struct {
	Kind   Kind
	Fields map[string]Field // of an object
	Open   bool             // an object may have fields besides Fields
	Items  *Type            // of a list; nil: anything
	Enum   []any            // all values it can have; empty: not known
}

// Field is a property of an object.
type Field struct {
	*Type
	Optional bool // it may be missing
}

// Any is a value of which nothing is known.
var Any = &Type{Kind: anyKind, Open: true}

var (
	nullType   = &Type{Kind: Null}
	boolType   = &Type{Kind: Bool}
	numberType = &Type{Kind: Number}
	stringType = &Type{Kind: String}
)

// Of is the type of all values of a kind.
func Of(k Kind) *Type { return &Type{Kind: k, Open: true} }

// ListOf is the type of lists of item.
func ListOf(item *Type) *Type { return &Type{Kind: List, Items: item} }

// ObjectOf is the type of objects with exactly these fields.
func ObjectOf(fields map[string]Field) *Type { return &Type{Kind: Object, Fields: fields} }

func (t *Type) item() *Type {
	if t.Items == nil {
		return Any
	}
	return t.Items
}

// Union is the type of values of a or b.
func Union(a, b *Type) *Type {
	if a == nil || b == nil || a == Any || b == Any {
		return Any
	}
	u := &Type{Kind: a.Kind | b.Kind, Open: a.Open || b.Open}
	if len(a.Enum) > 0 && len(b.Enum) > 0 {
		u.Enum = append(slices.Clone(a.Enum), b.Enum...)
	}
	switch {
	case a.Kind&List == 0:
		u.Items = b.Items
	case b.Kind&List == 0:
		u.Items = a.Items
	case a.Items != nil && b.Items != nil:
		u.Items = Union(a.Items, b.Items)
	}
	switch {
	case a.Kind&Object == 0:
		u.Fields = b.Fields
	case b.Kind&Object == 0:
		u.Fields = a.Fields
	default:
		u.Fields = map[string]Field{}
		for _, name := range append(sortedKeys(a.Fields), sortedKeys(b.Fields)...) {
			x, inA := a.Fields[name]
			y, inB := b.Fields[name]
			switch {
			case inA && inB:
				u.Fields[name] = Field{Union(x.Type, y.Type), x.Optional || y.Optional}
			case inA:
				u.Fields[name] = Field{x.Type, true}
			default:
				u.Fields[name] = Field{y.Type, true}
			}
		}
	}
	return u
}

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
			union := r.read(options[0])
			for _, o := range options[1:] {
				union = Union(union, r.read(o))
			}
			t = both(t, union)
		}
	}
	if all, ok := s["allOf"].([]any); ok {
		for _, part := range all {
			t = both(t, r.read(part))
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
func both(a, b *Type) *Type {
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
				t.Fields[name] = Field{both(old.Type, f.Type), old.Optional && f.Optional}
			} else {
				t.Fields[name] = f
			}
		}
	}
	return t
}

// equal compares two normal values.
func equal(a, b any) bool {
	if kindOf(a) == Number && kindOf(b) == Number {
		return toNumber(a) == toNumber(b) && !math.IsNaN(toNumber(a))
	}
	return compact(a) == compact(b)
}

// TypeName is the kind of a value, for messages: "text", "null".
func TypeName(v any) string { return kindOf(v).String() }

// KindOf is the kind of a JSON value.
func KindOf(v any) Kind { return kindOf(normal(v)) }
