package jq

// loops are the builtins that evaluate a filter again and again.
func loops() map[string]filter {
	return map[string]filter{
		"recurse/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error { return m.recurse(in, out) },
		"recurse/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.recurseBy(args[0], nil, env, in, out)
		},
		"recurse/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.recurseBy(args[0], args[1], env, in, out)
		},
		"repeat/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			for {
				if err := m.work(1); err != nil {
					return err
				}
				if err := args[0].each(m, env, in, out); err != nil {
					return err
				}
			}
		},
		"range/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(to any) error { return m.numbers(0.0, to, 1.0, in, out) })
		},
		"range/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.two(args, env, in, func(from, to any) error { return m.numbers(from, to, 1.0, in, out) })
		},
		"range/3": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.two(args, env, in, func(from, to any) error {
				return m.values(args[2], env, in, func(by any) error { return m.numbers(from, to, by, in, out) })
			})
		},
		"first/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			var first *value
			err := m.until(args[0], env, in, func(v value) (bool, error) { first = &v; return false, nil })
			if err != nil || first == nil {
				return err
			}
			return out(*first)
		},
		"last/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			var last *value
			if err := args[0].each(m, env, in, func(v value) error { last = &v; return nil }); err != nil || last == nil {
				return err
			}
			return out(*last)
		},
		"limit/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(n any) error {
				count, ok := number(n)
				if !ok || count <= 0 {
					return nil
				}
				return m.until(args[1], env, in, func(v value) (bool, error) {
					count--
					return count > 0, out(v)
				})
			})
		},
		"skip/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(n any) error {
				count, _ := number(n)
				return args[1].each(m, env, in, func(v value) error {
					if count--; count >= 0 {
						return nil
					}
					return out(v)
				})
			})
		},
		"until/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.untilHolds(args, env, in, out)
		},
		"while/2": func(m *machine, args []*code, env *scope, in value, out yield) error {
			return m.while(args, env, in, out)
		},
	}
}

// two evaluates two arguments; the first one varies slowest.
func (m *machine) two(args []*code, env *scope, in value, out func(a, b any) error) error {
	return m.values(args[0], env, in, func(a any) error {
		return m.values(args[1], env, in, func(b any) error { return out(a, b) })
	})
}

// stopped is the error by which a filter ends the evaluation of its argument early.
type stopped struct{ by *int }

func (*stopped) Error() string { return "stopped" }

// until evaluates q and lets take end it by returning more = false.
func (m *machine) until(q *code, env *scope, in value, take func(value) (more bool, err error)) error {
	mark := new(int)
	err := q.each(m, env, in, func(v value) error {
		more, err := take(v)
		if err == nil && !more {
			err = &stopped{mark}
		}
		return err
	})
	if s, ok := err.(*stopped); ok && s.by == mark {
		return nil
	}
	return err
}

// numbers is range.
func (m *machine) numbers(from, to, by any, in value, out yield) error {
	a, ok1 := number(from)
	b, ok2 := number(to)
	step, ok3 := number(by)
	if !ok1 || !ok2 || !ok3 {
		return fail("Range bounds must be numeric")
	}
	if step == 0 {
		if a >= b {
			return nil
		}
	}
	for x := a; step >= 0 && x < b || step < 0 && x > b; x += step {
		if err := m.work(1); err != nil {
			return err
		}
		if err := out(in.just(x)); err != nil {
			return err
		}
	}
	return nil
}

// recurseBy yields in and what f makes of it, over and over, for which cond holds.
func (m *machine) recurseBy(f, cond *code, env *scope, in value, out yield) error {
	return m.again(f, cond, env, in, func(in value) (bool, error) {
		if err := m.work(1); err != nil {
			return false, err
		}
		return true, out(in)
	})
}

// while is while(cond; update).
func (m *machine) while(args []*code, env *scope, in value, out yield) error {
	return m.again(args[1], nil, env, in, func(in value) (bool, error) {
		holds := false
		if err := m.values(args[0], env, in, func(c any) error { holds = truthy(c); return nil }); err != nil || !holds {
			return false, err
		}
		return true, out(in)
	})
}

// untilHolds is until(cond; next).
func (m *machine) untilHolds(args []*code, env *scope, in value, out yield) error {
	return m.again(args[1], nil, env, in, func(in value) (bool, error) {
		holds := false
		if err := m.values(args[0], env, in, func(c any) error { holds = truthy(c); return nil }); err != nil {
			return false, err
		}
		if holds {
			return false, out(in)
		}
		return true, nil
	})
}

// again calls visit with in, then with all that f makes of it and for which cond holds (nil: all), then with what f makes
// of those, and so on below each for which visit says so. Of what f makes of a value it goes on with the last one itself:
// a filter with one result is a loop, and no recursion. An error of f, or a break, comes after what f has made before.
func (m *machine) again(f, cond *code, env *scope, in value, visit func(in value) (more bool, err error)) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	for {
		if more, err := visit(in); err != nil || !more {
			return err
		}
		var last *value
		before := func() error { // what came before the last one
			if last == nil {
				return nil
			}
			in := *last
			last = nil
			return m.again(f, cond, env, in, visit)
		}
		err := f.each(m, env, in, func(v value) error {
			if cond != nil {
				keep := false
				if err := m.values(cond, env, v, func(c any) error { keep = keep || truthy(c); return nil }); err != nil || !keep {
					return err
				}
			}
			if err := before(); err != nil {
				return err
			}
			last = &v
			return nil
		})
		if err != nil {
			if err := before(); err != nil {
				return err
			}
		}
		if err != nil || last == nil {
			return err
		}
		in = *last
	}
}
