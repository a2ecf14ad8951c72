package jq

import "unicode/utf8"

// maker makes the values that a Decoder reads: few allocations for many of them, and what comes often only once.
type maker struct {
	vals    []any
	objects []Object
	arrays  []Array
	texts   [64]any  // strings that have come, by a hash
	shapes  []*shape // of the last object at each depth
}

// shape is what the keys of an object were, also as values.
type shape struct {
	keys  *keys
	names []any
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

func (m *maker) array(items []any) *Array {
	a := &take(&m.arrays, 1)[0]
	a.items = take(&m.vals, len(items))
	copy(a.items, items)
	return a
}

// likely is what the next object at a depth may be.
func (m *maker) likely(depth int) *shape {
	if depth < len(m.shapes) {
		return m.shapes[depth]
	}
	return nil
}

// object makes one of keys and values by turns. A later value of the same key wins.
func (m *maker) object(depth int, likely *shape, pairs []any) *Object {
	n := len(pairs) / 2
	o := &take(&m.objects, 1)[0]
	if likely != nil && likely.fits(pairs) {
		o.keys, o.vals = likely.keys, take(&m.vals, n)
		for i := range o.vals {
			o.vals[i] = pairs[2*i+1]
		}
		return o
	}
	k := &keys{names: make([]string, 0, n)}
	o.keys, o.vals = k, make([]any, 0, n)
	if n > fewKeys {
		k.index = make(map[string]int, n)
	}
	seen := &shape{keys: k}
	for ; len(pairs) > 0; pairs = pairs[2:] {
		name := pairs[0].(string)
		if i := o.find(name); i >= 0 {
			o.vals[i] = pairs[1]
			continue
		}
		if k.index != nil {
			k.index[name] = len(k.names)
		}
		k.names, o.vals, seen.names = append(k.names, name), append(o.vals, pairs[1]), append(seen.names, pairs[0])
	}
	for len(m.shapes) <= depth {
		m.shapes = append(m.shapes, nil)
	}
	m.shapes[depth] = seen
	return o
}

// fits says that the first keys of the shape are those of pairs.
func (s *shape) fits(pairs []any) bool {
	if len(pairs) > 2*len(s.names) {
		return false
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != s.names[i/2] {
			return false
		}
	}
	return true
}
