package jq

import (
	"sort"
	"strings"
	"unicode/utf8"
)

func indicesOf(v, sub any) (any, error) {
	switch a := v.(type) {
	case nil:
		return nil, nil
	case string:
		s, ok := sub.(string)
		if !ok {
			break
		}
		out := []any{}
		if s == "" {
			return nil, nil
		}
		for at, runes := 0, 0; ; {
			i := strings.Index(a[at:], s)
			if i < 0 {
				return NewArray(out), nil
			}
			runes += utf8.RuneCountInString(a[at : at+i])
			out = append(out, float64(runes))
			_, size := utf8.DecodeRuneInString(a[at+i:])
			at, runes = at+i+size, runes+1
		}
	case *Array:
		if b, ok := sub.(*Array); ok {
			if len(b.items) == 0 {
				return nil, nil
			}
			return indices(a, b), nil
		}
		return indices(a, NewArray([]any{sub})), nil
	}
	return nil, fail("Cannot determine indices of %s in %s", typeName(sub), typeName(v))
}

func indexOf(v, sub any, last bool) (any, error) {
	found, err := indicesOf(v, sub)
	a, ok := found.(*Array)
	if err != nil || !ok || len(a.items) == 0 {
		return nil, err
	}
	if last {
		return a.items[len(a.items)-1], nil
	}
	return a.items[0], nil
}

func bsearch(v, target any) (any, error) {
	a, ok := v.(*Array)
	if !ok {
		return nil, fail("%s cannot be searched from", describe(v))
	}
	i := sort.Search(len(a.items), func(i int) bool { return compare(a.items[i], target) >= 0 })
	if i < len(a.items) && compare(a.items[i], target) == 0 {
		return float64(i), nil
	}
	return float64(-1 - i), nil
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
