package jq

import "github.com/itchyny/gojq"

// pair compiles what is computed of two values; r varies slowest.
func pair(l, r *code, f func(m *machine, l, r any) (any, error)) *code {
	if weight, light := weigh(l, r); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			b := r.known
			if !r.constant {
				var err error
				if b, err = r.one(m, env, in); err != nil {
					return nil, err
				}
			}
			a, err := l.one(m, env, in)
			if err != nil {
				return nil, err
			}
			v, err := f(m, a, b)
			if err != nil {
				return nil, err
			}
			return v, m.hold(v)
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.values(r, env, in, func(b any) error {
			return m.values(l, env, in, func(a any) error {
				v, err := f(m, a, b)
				if err != nil {
					return err
				}
				return m.emit(in, v, out)
			})
		})
	})
}

// operation is arithmetic and comparison.
func operation(op gojq.Operator, l, r *code) *code {
	return pair(l, r, func(m *machine, l, r any) (any, error) { return m.binary(op, l, r) })
}
