package jq

import "github.com/itchyny/gojq"

// basics are the builtins that nearly every program has.
func basics() map[string]build {
	return map[string]build{
		"empty/0": func([]*code) *code {
			return &code{each: func(*machine, *scope, value, yield) error { return nil }}
		},
		"error/0": func([]*code) *code {
			return computed(1, func(_ *machine, _ *scope, in any) (any, error) { return nil, &Error{in} })
		},
		"error/1": filter(func(m *machine, args []*code, env *scope, in value, _ yield) error {
			return m.values(args[0], env, in, func(v any) error { return &Error{v} })
		}).build,
		"not/0": func([]*code) *code {
			return computed(1, func(_ *machine, _ *scope, in any) (any, error) { return !truthy(in), nil })
		},
		"select/1": func(args []*code) *code { return choose(args[0]) },
		"map/1": func(args []*code) *code {
			return computed(1, func(m *machine, env *scope, in any) (any, error) { return m.mapped(args[0], env, in) })
		},
		"map_values/1": func(args []*code) *code { return assignment(gojq.OpModify, iterate(identity), args[0]) },
		"add/1": func(args []*code) *code {
			return computed(1, func(m *machine, env *scope, in any) (sum any, err error) {
				err = m.values(args[0], env, value{v: in}, func(v any) (err error) { sum, err = m.add(sum, v); return err })
				return sum, err
			})
		},
		"isempty/1": func(args []*code) *code {
			return computed(1, func(m *machine, env *scope, in any) (any, error) {
				empty := true
				err := m.until(args[0], env, value{v: in}, func(value) (bool, error) { empty = false; return false, nil })
				return empty, err
			})
		},
		"any/2": func(args []*code) *code { return anyAll(true, args[0], args[1]) },
		"all/2": func(args []*code) *code { return anyAll(false, args[0], args[1]) },
	}
}

// choose is select.
func choose(condition *code) *code {
	return many(func(m *machine, env *scope, in value, out yield) error {
		if condition.one == nil {
			return m.values(condition, env, in, func(v any) error {
				if truthy(v) {
					return out(in)
				}
				return nil
			})
		}
		mark := m.held
		v, err := m.one(condition, env, in.v)
		m.free(mark)
		if err != nil || !truthy(v) {
			return err
		}
		return out(in)
	})
}

// mapped is map.
func (m *machine) mapped(f *code, env *scope, in any) (any, error) {
	l := list{machine: m, items: []any{}}
	if a, ok := in.(*Array); ok {
		l.items = make([]any, 0, len(a.items))
	}
	add := func(v value) error { return l.add(v.v) }
	err := m.iterate(value{v: in}, func(v value) error {
		if f.one != nil {
			mark := m.held
			x, err := m.one(f, env, v.v)
			m.free(mark)
			if err != nil {
				return err
			}
			return l.add(x)
		}
		return f.each(m, env, v, add)
	})
	return l.array(err)
}

// anyAll is any(generator; condition) and all(generator; condition): want is what ends it.
func anyAll(want bool, from, condition *code) *code {
	return computed(1, func(m *machine, env *scope, in any) (any, error) {
		result := !want
		err := m.until(from, env, value{v: in}, func(v value) (bool, error) {
			err := m.values(condition, env, v, func(c any) error {
				if truthy(c) == want {
					result = want
				}
				return nil
			})
			return result != want, err
		})
		return result, err
	})
}
