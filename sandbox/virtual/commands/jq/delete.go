package jq

import (
	"math"
	"sort"
)

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
