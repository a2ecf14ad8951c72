// Package jq evaluates jq's language over JSON values that keep the order of their keys and the digits of their
// numbers, and spends a budget for all it does. The syntax trees are gojq's. Start at Compile; Decoder and Encoder read
// and write values.
package jq

import (
	"math"
	"sort"
	"strings"
)

// A value is nil, bool, float64, Literal, string, *Array or *Object. Values are never changed once they are shared.

// Literal is a number as it was written, kept where a float64 would lose digits.
type Literal struct {
	Text  string // as jq prints it
	Value float64
}

// Array is an immutable list. Appending to the newest version of one takes constant time: top is how many elements of
// the common storage are in use; it is nil while nothing was appended.
type Array struct {
	items []any
	top   *int
}

// NewArray makes an array that owns items.
func NewArray(items []any) *Array { return &Array{items: items} }

// Items are the elements, not to be changed.
func (a *Array) Items() []any { return a.items }

func (a *Array) plus(more ...any) *Array {
	if a.top != nil && *a.top == len(a.items) && cap(a.items)-len(a.items) >= len(more) {
		*a.top += len(more)
		return &Array{append(a.items, more...), a.top}
	}
	items := make([]any, len(a.items), 2*len(a.items)+len(more))
	copy(items, a.items)
	n := len(items) + len(more)
	return &Array{append(items, more...), &n}
}

// Object is an immutable map that keeps its keys in the order in which they came. Objects with the same keys share them.
type Object struct {
	keys *keys
	vals []any
}

// keys are the names of one or many objects; an object with n values has the first n of them.
type keys struct {
	names []string
	index map[string]int // nil while there are few
}

const fewKeys = 8

// NewObject makes an object from keys and values; a later value of the same key wins.
func NewObject(pairs ...any) *Object {
	o := &Object{keys: &keys{}}
	for i := 0; i < len(pairs); i += 2 {
		o = o.With(pairs[i].(string), pairs[i+1])
	}
	return o
}

// Len is the number of keys.
func (o *Object) Len() int { return len(o.vals) }

// Names are the keys in their order, not to be changed.
func (o *Object) Names() []string { return o.keys.names[:len(o.vals)] }

func (o *Object) find(name string) int {
	k := o.keys
	if len(o.vals) <= fewKeys {
		for i, n := range k.names[:len(o.vals)] {
			if n == name {
				return i
			}
		}
		return -1
	}
	if k.index == nil {
		k.index = make(map[string]int, len(k.names))
		for i, n := range k.names {
			k.index[n] = i
		}
	}
	if i, ok := k.index[name]; ok && i < len(o.vals) {
		return i
	}
	return -1
}

// Get returns the value of a key, or nil.
func (o *Object) Get(name string) (any, bool) {
	if i := o.find(name); i >= 0 {
		return o.vals[i], true
	}
	return nil, false
}

// With returns the object with one value set.
func (o *Object) With(name string, value any) *Object {
	n := len(o.vals)
	if i := o.find(name); i >= 0 {
		vals := make([]any, n)
		copy(vals, o.vals)
		vals[i] = value
		return &Object{o.keys, vals}
	}
	if len(o.keys.names) == n {
		o.keys.names = append(o.keys.names, name)
		if o.keys.index != nil {
			o.keys.index[name] = n
		}
		return &Object{o.keys, append(o.vals, value)}
	}
	k := o.keys
	if k.names[n] != name {
		names := make([]string, n, n+4)
		copy(names, k.names)
		k = &keys{names: append(names, name)}
	}
	return &Object{k, append(o.vals[:n:n], value)}
}

// sorted returns the positions of the keys in the order of their names.
func (o *Object) sorted() []int {
	order := make([]int, len(o.vals))
	for i := range order {
		order[i] = i
	}
	names := o.keys.names
	sort.Slice(order, func(i, j int) bool { return names[order[i]] < names[order[j]] })
	return order
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case Literal:
		return v.Value, true
	}
	return 0, false
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64, Literal:
		return "number"
	case string:
		return "string"
	case *Array:
		return "array"
	}
	return "object"
}

func truthy(v any) bool { return v != nil && v != false }

// rank is the order of the kinds: null, false, true, numbers, strings, arrays, objects.
func rank(v any) int {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 2
		}
		return 1
	case float64, Literal:
		return 3
	case string:
		return 4
	case *Array:
		return 5
	}
	return 6
}

// compare orders values as jq's sort does; nan is less than any number.
func compare(a, b any) int {
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return compareFloats(x, y)
		}
	}
	if ra, rb := rank(a), rank(b); ra != rb || ra < 3 {
		return ra - rb
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case *Array:
		bi := b.(*Array).items
		for i, x := range a.items {
			if i >= len(bi) {
				return 1
			}
			if c := compare(x, bi[i]); c != 0 {
				return c
			}
		}
		return len(a.items) - len(bi)
	case *Object:
		return compareObjects(a, b.(*Object))
	}
	return compareNumbers(a, b)
}

func compareNumbers(a, b any) int {
	if la, ok := a.(Literal); ok {
		if lb, ok := b.(Literal); ok {
			return compareLiterals(la, lb)
		}
	}
	x, _ := number(a)
	y, _ := number(b)
	return compareFloats(x, y)
}

func compareFloats(x, y float64) int {
	switch {
	case math.IsNaN(x) || x < y:
		return -1
	case x == y:
		return 0
	}
	return 1
}

func compareObjects(a, b *Object) int {
	oa, ob := a.sorted(), b.sorted()
	for i := 0; i < len(oa) && i < len(ob); i++ {
		if c := strings.Compare(a.keys.names[oa[i]], b.keys.names[ob[i]]); c != 0 {
			return c
		}
	}
	if len(oa) != len(ob) {
		return len(oa) - len(ob)
	}
	for i := range oa {
		if c := compare(a.vals[oa[i]], b.vals[ob[i]]); c != 0 {
			return c
		}
	}
	return 0
}
