package jq

import (
	"math"
	"strings"
	"unicode/utf8"
)

func length(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return 0.0, nil
	case float64:
		return math.Abs(v), nil
	case Literal:
		return math.Abs(v.Value), nil
	case string:
		return float64(utf8.RuneCountInString(v)), nil
	case *Array:
		return float64(len(v.items)), nil
	case *Object:
		return float64(v.Len()), nil
	}
	return nil, fail("%s has no length", describe(v))
}

func keysOf(v any, ordered bool) (any, error) {
	switch c := v.(type) {
	case *Array:
		items := make([]any, len(c.items))
		for i := range items {
			items[i] = float64(i)
		}
		return NewArray(items), nil
	case *Object:
		items := make([]any, c.Len())
		names := c.Names()
		for i, name := range names {
			items[i] = name
		}
		if ordered {
			for n, i := range c.sorted() {
				items[n] = names[i]
			}
		}
		return NewArray(items), nil
	}
	return nil, fail("%s has no keys", describe(v))
}

func has(v, key any) (any, error) {
	switch c := v.(type) {
	case nil:
		return false, nil
	case *Object:
		if name, ok := key.(string); ok {
			_, found := c.Get(name)
			return found, nil
		}
	case *Array:
		if f, ok := number(key); ok {
			return f >= 0 && f < float64(len(c.items)), nil
		}
	}
	return nil, fail("Cannot check whether %s has a %s key", typeName(v), typeName(key))
}

func (m *machine) contains(a, b any) (bool, error) {
	if rank(a) != rank(b) {
		return false, fail("%s and %s cannot have their containment checked", describe(a), describe(b))
	}
	return m.within(a, b)
}

// within says whether b is in a: all parts of an array or object in one of a's, a string in one, or another value equal.
func (m *machine) within(a, b any) (bool, error) {
	if err := m.work(1); err != nil {
		return false, err
	}
	switch x := a.(type) {
	case *Object:
		if y, ok := b.(*Object); ok {
			for i, name := range y.Names() {
				item, found := x.Get(name)
				if !found {
					return false, nil
				}
				if in, err := m.within(item, y.vals[i]); err != nil || !in {
					return false, err
				}
			}
			return true, nil
		}
	case *Array:
		if y, ok := b.(*Array); ok {
			for _, want := range y.items {
				if in, err := m.someWithin(x.items, want); err != nil || !in {
					return false, err
				}
			}
			return true, nil
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Contains(x, y), nil
		}
	}
	return compare(a, b) == 0, nil
}

// someWithin says whether b is in one of items.
func (m *machine) someWithin(items []any, b any) (bool, error) {
	for _, item := range items {
		if in, err := m.within(item, b); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

// elements are the values of an array or an object.
func elements(v any) ([]any, error) {
	switch c := v.(type) {
	case *Array:
		return c.items, nil
	case *Object:
		return c.vals, nil
	}
	return nil, fail("Cannot iterate over %s", describe(v))
}

// sum is add: strings and arrays in linear time.
func (m *machine) sum(in any) (any, error) {
	items, err := elements(in)
	if err != nil {
		return nil, err
	}
	if len(items) > 0 {
		if _, ok := items[0].(string); ok {
			if s, ok := m.joinStrings(items); ok {
				return s, m.work(len(s))
			}
		}
	}
	var sum any
	for _, item := range items {
		var err error
		if sum, err = m.add(sum, item); err != nil {
			return nil, err
		}
	}
	return sum, m.work(len(items))
}

func (m *machine) joinStrings(items []any) (string, bool) {
	var b strings.Builder
	for _, item := range items {
		switch s := item.(type) {
		case string:
			b.WriteString(s)
		case nil:
		default:
			return "", false
		}
	}
	return b.String(), true
}

func reverse(v any) (any, error) {
	switch c := v.(type) {
	case nil:
		return NewArray(nil), nil
	case string:
		runes := []rune(c)
		for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
			runes[i], runes[j] = runes[j], runes[i]
		}
		return string(runes), nil
	case *Array:
		n := len(c.items)
		items := make([]any, n)
		for i, item := range c.items {
			items[n-1-i] = item
		}
		return NewArray(items), nil
	}
	if _, ok := number(v); ok {
		return NewArray(nil), nil
	}
	return nil, fail("Cannot reverse %s", describe(v))
}

func transpose(v any) (any, error) {
	a, ok := v.(*Array)
	if !ok {
		return nil, fail("Cannot iterate over %s", describe(v))
	}
	width := 0
	for _, row := range a.items {
		n, err := length(row)
		if err != nil {
			return nil, err
		}
		width = max(width, int(n.(float64)))
	}
	columns := make([]any, width)
	for j := range columns {
		column := make([]any, len(a.items))
		for i, row := range a.items {
			var err error
			if column[i], err = getIndex(row, float64(j)); err != nil {
				return nil, err
			}
		}
		columns[j] = NewArray(column)
	}
	return NewArray(columns), nil
}

func flatten(v any, depth float64) (any, error) {
	items, err := elements(v)
	if err != nil {
		return nil, err
	}
	out := []any{}
	var walk func(items []any, depth float64)
	walk = func(items []any, depth float64) {
		for _, item := range items {
			if a, ok := item.(*Array); ok && depth > 0 {
				walk(a.items, depth-1)
			} else {
				out = append(out, item)
			}
		}
	}
	walk(items, depth)
	return NewArray(out), nil
}
