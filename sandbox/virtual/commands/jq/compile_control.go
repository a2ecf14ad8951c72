package jq

import "github.com/itchyny/gojq"

// breakOut unwinds to a label.
type breakOut struct{ label *int }

func (*breakOut) Error() string { return "break" }

// fromBelow carries an error that came from what consumes a value, past the try that the value left.
type fromBelow struct {
	try *int
	err error
}

func (f *fromBelow) Error() string { return f.err.Error() }

func (c *compiler) cond(cond, then *gojq.Query, elif []*gojq.IfElif, otherwise *gojq.Query, s *names) *code {
	condition, yes, no := c.query(cond, s), c.query(then, s), identity
	switch {
	case len(elif) > 0:
		no = c.cond(elif[0].Cond, elif[0].Then, elif[1:], otherwise, s)
	case otherwise != nil:
		no = c.query(otherwise, s)
	}
	each := func(m *machine, env *scope, in value, out yield) error {
		if condition.one == nil {
			return m.values(condition, env, in, func(v any) error {
				if truthy(v) {
					return yes.each(m, env, in, out)
				}
				return no.each(m, env, in, out)
			})
		}
		mark := m.held
		v, err := m.one(condition, env, in.v)
		m.free(mark)
		switch {
		case err != nil:
			return err
		case truthy(v):
			return yes.each(m, env, in, out)
		}
		return no.each(m, env, in, out)
	}
	if weight, light := weigh(condition, yes, no); light {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := condition.one(m, env, in)
			switch {
			case err != nil:
				return nil, err
			case truthy(v):
				return yes.one(m, env, in)
			}
			return no.one(m, env, in)
		}, each)
	}
	return many(each)
}

// logic is "and" and "or": decides is what makes the second one not count.
func logic(decides bool, l, r *code) *code {
	if weight, light := weigh(l, r); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := l.one(m, env, in)
			if err == nil && truthy(v) != decides {
				v, err = r.one(m, env, in)
			}
			return truthy(v), err
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.values(l, env, in, func(v any) error {
			if truthy(v) == decides {
				return out(in.just(decides))
			}
			return m.values(r, env, in, func(v any) error { return out(in.just(truthy(v))) })
		})
	})
}

// alternative is l // r: the true values of l without its errors, or else those of r.
func alternative(l, r *code) *code {
	each := func(m *machine, env *scope, in value, out yield) error {
		found, mark := false, new(int)
		err := l.each(m, env, in, func(v value) error {
			if !truthy(v.v) {
				return nil
			}
			found = true
			if err := out(v); err != nil {
				return &fromBelow{mark, err}
			}
			return nil
		})
		if err != nil {
			if below, ok := err.(*fromBelow); ok && below.try == mark {
				return below.err
			}
			if _, ok := err.(*Error); !ok {
				return err
			}
		}
		if found {
			return nil
		}
		return r.each(m, env, in, out)
	}
	if weight, light := weigh(l, r); light {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := l.one(m, env, in)
			if _, caught := err.(*Error); err != nil && !caught {
				return nil, err
			}
			if err == nil && truthy(v) {
				return v, nil
			}
			return r.one(m, env, in)
		}, each)
	}
	return many(each)
}

// try runs body; an error of its own goes to catch, one from what consumes its values does not. catch may be nil.
func try(body, catch *code) *code {
	caught := func(err error) (any, bool) {
		e, ok := err.(*Error)
		if !ok {
			return nil, false
		}
		if o, ok := e.Value.(*Object); ok && catch != nil {
			if _, isBreak := o.Get("__jq"); isBreak {
				return nil, false
			}
		}
		return e.Value, true
	}
	each := func(m *machine, env *scope, in value, out yield) error {
		var err error
		held := m.held
		if body.one != nil && in.path == nil {
			var v any
			if v, err = m.one(body, env, in.v); err == nil {
				err = out(value{v: v})
				m.free(held)
				return err
			}
		} else {
			mark := new(int)
			err = body.each(m, env, in, func(v value) error {
				if err := out(v); err != nil {
					return &fromBelow{mark, err}
				}
				return nil
			})
			if below, ok := err.(*fromBelow); ok && below.try == mark {
				return below.err
			}
		}
		m.free(held)
		problem, ok := caught(err)
		if !ok {
			return err
		}
		if catch == nil {
			return nil
		}
		return catch.each(m, env, in.just(problem), out)
	}
	if catch != nil {
		if weight, light := weigh(body, catch); light {
			return reached(weight, func(m *machine, env *scope, in any) (any, error) {
				v, err := body.one(m, env, in)
				if problem, ok := caught(err); ok {
					return catch.one(m, env, problem)
				}
				return v, err
			}, each)
		}
	}
	return many(each)
}

func (c *compiler) reduce(r *gojq.Reduce, s *names) *code {
	source, start := c.query(r.Query, s), c.query(r.Start, s)
	bind, inner := c.patterns(r.Patterns, s)
	update := c.query(r.Update, inner)
	fold := func(m *machine, env *scope, in, acc value) (value, error) {
		err := m.values(source, env, in, func(v any) error {
			return bind(m, v, env, in, func(env *scope) error {
				from := acc
				acc = in.just(nil)
				return update.each(m, env, from, func(v value) error { acc = v; return nil })
			})
		})
		return acc, err
	}
	each := func(m *machine, env *scope, in value, out yield) error {
		return start.each(m, env, in, func(acc value) error {
			acc, err := fold(m, env, in, acc)
			if err != nil {
				return err
			}
			return out(acc)
		})
	}
	if weight, light := weigh(start); light {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := start.one(m, env, in)
			if err != nil {
				return nil, err
			}
			acc, err := fold(m, env, value{v: in}, value{v: v})
			return acc.v, err
		}, each)
	}
	return many(each)
}

func (c *compiler) foreach(f *gojq.Foreach, s *names) *code {
	source, start := c.query(f.Query, s), c.query(f.Start, s)
	bind, inner := c.patterns(f.Patterns, s)
	update, extract := c.query(f.Update, inner), identity
	if f.Extract != nil {
		extract = c.query(f.Extract, inner)
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return start.each(m, env, in, func(acc value) error {
			return m.values(source, env, in, func(v any) error {
				return bind(m, v, env, in, func(env *scope) error {
					return update.each(m, env, acc, func(v value) error {
						acc = v
						return extract.each(m, env, v, out)
					})
				})
			})
		})
	})
}

// label compiles a body that may be broken out of: the mark is the last place of its scope.
func label(body *code) *code {
	return many(func(m *machine, env *scope, in value, out yield) error {
		mark := new(int)
		err := body.each(m, &scope{up: env, value: mark}, in, out)
		if brk, ok := err.(*breakOut); ok && brk.label == mark {
			return nil
		}
		return err
	})
}

func (c *compiler) breakTo(name string, s *names) *code {
	found, back := s.find("*" + name)
	if found == nil {
		return c.missing("$*label-" + name[1:])
	}
	return many(func(_ *machine, env *scope, _ value, _ yield) error {
		return &breakOut{env.back(back).value.(*int)}
	})
}
