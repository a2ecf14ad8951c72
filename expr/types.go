package expr

import (
	"encoding/json"
	"math"
	"slices"
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

// maxDepth is how deep types are merged: a schema may contain itself, so a type has no end.
const maxDepth = 4

// Union is the type of values of a or b.
func Union(a, b *Type) *Type { return union(a, b, 0) }

func union(a, b *Type, depth int) *Type {
	switch {
	case a == b:
		return a
	case a == nil, b == nil, a == Any, b == Any, depth > maxDepth:
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
		u.Items = union(a.Items, b.Items, depth+1)
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
				u.Fields[name] = Field{union(x.Type, y.Type, depth+1), x.Optional || y.Optional}
			case inA:
				u.Fields[name] = Field{x.Type, true}
			default:
				u.Fields[name] = Field{y.Type, true}
			}
		}
	}
	return u
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
