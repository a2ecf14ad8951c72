package jq

import "github.com/itchyny/gojq"

// assignment is =, |=, += and their like.
func assignment(op gojq.Operator, l, r *code) *code {
	if op == gojq.OpModify {
		return computed(1, func(m *machine, env *scope, in any) (any, error) {
			return m.modify(l, env, in, func(old any, set func(any) error) error { return m.values(r, env, value{v: old}, set) })
		})
	}
	assign := func(m *machine, env *scope, in, v any) (any, error) {
		return m.modify(l, env, in, func(old any, set func(any) error) error {
			switch {
			case op == gojq.OpAssign:
				return set(v)
			case op == gojq.OpUpdateAlt && truthy(old):
				return set(old)
			case op == gojq.OpUpdateAlt:
				return set(v)
			}
			v, err := m.binary(op-gojq.OpUpdateAdd+gojq.OpAdd, old, v)
			if err != nil {
				return err
			}
			return set(v)
		})
	}
	if weight, light := weigh(r); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := r.one(m, env, in)
			if err != nil {
				return nil, err
			}
			return assign(m, env, in, v)
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.values(r, env, in, func(v any) error {
			v, err := assign(m, env, in.v, v)
			if err != nil {
				return err
			}
			return out(in.just(v))
		})
	})
}

// enough stops an update after its first value.
type enough struct{}

func (enough) Error() string { return "enough" }

// modify replaces what each path of q leads to by the first value that change sets, or deletes it where there is none.
func (m *machine) modify(q *code, env *scope, in any, change func(old any, set func(any) error) error) (any, error) {
	tree := in
	own := owned{}
	var gone []any
	err := m.paths(q, env, in, func(keys []any, _ any) error {
		old, err := getPath(tree, keys)
		if err != nil {
			return err
		}
		if own[old] {
			clear(own)
		}
		var set bool
		var v any
		err = change(old, func(x any) error { v, set = x, true; return enough{} })
		if _, ok := err.(enough); err != nil && !ok {
			return err
		}
		if !set {
			gone = append(gone, NewArray(keys))
			return nil
		}
		tree, err = own.setPath(tree, keys, v)
		return err
	})
	if err != nil || len(gone) == 0 {
		return tree, err
	}
	return deletePaths(tree, gone)
}

// owned are containers that an update has made itself and may change in place.
type owned map[any]bool

func (own owned) setPath(v any, keys []any, set any) (any, error) {
	if len(keys) == 0 {
		return set, nil
	}
	old, err := getIndex(v, keys[0])
	if err != nil {
		return nil, err
	}
	item, err := own.setPath(old, keys[1:], set)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case *Array:
		if f, ok := number(keys[0]); ok && own[v] && f >= 0 && int(f) < len(c.items) {
			c.items[int(f)] = item
			return c, nil
		}
	case *Object:
		if name, ok := keys[0].(string); ok && own[v] {
			if i := c.find(name); i >= 0 {
				c.vals[i] = item
				return c, nil
			}
		}
	}
	v, err = setIndex(v, keys[0], item)
	if err == nil && own != nil {
		own[v] = true
	}
	return v, err
}
