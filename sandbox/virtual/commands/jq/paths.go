package jq

import (
	"math"
	"sort"

	"github.com/itchyny/gojq"
)

// list turns a path into keys, first key first.
func (p *path) list() []any {
	n := 0
	for q := p; q.up != nil; q = q.up {
		n++
	}
	keys := make([]any, n)
	for q := p; q.up != nil; q = q.up {
		n--
		keys[n] = q.key
	}
	return keys
}

// step follows one key from v, with its path while paths are wanted.
func (m *machine) step(v value, key any, out yield) error {
	if v.path != nil && v.path.off {
		return fail("Invalid path expression near attempt to access element %s of %s", toJSON(key), brief(v.v))
	}
	next, err := getIndex(v.v, key)
	if err != nil {
		return err
	}
	if v.path == nil {
		return out(value{v: next})
	}
	return out(value{next, &path{up: v.path, key: key}})
}

// indexKeys evaluates what is between the brackets of an index.
func (m *machine) indexKeys(x *gojq.Index, env *scope, in value, out func(any) error) error {
	switch {
	case x.Name != "":
		return out(x.Name)
	case x.Str != nil:
		return m.string(x.Str, "", env, in, func(s string) error { return out(s) })
	case !x.IsSlice:
		return m.values(x.Start, env, in, out)
	}
	return m.values(x.End, env, in, func(end any) error {
		return m.values(x.Start, env, in, func(start any) error {
			return out(NewObject("start", start, "end", end))
		})
	})
}

// iterate is .[]
func (m *machine) iterate(v value, out yield) error {
	if v.path != nil && v.path.off {
		return fail("Invalid path expression near attempt to iterate through %s", brief(v.v))
	}
	child := func(key, item any) error {
		if err := m.budget.Work(1); err != nil {
			return err
		}
		if v.path == nil {
			return out(value{v: item})
		}
		return out(value{item, &path{up: v.path, key: key}})
	}
	switch c := v.v.(type) {
	case *Array:
		for i, item := range c.items {
			if err := child(float64(i), item); err != nil {
				return err
			}
		}
		return nil
	case *Object:
		for i, name := range c.Names() {
			if err := child(name, c.vals[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return fail("Cannot iterate over %s", describe(v.v))
}

// recurse is "..": v and all below it.
func (m *machine) recurse(v value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	if err := out(v); err != nil {
		return err
	}
	switch v.v.(type) {
	case *Array, *Object:
		return m.iterate(v, func(v value) error { return m.recurse(v, out) })
	}
	return nil
}

// paths evaluates q as a path expression on in.
func (m *machine) paths(q *gojq.Query, env *scope, in any, out func(keys []any, v any) error) error {
	return m.query(q, env, value{in, &path{}}, func(v value) error {
		if v.path.off {
			return fail("Invalid path expression with result %s", brief(v.v))
		}
		return out(v.path.list(), v.v)
	})
}

// update is the assignments: =, |=, += and their like.
func (m *machine) update(q *gojq.Query, env *scope, in value, out yield) error {
	if q.Op == gojq.OpModify {
		v, err := m.modify(q.Left, env, in.v, func(old any, set func(any) error) error {
			return m.values(q.Right, env, value{v: old}, set)
		})
		if err != nil {
			return err
		}
		return out(in.just(v))
	}
	return m.values(q.Right, env, in, func(r any) error {
		v, err := m.modify(q.Left, env, in.v, func(old any, set func(any) error) error {
			switch {
			case q.Op == gojq.OpAssign:
				return set(r)
			case q.Op == gojq.OpUpdateAlt && truthy(old):
				return set(old)
			case q.Op == gojq.OpUpdateAlt:
				return set(r)
			}
			v, err := m.binary(q.Op-gojq.OpUpdateAdd+gojq.OpAdd, old, r)
			if err != nil {
				return err
			}
			return set(v)
		})
		if err != nil {
			return err
		}
		return out(in.just(v))
	})
}

// enough stops an update after its first value.
type enough struct{}

func (enough) Error() string { return "enough" }

// modify replaces what each path of q leads to by the first value that change sets, or deletes it where there is none.
func (m *machine) modify(q *gojq.Query, env *scope, in any, change func(old any, set func(any) error) error) (any, error) {
	tree := in
	own := owned{}
	var gone []any
	err := m.paths(q, env, in, func(keys []any, _ any) error {
		old, err := getPath(tree, keys)
		if err != nil {
			return err
		}
		if own[old] {
			clear(own)
		}
		var set bool
		var v any
		err = change(old, func(x any) error { v, set = x, true; return enough{} })
		if _, ok := err.(enough); err != nil && !ok {
			return err
		}
		if !set {
			gone = append(gone, NewArray(keys))
			return nil
		}
		tree, err = own.setPath(tree, keys, v)
		return err
	})
	if err != nil || len(gone) == 0 {
		return tree, err
	}
	return deletePaths(tree, gone)
}

// owned are containers that an update has made itself and may change in place.
type owned map[any]bool

func (own owned) setPath(v any, keys []any, set any) (any, error) {
	if len(keys) == 0 {
		return set, nil
	}
	old, err := getIndex(v, keys[0])
	if err != nil {
		return nil, err
	}
	item, err := own.setPath(old, keys[1:], set)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case *Array:
		if f, ok := number(keys[0]); ok && own[v] && f >= 0 && int(f) < len(c.items) {
			c.items[int(f)] = item
			return c, nil
		}
	case *Object:
		if name, ok := keys[0].(string); ok && own[v] {
			if i := c.find(name); i >= 0 {
				c.vals[i] = item
				return c, nil
			}
		}
	}
	v, err = setIndex(v, keys[0], item)
	if err == nil && own != nil {
		own[v] = true
	}
	return v, err
}

func getIndex(v, key any) (any, error) {
	switch k := key.(type) {
	case string:
		switch c := v.(type) {
		case *Object:
			item, _ := c.Get(k)
			return item, nil
		case nil:
			return nil, nil
		}
		return nil, fail("Cannot index %s with string \"%s\"", typeName(v), k)
	case float64, Literal:
		f, _ := number(k)
		switch c := v.(type) {
		case *Array:
			if math.IsNaN(f) {
				return nil, nil
			}
			f = math.Floor(f)
			if f < 0 {
				f += float64(len(c.items))
			}
			if f >= 0 && f < float64(len(c.items)) {
				return c.items[int(f)], nil
			}
			return nil, nil
		case nil:
			return nil, nil
		}
	case *Object:
		switch c := v.(type) {
		case nil:
			return nil, nil
		case *Array:
			from, to, err := sliceBounds(k, len(c.items))
			if err != nil {
				return nil, err
			}
			return NewArray(c.items[from:to:to]), nil
		case string:
			from, to, err := sliceBounds(k, runeLen(c))
			if err != nil {
				return nil, err
			}
			return runeSlice(c, from, to), nil
		}
	case *Array:
		if c, ok := v.(*Array); ok {
			return indices(c, k), nil
		}
	}
	return nil, fail("Cannot index %s with %s", typeName(v), typeName(key))
}

// sliceBounds reads {"start":…,"end":…} for a sequence of n elements.
func sliceBounds(k *Object, n int) (from, to int, err error) {
	start, _ := k.Get("start")
	end, _ := k.Get("end")
	s, e := 0.0, float64(n)
	var ok bool
	if start != nil {
		if s, ok = number(start); !ok {
			return 0, 0, fail("Start and end indices of an array slice must be numbers")
		}
	}
	if end != nil {
		if e, ok = number(end); !ok {
			return 0, 0, fail("Start and end indices of an array slice must be numbers")
		}
	}
	if s < 0 {
		s += float64(n)
	}
	if e < 0 {
		e += float64(n)
	}
	s, e = math.Max(0, math.Floor(s)), math.Min(float64(n), math.Ceil(e))
	if math.IsNaN(s) {
		s = 0
	}
	if math.IsNaN(e) {
		e = float64(n)
	}
	s = math.Min(s, float64(n))
	return int(s), int(math.Max(s, e)), nil
}

// maxIndex is the largest array index that an assignment makes.
const maxIndex = 536870911

func setIndex(v, key, item any) (any, error) {
	switch k := key.(type) {
	case string:
		switch c := v.(type) {
		case *Object:
			return c.With(k, item), nil
		case nil:
			return NewObject(k, item), nil
		}
		return nil, fail("Cannot index %s with string \"%s\"", typeName(v), k)
	case float64, Literal:
		f, _ := number(k)
		var items []any
		switch c := v.(type) {
		case *Array:
			if f == float64(len(c.items)) {
				return c.plus(item), nil
			}
			items = c.items
		case nil:
		default:
			return nil, fail("Cannot index %s with number", typeName(v))
		}
		if math.IsNaN(f) {
			return nil, fail("Cannot set array element at NaN index")
		}
		if f = math.Trunc(f); f < 0 {
			if f += float64(len(items)); f < 0 {
				return nil, fail("Out of bounds negative array index")
			}
		}
		if f > maxIndex {
			return nil, fail("Array index too large")
		}
		grown := make([]any, max(len(items), int(f)+1))
		copy(grown, items)
		grown[int(f)] = item
		return NewArray(grown), nil
	case *Object:
		var items []any
		switch c := v.(type) {
		case *Array:
			items = c.items
		case nil:
		default:
			return nil, fail("Cannot update field at object index of %s", typeName(v))
		}
		insert, ok := item.(*Array)
		if !ok {
			return nil, fail("A slice of an array can only be assigned another array")
		}
		from, to, err := sliceBounds(k, len(items))
		if err != nil {
			return nil, err
		}
		out := append(make([]any, 0, len(items)+len(insert.items)), items[:from]...)
		out = append(append(out, insert.items...), items[to:]...)
		return NewArray(out), nil
	case *Array:
		if _, ok := v.(*Array); ok {
			return nil, fail("Cannot update field at array index of array")
		}
	}
	return nil, fail("Cannot index %s with %s", typeName(v), typeName(key))
}

func getPath(v any, keys []any) (any, error) {
	for _, key := range keys {
		if v == nil {
			return nil, nil
		}
		var err error
		if v, err = getIndex(v, key); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// deletePaths deletes what the paths lead to; a path is an *Array.
func deletePaths(v any, paths []any) (any, error) {
	lists := make([][]any, len(paths))
	sort.SliceStable(paths, func(i, j int) bool { return compare(paths[i], paths[j]) < 0 })
	for i, p := range paths {
		a, ok := p.(*Array)
		if !ok {
			return nil, fail("Path must be specified as an array")
		}
		if lists[i] = a.items; len(a.items) == 0 {
			return nil, nil
		}
	}
	return deleteSorted(v, lists)
}

// deleteSorted deletes sorted paths that are not empty: first what is deeper, then the keys of v itself at once.
func deleteSorted(v any, lists [][]any) (any, error) {
	if v == nil {
		return nil, nil
	}
	var here []any
	own := owned{}
	for i := len(lists); i > 0; {
		j := i - 1
		key := lists[j][0]
		for j > 0 && compare(lists[j-1][0], key) == 0 {
			j--
		}
		group := lists[j:i]
		i = j
		if len(group[0]) == 1 {
			here = append(here, key)
			continue
		}
		old, err := getIndex(v, key)
		if err != nil {
			return nil, err
		}
		if old == nil {
			continue
		}
		deeper := make([][]any, len(group))
		for n, g := range group {
			deeper[n] = g[1:]
		}
		item, err := deleteSorted(old, deeper)
		if err == nil {
			v, err = own.setPath(v, []any{key}, item)
		}
		if err != nil {
			return nil, err
		}
	}
	return deleteKeys(v, here)
}

func deleteKeys(v any, keys []any) (any, error) {
	if len(keys) == 0 || v == nil {
		return v, nil
	}
	switch c := v.(type) {
	case *Object:
		gone := map[string]bool{}
		for _, k := range keys {
			name, ok := k.(string)
			if !ok {
				return nil, fail("Cannot delete field at object index of %s", typeName(k))
			}
			gone[name] = true
		}
		out := NewObject()
		for i, name := range c.Names() {
			if !gone[name] {
				out = out.With(name, c.vals[i])
			}
		}
		return out, nil
	case *Array:
		gone := make([]bool, len(c.items))
		for _, k := range keys {
			switch k := k.(type) {
			case float64, Literal:
				f, _ := number(k)
				if f = math.Floor(f); f < 0 {
					f += float64(len(gone))
				}
				if f >= 0 && f < float64(len(gone)) {
					gone[int(f)] = true
				}
			case *Object:
				from, to, err := sliceBounds(k, len(gone))
				if err != nil {
					return nil, err
				}
				for i := from; i < to; i++ {
					gone[i] = true
				}
			case string:
				return nil, fail("Cannot delete field at array index of string")
			default:
				return nil, fail("Cannot delete field at array index of array")
			}
		}
		out := make([]any, 0, len(gone))
		for i, item := range c.items {
			if !gone[i] {
				out = append(out, item)
			}
		}
		return NewArray(out), nil
	}
	if _, ok := keys[0].(string); ok {
		return nil, fail("Cannot delete field at object index of %s", typeName(v))
	}
	return nil, fail("Cannot delete field at array index of %s", typeName(v))
}

// indices are the positions where sub occurs in a.
func indices(a, sub *Array) *Array {
	out := []any{}
	if len(sub.items) == 0 {
		return NewArray(nil)
	}
	for i := 0; i+len(sub.items) <= len(a.items); i++ {
		same := true
		for j, x := range sub.items {
			if compare(a.items[i+j], x) != 0 {
				same = false
				break
			}
		}
		if same {
			out = append(out, float64(i))
		}
	}
	return NewArray(out)
}
