package jq

import (
	"math"
	"slices"
)

// sorters are the builtins that put elements in order by what a filter yields for them.
func sorters() map[string]build {
	return map[string]build{
		"sort_by/1":   by(func(list []keyed) any { return unkey(list) }),
		"group_by/1":  by(func(list []keyed) any { return groups(list) }),
		"unique_by/1": by(func(list []keyed) any { return unique(list) }),
		"min_by/1": by(func(list []keyed) any {
			if len(list) == 0 {
				return nil
			}
			return list[0].item
		}),
		"max_by/1": by(func(list []keyed) any {
			if len(list) == 0 {
				return nil
			}
			return list[len(list)-1].item
		}),
	}
}

type keyed struct{ key, item any }

// by makes a builtin that sorts the elements of its input by what its argument yields for them.
func by(finish func([]keyed) any) build {
	return func(args []*code) *code {
		f := args[0]
		return computed(1, func(m *machine, env *scope, in any) (any, error) {
			a, ok := in.(*Array)
			if !ok {
				return nil, fail("Cannot index %s with number", typeName(in))
			}
			list := make([]keyed, len(a.items))
			for i, item := range a.items {
				var err error
				list[i].item = item
				mark := m.held
				if f.one != nil {
					list[i].key, err = m.one(f, env, item)
				} else {
					list[i].key, err = m.collect(f, env, item)
				}
				m.free(mark)
				if err != nil {
					return nil, err
				}
			}
			list, err := m.sorted(list)
			if err != nil {
				return nil, err
			}
			return finish(list), nil
		})
	}
}

// sorted sorts stably by key.
func (m *machine) sorted(list []keyed) ([]keyed, error) {
	if err := m.work(len(list) * (1 + int(math.Log2(float64(len(list)+1))))); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return compare(a.key, b.key) })
	return list, nil
}

func unkey(list []keyed) *Array {
	items := make([]any, len(list))
	for i, k := range list {
		items[i] = k.item
	}
	return NewArray(items)
}

func groups(list []keyed) *Array {
	out := []any{}
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && compare(list[i].key, list[j].key) == 0 {
			j++
		}
		out = append(out, unkey(list[i:j]))
		i = j
	}
	return NewArray(out)
}

func unique(list []keyed) *Array {
	out := []any{}
	for i, k := range list {
		if i == 0 || compare(list[i-1].key, k.key) != 0 {
			out = append(out, k.item)
		}
	}
	return NewArray(out)
}

// selfKeyed sorts the elements of an array by themselves.
func (m *machine) selfKeyed(v any) ([]keyed, error) {
	a, ok := v.(*Array)
	if !ok {
		return nil, fail("%s cannot be sorted, as it is not an array", describe(v))
	}
	list := make([]keyed, len(a.items))
	for i, item := range a.items {
		list[i] = keyed{item, item}
	}
	return m.sorted(list)
}

func extreme(v any, sign int) (any, error) {
	a, ok := v.(*Array)
	if !ok {
		return nil, fail("%s and %s cannot be iterated over", describe(v), describe(v))
	}
	var best any
	for i, item := range a.items {
		if c := compare(item, best) * sign; i == 0 || c > 0 || c == 0 && sign > 0 {
			best = item
		}
	}
	return best, nil
}
