package jq

import (
	"strings"
	"unicode/utf8"
)

// slabs are memory for many values that is allocated at once.
type slabs struct {
	vals    []any
	objects []Object
	arrays  []Array
}

// object makes one of all its keys and their values, which it copies.
func (m *slabs) object(k *keys, vals []any) *Object {
	o := &take(&m.objects, 1)[0]
	o.keys, o.vals = k, take(&m.vals, len(vals))
	copy(o.vals, vals)
	return o
}

// array makes one of items, which it copies.
func (m *slabs) array(items []any) *Array {
	a := &take(&m.arrays, 1)[0]
	a.items = take(&m.vals, len(items))
	copy(a.items, items)
	return a
}

// maker makes the values that a Decoder reads: few allocations for many of them, and what comes often only once.
type maker struct {
	slabs
	texts  [64]any  // strings that have come, by a hash
	shapes []*shape // of the last object at each depth
}

// shape is what the keys of an object were: as values, and as they are written, with their quotes and colons.
type shape struct {
	keys   *keys
	names  []any
	tokens []string
}

const (
	firstSlab = 8   // values that are allocated at once, at first,
	lastSlab  = 256 // and later, when many have come
)

// slab makes room for at least n elements.
func slab[T any](last []T, n int) []T {
	return make([]T, 0, max(n, min(max(2*cap(last), firstSlab), lastSlab)))
}

// take cuts n elements off a slab.
func take[T any](from *[]T, n int) []T {
	s := *from
	if cap(s)-len(s) < n {
		s = slab(s, n)
	}
	end := len(s) + n
	*from = s[:end]
	return s[len(s):end:end]
}

// text is a string as a value.
func (m *maker) text(b []byte) any {
	if len(b) == 0 || len(b) > 16 {
		return validText(string(b))
	}
	at := &m.texts[(uint(b[0])*31+uint(b[len(b)/2])*7+uint(b[len(b)-1])+uint(len(b)))%uint(len(m.texts))]
	if s, ok := (*at).(string); ok && s == string(b) {
		return *at
	}
	if s := string(b); utf8.ValidString(s) {
		*at = s
		return *at
	}
	return validText(string(b))
}

// likely is what the next object at a depth may be.
func (m *maker) likely(depth int) *shape {
	if depth < len(m.shapes) {
		return m.shapes[depth]
	}
	return nil
}

// newShape makes an object of keys and values by turns. A later value of the same key wins.
func (m *maker) newShape(depth int, pairs []any) *Object {
	n := len(pairs) / 2
	s := &shape{keys: &keys{names: make([]string, 0, n)}}
	o := &Object{s.keys, make([]any, 0, n)}
	if n > fewKeys {
		s.keys.index = make(map[string]int, n)
	}
	for ; len(pairs) > 0; pairs = pairs[2:] {
		name := pairs[0].(string)
		if i := o.find(name); i >= 0 {
			o.vals[i] = pairs[1]
			continue
		}
		if s.keys.index != nil {
			s.keys.index[name] = len(o.vals)
		}
		token := `"` + name + `":`
		if strings.ContainsAny(name, "\"\\\n") {
			token = "\n" // which is never where a key is
		}
		s.keys.names, s.names, s.tokens = append(s.keys.names, name), append(s.names, pairs[0]), append(s.tokens, token)
		o.vals = append(o.vals, pairs[1])
	}
	for len(m.shapes) <= depth {
		m.shapes = append(m.shapes, nil)
	}
	m.shapes[depth] = s
	return o
}
