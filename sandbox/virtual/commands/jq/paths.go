package jq

// path is a list of keys, last first. The root's parent is itself; off is a value that is no part of the input.
type path struct {
	up  *path
	key any
	off bool
}

// list turns a path into keys, first key first.
func (p *path) list() []any {
	n := 0
	for q := p; q.up != nil; q = q.up {
		n++
	}
	keys := make([]any, n)
	for q := p; q.up != nil; q = q.up {
		n--
		keys[n] = q.key
	}
	return keys
}

// step follows one key from v, with its path while paths are wanted.
func (m *machine) step(v value, key any, out yield) error {
	if v.path != nil && v.path.off {
		return fail("Invalid path expression near attempt to access element %s of %s", toJSON(key), brief(v.v))
	}
	next, err := getIndex(v.v, key)
	if err != nil {
		return err
	}
	if v.path == nil {
		return out(value{v: next})
	}
	return out(value{next, &path{up: v.path, key: key}})
}

// iterate is .[]
func (m *machine) iterate(v value, out yield) error {
	if v.path != nil && v.path.off {
		return fail("Invalid path expression near attempt to iterate through %s", brief(v.v))
	}
	var items []any
	var names []string // of an object
	switch c := v.v.(type) {
	case *Array:
		items = c.items
	case *Object:
		items, names = c.vals, c.Names()
	default:
		return fail("Cannot iterate over %s", describe(v.v))
	}
	for i, item := range items {
		if err := m.work(1); err != nil {
			return err
		}
		child := value{v: item}
		switch {
		case v.path == nil:
		case names != nil:
			child.path = &path{up: v.path, key: names[i]}
		default:
			child.path = &path{up: v.path, key: float64(i)}
		}
		if err := out(child); err != nil {
			return err
		}
	}
	return nil
}

// recurse is "..": v and all below it.
func (m *machine) recurse(v value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	if err := out(v); err != nil {
		return err
	}
	switch v.v.(type) {
	case *Array, *Object:
		return m.iterate(v, func(v value) error { return m.recurse(v, out) })
	}
	return nil
}

// paths evaluates q as a path expression on in.
func (m *machine) paths(q *code, env *scope, in any, out func(keys []any, v any) error) error {
	return q.each(m, env, value{in, &path{}}, func(v value) error {
		if v.path.off {
			return fail("Invalid path expression with result %s", brief(v.v))
		}
		return out(v.path.list(), v.v)
	})
}
