package expr

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func length(_ *evaluation, a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		return utf8.RuneCountInString(v), nil
	case []any:
		return len(v), nil
	}
	return len(a[0].(map[string]any)), nil
}

func element(which func(n int) int) func(*evaluation, []any) (any, error) {
	return func(_ *evaluation, a []any) (any, error) {
		list := a[0].([]any)
		if len(list) == 0 {
			return nil, nil
		}
		return list[which(len(list))], nil
	}
}

func get(_ *evaluation, a []any) (any, error) {
	v, err := field(a[0], a[1], "get()", true)
	if v == nil && err == nil && len(a) == 3 {
		v = a[2]
	}
	return v, err
}

func keys(_ *evaluation, a []any) (any, error) {
	var list []any
	for _, k := range sortedKeys(a[0].(map[string]any)) {
		list = append(list, k)
	}
	return list, nil
}

func values(_ *evaluation, a []any) (any, error) {
	m := a[0].(map[string]any)
	var list []any
	for _, k := range sortedKeys(m) {
		list = append(list, m[k])
	}
	return list, nil
}

func sortList(_ *evaluation, a []any) (any, error) {
	list := slices.Clone(a[0].([]any))
	for _, v := range list {
		if k := kindOf(v); k != kindOf(list[0]) || k&(Number|String) == 0 {
			return nil, fmt.Errorf("sort wants only numbers or only texts in the list (sortBy takes an expression)")
		}
	}
	slices.SortStableFunc(list, func(a, b any) int {
		if s, ok := a.(string); ok {
			return strings.Compare(s, b.(string))
		}
		switch x, y := toNumber(a), toNumber(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return list, nil
}

func reverse(_ *evaluation, a []any) (any, error) {
	list := slices.Clone(a[0].([]any))
	slices.Reverse(list)
	return list, nil
}

func uniq(_ *evaluation, a []any) (any, error) {
	var list []any
	seen := map[string]bool{}
	for _, v := range a[0].([]any) {
		if key := compact(v); !seen[key] {
			seen[key] = true
			list = append(list, v)
		}
	}
	return list, nil
}

func concat(_ *evaluation, a []any) (any, error) {
	var all []any
	for _, l := range a {
		all = append(all, l.([]any)...)
		if len(all) > maxValues {
			return nil, fmt.Errorf("the expression makes more than %d values", maxValues)
		}
	}
	return all, nil
}

func flatten(e *evaluation, a []any) (any, error) {
	var all []any
	for _, v := range a[0].([]any) {
		if l, ok := v.([]any); ok {
			all = append(all, l...)
		} else {
			all = append(all, v)
		}
	}
	return all, nil
}

func elementOrNull(args []*Type) *Type { return Union(args[0].item(), nullType) }

func sameType(args []*Type) *Type { return args[0] }
