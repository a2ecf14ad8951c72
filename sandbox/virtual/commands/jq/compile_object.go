package jq

import (
	"slices"

	"github.com/itchyny/gojq"
)

// entry is a key and a value of an object that is constructed.
type entry struct {
	key   *code
	early bool  // the key is checked before the value is evaluated
	val   *code // nil: what the input has for the key
}

func (c *compiler) object(o *gojq.Object, s *names) *code {
	entries := make([]entry, len(o.KeyVals))
	for i, kv := range o.KeyVals {
		e := &entries[i]
		switch {
		case kv.KeyQuery != nil:
			e.key, e.early = c.query(kv.KeyQuery, s), true
		case kv.KeyString != nil:
			e.key = c.string(kv.KeyString, "", s)
		case kv.Key[0] != '$':
			e.key = constant(kv.Key)
		case kv.Val == nil:
			e.key, e.val = constant(kv.Key[1:]), c.variable(kv.Key, s)
			continue
		default:
			e.key = c.variable(kv.Key, s)
		}
		switch {
		case kv.Val != nil:
			e.val = c.query(kv.Val, s)
		case e.key.constant:
			e.val = index(identity, e.key)
		}
	}
	if code := constantKeys(entries); code != nil {
		return code
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.object(entries, NewObject(), env, in, out)
	})
}

// constantKeys compiles an object whose keys are known and whose values are one each; nil if it is none. All objects that
// it makes share their keys.
func constantKeys(entries []entry) *code {
	k, weight := &keys{}, 1
	vals := make([]*code, len(entries))
	for i, e := range entries {
		name, ok := e.key.known.(string)
		if !ok || e.val == nil || e.val.one == nil || slices.Contains(k.names, name) {
			return nil
		}
		k.names, vals[i] = append(k.names, name), e.val
		weight += e.val.weight
	}
	if weight > maxWeight {
		return nil
	}
	return computed(weight, func(m *machine, env *scope, in any) (any, error) {
		made := take(&m.slabs.vals, len(vals))
		for i, val := range vals {
			var err error
			if made[i], err = val.one(m, env, in); err != nil {
				return nil, err
			}
		}
		o := &take(&m.slabs.objects, 1)[0]
		o.keys, o.vals = k, made
		return o, nil
	})
}

// object adds entries to o; each combination of their values makes one.
func (m *machine) object(entries []entry, o *Object, env *scope, in value, out yield) error {
	if len(entries) == 0 {
		return out(in.just(o))
	}
	e := entries[0]
	return m.values(e.key, env, in, func(key any) error {
		name, ok := key.(string)
		if e.val == nil {
			v, err := getIndex(in.v, key)
			if err != nil {
				return err
			}
			return m.object(entries[1:], o.With(name, v), env, in, out)
		}
		if e.early && !ok {
			return fail("Object keys must be strings")
		}
		return m.values(e.val, env, in, func(v any) error {
			if !ok {
				return fail("Object keys must be strings")
			}
			return m.object(entries[1:], o.With(name, v), env, in, out)
		})
	})
}

// array compiles [q].
func (c *compiler) array(a *gojq.Array, s *names) *code {
	if a.Query == nil {
		return computed(1, func(*machine, *scope, any) (any, error) { return NewArray(nil), nil })
	}
	q := c.query(a.Query, s)
	return computed(1, func(m *machine, env *scope, in any) (any, error) {
		return m.collect(q, env, in)
	})
}

// collect gathers what q yields.
func (m *machine) collect(q *code, env *scope, in any) (*Array, error) {
	if q.one != nil {
		v, err := m.one(q, env, in)
		return NewArray([]any{v}), err
	}
	l := list{machine: m}
	return l.array(q.each(m, env, value{v: in}, func(v value) error { return l.add(v.v) }))
}

// list grows, and its memory counts while it does.
type list struct {
	*machine
	items     []any
	held, due int
}

// holdStep is how much memory a list takes before it tells the budget, and how much a value takes that counts, in bytes.
const holdStep = 4096

func (l *list) add(v any) error {
	l.items = append(l.items, v)
	if l.due += shallowSize(v); l.due < holdStep {
		return nil
	}
	due := l.due
	l.held, l.due = l.held+due, 0
	return l.budget.Hold(due)
}

// array ends the list. From now on the machine holds it.
func (l *list) array(err error) (*Array, error) {
	l.machine.held += l.held
	return NewArray(l.items), err
}
