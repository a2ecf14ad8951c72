package jq

import "math"

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
