package jq

// pathFilters are the builtins that ask where values are.
func pathFilters() map[string]filter {
	return map[string]filter{
		"path/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.paths(args[0], env, in.v, func(keys []any, _ any) error { return out(in.just(NewArray(keys))) })
		},
		"paths/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			return m.recurse(value{in.v, &path{}}, func(v value) error {
				if v.path.up == nil {
					return nil
				}
				return out(in.just(NewArray(v.path.list())))
			})
		},
		"getpath/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(p any) error {
				keys, ok := p.(*Array)
				if !ok {
					return fail("Path must be specified as an array")
				}
				v, err := getPath(in.v, keys.items)
				if err != nil {
					return err
				}
				if in.path == nil {
					return out(value{v: v})
				}
				if in.path.off {
					return fail("Invalid path expression near attempt to access element %s of %s", toJSON(p), brief(in.v))
				}
				at := in.path
				for _, k := range keys.items {
					at = &path{up: at, key: k}
				}
				return out(value{v, at})
			})
		},
		"del/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			var gone []any
			err := m.paths(args[0], env, in.v, func(keys []any, _ any) error { gone = append(gone, NewArray(keys)); return nil })
			if err != nil {
				return err
			}
			v, err := deletePaths(in.v, gone)
			if err != nil {
				return err
			}
			return out(in.just(v))
		},
		"pick/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			var picked any
			err := m.paths(args[0], env, in.v, func(keys []any, _ any) error {
				v, err := getPath(in.v, keys)
				if err == nil {
					picked, err = owned(nil).setPath(picked, keys, v)
				}
				return err
			})
			if err != nil {
				return err
			}
			return out(in.just(picked))
		},
	}
}
