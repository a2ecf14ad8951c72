package jq

import (
	"math"
	"sort"
	"strings"
	"unicode/utf8"
)

func functionsTable() map[string]function {
	table := map[string]function{
		"length/0": func(_ *machine, in any, _ []any) (any, error) { return length(in) },
		"utf8bytelength/0": func(_ *machine, in any, _ []any) (any, error) {
			s, ok := in.(string)
			if !ok {
				return nil, fail("%s only strings have UTF-8 byte length", describe(in))
			}
			return float64(len(s)), nil
		},
		"type/0":          func(_ *machine, in any, _ []any) (any, error) { return typeName(in), nil },
		"keys/0":          func(_ *machine, in any, _ []any) (any, error) { return keysOf(in, true) },
		"keys_unsorted/0": func(_ *machine, in any, _ []any) (any, error) { return keysOf(in, false) },
		"has/1":           func(_ *machine, in any, args []any) (any, error) { return has(in, args[0]) },
		"contains/1":      func(_ *machine, in any, args []any) (any, error) { return contains(in, args[0]) },
		"add/0":           func(m *machine, in any, _ []any) (any, error) { return m.sum(in) },
		"to_entries/0":    func(_ *machine, in any, _ []any) (any, error) { return toEntries(in) },
		"from_entries/0":  func(_ *machine, in any, _ []any) (any, error) { return fromEntries(in) },
		"reverse/0":       func(_ *machine, in any, _ []any) (any, error) { return reverse(in) },
		"transpose/0":     func(_ *machine, in any, _ []any) (any, error) { return transpose(in) },
		"flatten/0":       func(m *machine, in any, _ []any) (any, error) { return flatten(in, math.Inf(1)) },
		"flatten/1": func(m *machine, in any, args []any) (any, error) {
			depth, ok := number(args[0])
			if !ok || depth < 0 {
				return nil, fail("flatten depth must not be negative")
			}
			return flatten(in, depth)
		},
		"sort/0": func(m *machine, in any, _ []any) (any, error) {
			list, err := m.selfKeyed(in)
			return unkey(list), err
		},
		"unique/0": func(m *machine, in any, _ []any) (any, error) {
			list, err := m.selfKeyed(in)
			return unique(list), err
		},
		"min/0": func(_ *machine, in any, _ []any) (any, error) { return extreme(in, -1) },
		"max/0": func(_ *machine, in any, _ []any) (any, error) { return extreme(in, 1) },
		"setpath/2": func(_ *machine, in any, args []any) (any, error) {
			keys, ok := args[0].(*Array)
			if !ok {
				return nil, fail("Path must be specified as an array")
			}
			return owned(nil).setPath(in, keys.items, args[1])
		},
		"delpaths/1": func(_ *machine, in any, args []any) (any, error) {
			paths, ok := args[0].(*Array)
			if !ok {
				return nil, fail("Paths must be specified as an array")
			}
			return deletePaths(in, append([]any{}, paths.items...))
		},
		"tostring/0": func(_ *machine, in any, _ []any) (any, error) { return toString(in), nil },
		"tojson/0":   func(_ *machine, in any, _ []any) (any, error) { return toJSON(in), nil },
		"fromjson/0": func(_ *machine, in any, _ []any) (any, error) { return fromJSON(in) },
		"tonumber/0": func(_ *machine, in any, _ []any) (any, error) { return toNumber(in) },
		"indices/1":  func(_ *machine, in any, args []any) (any, error) { return indicesOf(in, args[0]) },
		"index/1":    func(_ *machine, in any, args []any) (any, error) { return indexOf(in, args[0], false) },
		"rindex/1":   func(_ *machine, in any, args []any) (any, error) { return indexOf(in, args[0], true) },
		"bsearch/1":  func(_ *machine, in any, args []any) (any, error) { return bsearch(in, args[0]) },
		"builtins/0": func(*machine, any, []any) (any, error) { return NewArray(builtinNames()), nil },
		"now/0":      func(m *machine, _ any, _ []any) (any, error) { return m.world.Now(), nil },
		"infinite/0": func(*machine, any, []any) (any, error) { return math.Inf(1), nil },
		"nan/0":      func(*machine, any, []any) (any, error) { return math.NaN(), nil },
		"format/1": func(_ *machine, in any, args []any) (any, error) {
			name, ok := args[0].(string)
			if !ok {
				return nil, fail("%s is not a valid format", describe(args[0]))
			}
			return format("@"+name, in)
		},
	}
	stringFunctions(table)
	mathFunctions(table)
	dateFunctions(table)
	return table
}

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

func contains(a, b any) (bool, error) {
	switch x := a.(type) {
	case *Object:
		if y, ok := b.(*Object); ok {
			for i, name := range y.Names() {
				item, found := x.Get(name)
				if !found {
					return false, nil
				}
				if ok, err := contains(item, y.vals[i]); !ok || err != nil {
					return false, err
				}
			}
			return true, nil
		}
	case *Array:
		if y, ok := b.(*Array); ok {
			for _, want := range y.items {
				found := false
				for _, item := range x.items {
					if rank(item) != rank(want) && (rank(item) > 2 || rank(want) > 2) {
						continue
					}
					ok, err := contains(item, want)
					if err != nil {
						return false, err
					}
					if found = ok; found {
						break
					}
				}
				if !found {
					return false, nil
				}
			}
			return true, nil
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Contains(x, y), nil
		}
	}
	if typeName(a) == typeName(b) {
		return compare(a, b) == 0, nil
	}
	return false, fail("%s and %s cannot have their containment checked", describe(a), describe(b))
}

// sum is add: strings and arrays in linear time.
func (m *machine) sum(in any) (any, error) {
	var items []any
	switch c := in.(type) {
	case *Array:
		items = c.items
	case *Object:
		items = c.vals
	default:
		return nil, fail("Cannot iterate over %s", describe(in))
	}
	if len(items) > 0 {
		if _, ok := items[0].(string); ok {
			if s, ok := m.joinStrings(items); ok {
				return s, m.budget.Work(len(s))
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
	return sum, m.budget.Work(len(items))
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

func toEntries(v any) (any, error) {
	o, ok := v.(*Object)
	if !ok {
		if a, ok := v.(*Array); ok {
			items := make([]any, len(a.items))
			shape := &keys{}
			for i, item := range a.items {
				items[i] = (&Object{keys: shape}).With("key", float64(i)).With("value", item)
			}
			return NewArray(items), nil
		}
		return nil, fail("%s has no keys", describe(v))
	}
	items := make([]any, o.Len())
	shape := &keys{}
	for i, name := range o.Names() {
		items[i] = (&Object{keys: shape}).With("key", name).With("value", o.vals[i])
	}
	return NewArray(items), nil
}

func fromEntries(v any) (any, error) {
	var items []any
	switch c := v.(type) {
	case *Array:
		items = c.items
	case *Object:
		items = c.vals
	default:
		return nil, fail("Cannot iterate over %s", describe(v))
	}
	out := NewObject()
	for _, item := range items {
		var key, val any
		for _, name := range []string{"key", "k", "name", "Name", "Key", "K"} {
			x, err := getIndex(item, name)
			if err != nil {
				return nil, err
			}
			if x != nil && (x != false || key == nil) {
				key = x
				if x != false {
					break
				}
			}
		}
		for _, name := range []string{"value", "v", "Value", "V"} {
			if o, ok := item.(*Object); ok {
				if x, found := o.Get(name); found && (x != nil || val == nil) {
					val = x
					if x != nil {
						break
					}
				}
			}
		}
		switch k := key.(type) {
		case string:
			out = out.With(k, val)
		case nil:
			out = out.With("null", val)
		case bool, float64, Literal:
			out = out.With(toJSON(k), val)
		default:
			return nil, fail("Cannot use %s as object key", describe(key))
		}
	}
	return out, nil
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
	var items []any
	switch c := v.(type) {
	case *Array:
		items = c.items
	case *Object:
		items = c.vals
	default:
		return nil, fail("Cannot iterate over %s", describe(v))
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

func fromJSON(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fail("%s cannot be parsed as JSON", describe(v))
	}
	if s == "nan" {
		return math.NaN(), nil
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	out, err := ParseValue(s)
	if err != nil {
		return nil, fail("%v (while parsing '%s')", err, s)
	}
	return out, nil
}

func toNumber(v any) (any, error) {
	switch v := v.(type) {
	case float64, Literal:
		return v, nil
	case string:
		if n, ok := parseNumber(strings.TrimSpace(v)); ok {
			return n, nil
		}
		_, err := ParseValue(v)
		if err == nil {
			return nil, fail("Cannot use %s as a number", describe(v))
		}
		return nil, fail("%v (while parsing '%s')", err, v)
	}
	return nil, fail("%s cannot be parsed as a number", describe(v))
}

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
