package jq

import "math"

// functions are the builtins that make one value of their input and their arguments' values.
func functions() map[string]function {
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
		"contains/1":      func(m *machine, in any, args []any) (any, error) { return m.contains(in, args[0]) },
		"add/0":           func(m *machine, in any, _ []any) (any, error) { return m.sum(in) },
		"to_entries/0":    func(_ *machine, in any, _ []any) (any, error) { return toEntries(in) },
		"from_entries/0":  func(_ *machine, in any, _ []any) (any, error) { return fromEntries(in) },
		"reverse/0":       func(_ *machine, in any, _ []any) (any, error) { return reverse(in) },
		"transpose/0":     func(_ *machine, in any, _ []any) (any, error) { return transpose(in) },
		"flatten/0":       func(m *machine, in any, _ []any) (any, error) { return flatten(in, math.Inf(1)) },
		"flatten/1": func(m *machine, in any, args []any) (any, error) {
			if compare(args[0], 0.0) < 0 {
				return nil, fail("flatten depth must not be negative")
			}
			depth, ok := number(args[0])
			if !ok {
				depth = math.Inf(1)
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
		"env/0":      func(m *machine, _ any, _ []any) (any, error) { return m.world.Env, nil },
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
