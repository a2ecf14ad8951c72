package jq

import (
	"slices"

	"github.com/itchyny/gojq"
)

// binder binds the variables of patterns to the parts of v, in a scope within env, and runs body there.
type binder func(m *machine, v any, env *scope, in value, body func(*scope) error) error

// bind compiles source as $x | body.
func (c *compiler) bind(q *gojq.Query, s *names) *code {
	source := c.query(q.Left, s)
	bind, inner := c.patterns(q.Patterns, s)
	body := c.query(q.Right, inner)
	each := func(m *machine, env *scope, in value, out yield) error {
		return m.values(source, env, in, func(v any) error {
			return bind(m, v, env, in, func(env *scope) error { return body.each(m, env, in, out) })
		})
	}
	if len(q.Patterns) > 1 || q.Patterns[0].Name == "" {
		return many(each)
	}
	if weight, light := weigh(source, body); light {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := source.one(m, env, in)
			if err != nil {
				return nil, err
			}
			return body.one(m, &scope{up: env, value: v}, in)
		}, each)
	}
	return many(each)
}

// patterns compiles patterns of which the first that fits counts. What follows has the variables of all of them; those of
// the others are null.
func (c *compiler) patterns(patterns []*gojq.Pattern, s *names) (binder, *names) {
	if len(patterns) == 1 {
		return c.pattern(patterns[0], s)
	}
	var all []string
	for _, p := range patterns {
		for _, name := range patternVariables(p, nil) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	inner := s
	for _, name := range all {
		inner = inner.push(name)
	}
	binders := make([]binder, len(patterns))
	places := make([][]int, len(patterns)) // how far up each variable is in the scope that a pattern makes; -1: nowhere
	for i, p := range patterns {
		bind, own := c.pattern(p, s)
		binders[i] = bind
		for _, name := range all {
			place := -1
			if found, back := own.find(name); found != nil && found.depth > s.size() {
				place = back
			}
			places[i] = append(places[i], place)
		}
	}
	return func(m *machine, v any, env *scope, in value, body func(*scope) error) error {
		for i, bind := range binders {
			err := bind(m, v, env, in, func(own *scope) error {
				joined := env
				for _, place := range places[i] {
					joined = &scope{up: joined}
					if place >= 0 {
						joined.value = own.back(place).value
					}
				}
				return body(joined)
			})
			if _, ok := err.(*Error); !ok || i == len(binders)-1 {
				return err
			}
		}
		return nil
	}, inner
}

func patternVariables(p *gojq.Pattern, names []string) []string {
	if p == nil {
		return names
	}
	if p.Name != "" {
		return append(names, p.Name)
	}
	for _, e := range p.Array {
		names = patternVariables(e, names)
	}
	for _, e := range p.Object {
		if e.Key != "" && e.Key[0] == '$' {
			names = append(names, e.Key)
		}
		names = patternVariables(e.Val, names)
	}
	return names
}

func (c *compiler) pattern(p *gojq.Pattern, s *names) (binder, *names) {
	switch {
	case p.Name != "":
		return bindVariable, s.push(p.Name)
	case p.Array != nil:
		return c.arrayPattern(p.Array, s)
	}
	return c.objectPattern(p.Object, s)
}

func bindVariable(_ *machine, v any, env *scope, _ value, body func(*scope) error) error {
	return body(&scope{up: env, value: v})
}

func (c *compiler) arrayPattern(patterns []*gojq.Pattern, s *names) (binder, *names) {
	bind := func(_ *machine, _ any, env *scope, _ value, body func(*scope) error) error { return body(env) }
	for i, p := range patterns {
		var item binder
		before := bind
		item, s = c.pattern(p, s)
		bind = func(m *machine, v any, env *scope, in value, body func(*scope) error) error {
			return before(m, v, env, in, func(env *scope) error {
				part, err := getIndex(v, float64(i))
				if err != nil {
					return err
				}
				return item(m, part, env, in, body)
			})
		}
	}
	return func(m *machine, v any, env *scope, in value, body func(*scope) error) error {
		if _, ok := v.(*Array); !ok && v != nil {
			return fail("Cannot index %s with number", typeName(v))
		}
		return bind(m, v, env, in, body)
	}, s
}

func (c *compiler) objectPattern(patterns []*gojq.PatternObject, s *names) (binder, *names) {
	bind := func(_ *machine, _ any, env *scope, _ value, body func(*scope) error) error { return body(env) }
	for _, p := range patterns {
		var item binder
		before := bind
		item, s = c.objectEntry(p, s)
		bind = func(m *machine, v any, env *scope, in value, body func(*scope) error) error {
			return before(m, v, env, in, func(env *scope) error { return item(m, v, env, in, body) })
		}
	}
	return bind, s
}

// objectEntry compiles one part of a pattern of an object: $name, or a key and a pattern for its value.
func (c *compiler) objectEntry(p *gojq.PatternObject, s *names) (binder, *names) {
	var key *code
	named := false
	switch {
	case p.KeyQuery != nil:
		key = c.query(p.KeyQuery, s)
	case p.KeyString != nil:
		key = c.string(p.KeyString, "", s)
	case p.Key[0] == '$':
		key, named = constant(p.Key[1:]), true
		s = s.push(p.Key)
	default:
		key = constant(p.Key)
	}
	var item binder
	if p.Val != nil {
		item, s = c.pattern(p.Val, s)
	}
	return func(m *machine, v any, env *scope, in value, body func(*scope) error) error {
		return m.values(key, env, in, func(k any) error {
			name, ok := k.(string)
			if !ok {
				return fail("Cannot index %s with %s", typeName(v), typeName(k))
			}
			part, err := getIndex(v, name)
			if err != nil {
				return err
			}
			inner := env
			if named {
				inner = &scope{up: env, value: part}
			}
			if item == nil {
				return body(inner)
			}
			return item(m, part, inner, in, body)
		})
	}, s
}
