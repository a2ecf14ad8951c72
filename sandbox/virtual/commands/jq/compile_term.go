package jq

import (
	"strings"

	"github.com/itchyny/gojq"
)

var identity = reached(1, func(_ *machine, _ *scope, in any) (any, error) { return in, nil },
	func(_ *machine, _ *scope, in value, out yield) error { return out(in) })

// term compiles t and its suffixes.
func (c *compiler) term(t *gojq.Term, s *names) *code {
	code := c.bare(t, s)
	for _, x := range t.SuffixList {
		switch {
		case x.Optional:
			code = try(code, nil)
		case x.Iter:
			code = iterate(code)
		default:
			code = index(code, c.key(x.Index, s))
		}
	}
	return code
}

// bare compiles t without its suffixes.
func (c *compiler) bare(t *gojq.Term, s *names) *code {
	switch t.Type {
	case gojq.TermTypeRecurse:
		return many(func(m *machine, _ *scope, in value, out yield) error { return m.recurse(in, out) })
	case gojq.TermTypeNull:
		return constant(nil)
	case gojq.TermTypeTrue:
		return constant(true)
	case gojq.TermTypeFalse:
		return constant(false)
	case gojq.TermTypeNumber:
		v, _ := parseNumber(t.Number)
		return constant(v)
	case gojq.TermTypeIndex:
		return index(identity, c.key(t.Index, s))
	case gojq.TermTypeFunc:
		return c.call(t.Func, s)
	case gojq.TermTypeObject:
		return c.object(t.Object, s)
	case gojq.TermTypeArray:
		return c.array(t.Array, s)
	case gojq.TermTypeUnary:
		return c.unary(t.Unary, s)
	case gojq.TermTypeString:
		return c.string(t.Str, "", s)
	case gojq.TermTypeFormat:
		if t.Str != nil {
			return c.string(t.Str, t.Format, s)
		}
		return computed(1, func(_ *machine, _ *scope, in any) (any, error) { return format(t.Format, in) })
	case gojq.TermTypeIf:
		return c.cond(t.If.Cond, t.If.Then, t.If.Elif, t.If.Else, s)
	case gojq.TermTypeTry:
		body := c.query(t.Try.Body, s)
		if t.Try.Catch == nil {
			return try(body, nil)
		}
		return try(body, c.query(t.Try.Catch, s))
	case gojq.TermTypeReduce:
		return c.reduce(t.Reduce, s)
	case gojq.TermTypeForeach:
		return c.foreach(t.Foreach, s)
	case gojq.TermTypeLabel:
		return label(c.query(t.Label.Body, s.push("*"+t.Label.Ident)))
	case gojq.TermTypeBreak:
		return c.breakTo(t.Break, s)
	case gojq.TermTypeQuery:
		return c.query(t.Query, s)
	}
	return identity
}

// key compiles what is between the brackets of an index.
func (c *compiler) key(x *gojq.Index, s *names) *code {
	switch {
	case x.Name != "":
		return constant(x.Name)
	case x.Str != nil:
		return c.string(x.Str, "", s)
	case !x.IsSlice:
		return c.query(x.Start, s)
	}
	return pair(c.query(x.Start, s), c.query(x.End, s), func(_ *machine, start, end any) (any, error) {
		return NewObject("start", start, "end", end), nil
	})
}

// index is what key leads to from the values of base.
func index(base, key *code) *code {
	each := func(m *machine, env *scope, in value, out yield) error {
		return m.values(key, env, in, func(key any) error {
			return base.each(m, env, in, func(v value) error { return m.step(v, key, out) })
		})
	}
	weight, light := weigh(base, key)
	if !light {
		return many(each)
	}
	if name, ok := key.known.(string); ok {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v := in
			if base != identity {
				var err error
				if v, err = base.one(m, env, in); err != nil {
					return nil, err
				}
			}
			if o, ok := v.(*Object); ok {
				item, _ := o.Get(name)
				return item, nil
			}
			return getIndex(v, name)
		}, each)
	}
	return reached(weight, func(m *machine, env *scope, in any) (any, error) {
		k, err := key.one(m, env, in)
		if err != nil {
			return nil, err
		}
		v, err := base.one(m, env, in)
		if err != nil {
			return nil, err
		}
		return getIndex(v, k)
	}, each)
}

// iterate is base[].
func iterate(base *code) *code {
	return many(func(m *machine, env *scope, in value, out yield) error {
		if in.path != nil || base.one == nil {
			return base.each(m, env, in, func(v value) error { return m.iterate(v, out) })
		}
		mark := m.held
		v, err := m.one(base, env, in.v)
		if err == nil {
			err = m.iterate(value{v: v}, out)
		}
		m.free(mark)
		return err
	})
}

func (c *compiler) unary(u *gojq.Unary, s *names) *code {
	apply := func(v any) (any, error) {
		f, ok := number(v)
		switch {
		case !ok:
			return nil, fail("%s cannot be negated", describe(v))
		case u.Op == gojq.OpSub:
			return -f, nil
		}
		return v, nil
	}
	term := c.term(u.Term, s)
	if term.constant {
		if v, err := apply(term.known); err == nil {
			return constant(v)
		}
	}
	if weight, light := weigh(term); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := term.one(m, env, in)
			if err != nil {
				return nil, err
			}
			return apply(v)
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.values(term, env, in, func(v any) error {
			v, err := apply(v)
			if err != nil {
				return err
			}
			return out(in.just(v))
		})
	})
}

// string compiles a string; what is interpolated goes through the format, or tostring.
func (c *compiler) string(t *gojq.String, name string, s *names) *code {
	if t.Queries == nil {
		return constant(t.Str)
	}
	parts := make([]*code, len(t.Queries))
	literal := make([]bool, len(t.Queries))
	for i, q := range t.Queries {
		parts[i] = c.query(q, s)
		literal[i] = q.Term != nil && q.Term.Type == gojq.TermTypeString && q.Term.Str.Queries == nil && len(q.Term.SuffixList) == 0
	}
	text := func(i int, v any) (string, error) {
		if name != "" && !literal[i] {
			return format(name, v)
		}
		return toString(v), nil
	}
	if weight, light := weigh(parts...); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			texts := make([]string, len(parts))
			size := 0
			for i := len(parts) - 1; i >= 0; i-- {
				v, err := parts[i].one(m, env, in)
				if err == nil {
					texts[i], err = text(i, v)
				}
				if err != nil {
					return nil, err
				}
				size += len(texts[i])
			}
			return strings.Join(texts, ""), m.work(size)
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		var part func(i int, tail string) error
		// jq runs the last part outermost.
		part = func(i int, tail string) error {
			if i < 0 {
				return m.emit(in, tail, out)
			}
			return m.values(parts[i], env, in, func(v any) error {
				head, err := text(i, v)
				if err == nil {
					err = m.work(len(head) + len(tail))
				}
				if err != nil {
					return err
				}
				return part(i-1, head+tail)
			})
		}
		return part(len(parts)-1, "")
	})
}
