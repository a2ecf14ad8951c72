package jq

import (
	"math"
	"sort"
	"strings"

	"github.com/itchyny/gojq"
)

// filter is a builtin that evaluates its arguments itself, as loops and paths need.
type filter func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error

// function is a builtin of values: it is called for each combination of its arguments.
type function func(m *machine, in any, args []any) (any, error)

// builtin calls what jq itself provides.
func (m *machine) builtin(f *gojq.Func, key string, env *scope, in value, out yield) error {
	if b, ok := builtins.filters[key]; ok {
		return b(m, f.Args, env, in, out)
	}
	if b, ok := builtins.functions[key]; ok {
		return m.product(f.Args, nil, env, in, func(args []any) error {
			v, err := b(m, in.v, args)
			if err != nil {
				return err
			}
			return m.emit(in, v, out)
		})
	}
	if s := builtins.prelude[key]; s != nil {
		return m.apply(s.def, s, f.Args, 0, s, env, in, out)
	}
	return &CompileError{key + " is not defined"}
}

// product evaluates arguments; the last one varies slowest.
func (m *machine) product(args []*gojq.Query, tail []any, env *scope, in value, out func([]any) error) error {
	if len(args) == 0 {
		return out(tail)
	}
	last := len(args) - 1
	return m.values(args[last], env, in, func(v any) error {
		return m.product(args[:last], append([]any{v}, tail...), env, in, out)
	})
}

// two evaluates two arguments; the first one varies slowest.
func (m *machine) two(args []*gojq.Query, env *scope, in value, out func(a, b any) error) error {
	return m.values(args[0], env, in, func(a any) error {
		return m.values(args[1], env, in, func(b any) error { return out(a, b) })
	})
}

// stopped is the error by which a filter ends the evaluation of its argument early.
type stopped struct{ by *int }

func (*stopped) Error() string { return "stopped" }

// until evaluates q and lets take end it by returning more = false.
func (m *machine) until(q *gojq.Query, env *scope, in value, take func(value) (more bool, err error)) error {
	mark := new(int)
	err := m.query(q, env, in, func(v value) error {
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

func filtersTable() map[string]filter {
	return map[string]filter{
		"empty/0": func(*machine, []*gojq.Query, *scope, value, yield) error { return nil },
		"error/0": func(_ *machine, _ []*gojq.Query, _ *scope, in value, _ yield) error { return &Error{in.v} },
		"error/1": func(m *machine, args []*gojq.Query, env *scope, in value, _ yield) error {
			return m.values(args[0], env, in, func(v any) error { return &Error{v} })
		},
		"not/0": func(_ *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			return out(in.just(!truthy(in.v)))
		},
		"select/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(v any) error {
				if truthy(v) {
					return out(in)
				}
				return nil
			})
		},
		"map/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			items := []any{}
			held := 0
			defer func() { m.budget.Release(held) }()
			err := m.iterate(value{v: in.v}, func(v value) error {
				return m.values(args[0], env, v, func(v any) error {
					size := shallowSize(v)
					held += size
					items = append(items, v)
					return m.budget.Hold(size)
				})
			})
			if err != nil {
				return err
			}
			return out(in.just(NewArray(items)))
		},
		"recurse/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error { return m.recurse(in, out) },
		"recurse/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.recurseBy(args[0], nil, env, in, out)
		},
		"recurse/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.recurseBy(args[0], args[1], env, in, out)
		},
		"repeat/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			for {
				if err := m.budget.Work(1); err != nil {
					return err
				}
				if err := m.query(args[0], env, in, out); err != nil {
					return err
				}
			}
		},
		"range/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(to any) error { return m.numbers(0.0, to, 1.0, in, out) })
		},
		"range/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.two(args, env, in, func(from, to any) error { return m.numbers(from, to, 1.0, in, out) })
		},
		"range/3": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.two(args, env, in, func(from, to any) error {
				return m.values(args[2], env, in, func(by any) error { return m.numbers(from, to, by, in, out) })
			})
		},
		"first/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			var first *value
			err := m.until(args[0], env, in, func(v value) (bool, error) { first = &v; return false, nil })
			if err != nil || first == nil {
				return err
			}
			return out(*first)
		},
		"last/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			var last *value
			if err := m.query(args[0], env, in, func(v value) error { last = &v; return nil }); err != nil || last == nil {
				return err
			}
			return out(*last)
		},
		"limit/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
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
		"skip/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.values(args[0], env, in, func(n any) error {
				count, _ := number(n)
				return m.query(args[1], env, in, func(v value) error {
					if count--; count >= 0 {
						return nil
					}
					return out(v)
				})
			})
		},
		"until/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.loopUntil(args, env, in, out)
		},
		"while/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.recurseWhile(args, env, in, out)
		},
		"isempty/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			empty := true
			err := m.until(args[0], env, value{v: in.v}, func(value) (bool, error) { empty = false; return false, nil })
			if err != nil {
				return err
			}
			return out(in.just(empty))
		},
		"any/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.anyAll(true, args, env, in, out)
		},
		"all/2": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.anyAll(false, args, env, in, out)
		},
		"path/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			return m.paths(args[0], env, in.v, func(keys []any, _ any) error { return out(in.just(NewArray(keys))) })
		},
		"paths/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			return m.recurse(value{in.v, &path{}}, func(v value) error {
				if v.path.up == nil {
					return nil
				}
				return out(in.just(NewArray(v.path.list())))
			})
		},
		"del/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
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
		"pick/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			var picked any
			err := m.paths(args[0], env, in.v, func(keys []any, v any) error {
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
		"map_values/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			each := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: []*gojq.Suffix{{Iter: true}}}}
			v, err := m.modify(each, env, in.v, func(old any, set func(any) error) error {
				return m.values(args[0], env, value{v: old}, set)
			})
			if err != nil {
				return err
			}
			return out(in.just(v))
		},
		"getpath/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
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
		"input/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			v, ok, err := m.world.Input()
			if err != nil {
				return err
			}
			if !ok {
				return fail("No more inputs")
			}
			return out(in.just(v))
		},
		"inputs/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			for {
				v, ok, err := m.world.Input()
				if err != nil || !ok {
					return err
				}
				if err := out(in.just(v)); err != nil {
					return err
				}
			}
		},
		"debug/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			m.world.Stderr(toJSON(NewArray([]any{"DEBUG:", in.v})) + "\n")
			return out(in)
		},
		"debug/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			err := m.values(args[0], env, in, func(v any) error {
				m.world.Stderr(toJSON(NewArray([]any{"DEBUG:", v})) + "\n")
				return nil
			})
			if err != nil {
				return err
			}
			return out(in)
		},
		"stderr/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			m.world.Stderr(toString(in.v))
			return out(in)
		},
		"input_filename/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			file, _ := m.world.Position()
			return out(in.just(file))
		},
		"input_line_number/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			_, line := m.world.Position()
			return out(in.just(float64(line)))
		},
		"halt/0": func(*machine, []*gojq.Query, *scope, value, yield) error { return &Halt{Silent: true} },
		"halt_error/0": func(_ *machine, _ []*gojq.Query, _ *scope, in value, _ yield) error {
			return &Halt{Status: 5, Value: in.v}
		},
		"halt_error/1": func(m *machine, args []*gojq.Query, env *scope, in value, _ yield) error {
			return m.values(args[0], env, in, func(v any) error {
				status, ok := number(v)
				if !ok {
					return fail("halt_error/1: number required")
				}
				return &Halt{Status: int(status), Value: in.v}
			})
		},
		"sort_by/1":   by(func(_ *machine, a []keyed) (any, error) { return unkey(a), nil }),
		"group_by/1":  by(func(_ *machine, a []keyed) (any, error) { return NewArray(groups(a)), nil }),
		"unique_by/1": by(func(_ *machine, a []keyed) (any, error) { return unique(a), nil }),
		"min_by/1": by(func(_ *machine, a []keyed) (any, error) {
			if len(a) == 0 {
				return nil, nil
			}
			return a[0].item, nil
		}),
		"max_by/1": by(func(_ *machine, a []keyed) (any, error) {
			if len(a) == 0 {
				return nil, nil
			}
			return a[len(a)-1].item, nil
		}),
		"env/0": func(m *machine, _ []*gojq.Query, _ *scope, in value, out yield) error {
			return out(in.just(m.world.Env))
		},
		"add/1": func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
			var sum any
			err := m.values(args[0], env, in, func(v any) (err error) { sum, err = m.add(sum, v); return err })
			if err != nil {
				return err
			}
			return m.emit(in, sum, out)
		},
		"match/1":   matcher(false, emitMatches),
		"match/2":   matcher(false, emitMatches),
		"test/1":    matcher(false, emitTest),
		"test/2":    matcher(false, emitTest),
		"capture/1": matcher(false, emitCaptures),
		"capture/2": matcher(false, emitCaptures),
		"scan/1":    matcher(true, emitScan),
		"scan/2":    matcher(true, emitScan),
		"splits/1":  matcher(true, emitSplits),
		"splits/2":  matcher(true, emitSplits),
		"split/2": matcher(true, func(m *machine, in value, found []match, out yield) error {
			items := []any{}
			err := emitSplits(m, value{v: in.v}, found, func(v value) error { items = append(items, v.v); return nil })
			if err != nil {
				return err
			}
			return out(in.just(NewArray(items)))
		}),
		"sub/2":  substitute(false),
		"sub/3":  substitute(false),
		"gsub/2": substitute(true),
		"gsub/3": substitute(true),
	}
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
		if err := m.budget.Work(1); err != nil {
			return err
		}
		if err := out(in.just(x)); err != nil {
			return err
		}
	}
	return nil
}

// recurseBy yields in and what f makes of it, over and over, for which cond holds. A filter with one result is a loop.
func (m *machine) recurseBy(f, cond *gojq.Query, env *scope, in value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	for {
		if err := m.budget.Work(1); err != nil {
			return err
		}
		if err := out(in); err != nil {
			return err
		}
		var pending *value
		err := m.query(f, env, in, func(v value) error {
			if cond != nil {
				keep := false
				if err := m.values(cond, env, v, func(c any) error { keep = keep || truthy(c); return nil }); err != nil || !keep {
					return err
				}
			}
			if pending != nil {
				if err := m.recurseBy(f, cond, env, *pending, out); err != nil {
					return err
				}
			}
			pending = &v
			return nil
		})
		if err != nil && pending != nil {
			if _, ok := err.(*Error); ok {
				if err := m.recurseBy(f, cond, env, *pending, out); err != nil {
					return err
				}
			}
		}
		if err != nil || pending == nil {
			return err
		}
		in = *pending
	}
}

// recurseWhile is while(cond; update).
func (m *machine) recurseWhile(args []*gojq.Query, env *scope, in value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	for {
		keep := false
		if err := m.values(args[0], env, in, func(c any) error { keep = truthy(c); return nil }); err != nil || !keep {
			return err
		}
		if err := out(in); err != nil {
			return err
		}
		var pending *value
		err := m.query(args[1], env, in, func(v value) error {
			if pending != nil {
				if err := m.recurseWhile(args, env, *pending, out); err != nil {
					return err
				}
			}
			pending = &v
			return nil
		})
		if err != nil || pending == nil {
			return err
		}
		in = *pending
	}
}

// loopUntil is until(cond; next).
func (m *machine) loopUntil(args []*gojq.Query, env *scope, in value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	for {
		done := false
		if err := m.values(args[0], env, in, func(c any) error { done = truthy(c); return nil }); err != nil {
			return err
		}
		if done {
			return out(in)
		}
		var pending *value
		err := m.query(args[1], env, in, func(v value) error {
			if pending != nil {
				if err := m.loopUntil(args, env, *pending, out); err != nil {
					return err
				}
			}
			pending = &v
			return nil
		})
		if err != nil || pending == nil {
			return err
		}
		in = *pending
	}
}

// anyAll is any(generator; condition) and all(generator; condition): want is what ends the search.
func (m *machine) anyAll(want bool, args []*gojq.Query, env *scope, in value, out yield) error {
	result := !want
	err := m.until(args[0], env, value{v: in.v}, func(v value) (bool, error) {
		err := m.values(args[1], env, v, func(c any) error {
			if truthy(c) == want {
				result = want
			}
			return nil
		})
		return result != want, err
	})
	if err != nil {
		return err
	}
	return out(in.just(result))
}

type keyed struct{ key, item any }

// by makes a builtin that sorts the elements of its input by what its argument yields for them.
func by(finish func(*machine, []keyed) (any, error)) filter {
	return func(m *machine, args []*gojq.Query, env *scope, in value, out yield) error {
		a, ok := in.v.(*Array)
		if !ok {
			return fail("Cannot index %s with number", typeName(in.v))
		}
		list := make([]keyed, len(a.items))
		for i, item := range a.items {
			keys := []any{}
			err := m.values(args[0], env, value{v: item}, func(k any) error { keys = append(keys, k); return nil })
			if err != nil {
				return err
			}
			list[i] = keyed{NewArray(keys), item}
		}
		v, err := m.sorted(list)
		if err != nil {
			return err
		}
		result, err := finish(m, v)
		if err != nil {
			return err
		}
		return out(in.just(result))
	}
}

// sorted sorts stably by key.
func (m *machine) sorted(list []keyed) ([]keyed, error) {
	if err := m.budget.Work(len(list) * (1 + int(math.Log2(float64(len(list)+1))))); err != nil {
		return nil, err
	}
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i].key, list[j].key) < 0 })
	return list, nil
}

func unkey(list []keyed) *Array {
	items := make([]any, len(list))
	for i, k := range list {
		items[i] = k.item
	}
	return NewArray(items)
}

func groups(list []keyed) []any {
	out := []any{}
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && compare(list[i].key, list[j].key) == 0 {
			j++
		}
		out = append(out, unkey(list[i:j]))
		i = j
	}
	return out
}

func unique(list []keyed) *Array {
	out := []any{}
	for i, k := range list {
		if i == 0 || compare(list[i-1].key, k.key) != 0 {
			out = append(out, k.item)
		}
	}
	return NewArray(out)
}

// lower and upper change ASCII letters alone.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
