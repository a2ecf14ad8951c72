package jq

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/itchyny/gojq"
)

// builtins are all that jq provides, by NAME/ARITY.
type builtins struct {
	made    map[string]build
	written map[string]*definition // in jq: prelude.go
}

// build makes the code of a call from its arguments'.
type build func(args []*code) *code

// filter is a builtin with any number of values.
type filter func(m *machine, args []*code, env *scope, in value, out yield) error

func (f filter) build(args []*code) *code {
	return many(func(m *machine, env *scope, in value, out yield) error { return f(m, args, env, in, out) })
}

// function is a builtin of values: it is called for each combination of its arguments, which are not its to keep.
type function func(m *machine, in any, args []any) (any, error)

func (f function) build(args []*code) *code {
	if weight, light := weigh(args...); light {
		return computed(weight, func(m *machine, env *scope, in any) (any, error) {
			begin := len(m.args)
			end := begin + len(args)
			for range args {
				m.args = append(m.args, nil)
			}
			defer func() { m.args = m.args[:begin] }()
			for i, arg := range slices.Backward(args) {
				v, err := arg.one(m, env, in)
				if err != nil {
					return nil, err
				}
				m.args[begin+i] = v
			}
			v, err := f(m, in, m.args[begin:end])
			if err != nil {
				return nil, err
			}
			return v, m.hold(v)
		})
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		return m.product(args, nil, env, in, func(args []any) error {
			v, err := f(m, in.v, args)
			if err != nil {
				return err
			}
			return m.emit(in, v, out)
		})
	})
}

// product evaluates arguments; the last one varies slowest.
func (m *machine) product(args []*code, tail []any, env *scope, in value, out func([]any) error) error {
	if len(args) == 0 {
		return out(tail)
	}
	last := len(args) - 1
	return m.values(args[last], env, in, func(v any) error {
		return m.product(args[:last], append([]any{v}, tail...), env, in, out)
	})
}

// allBuiltins are made when they are first used.
var allBuiltins = sync.OnceValue(func() *builtins {
	b := &builtins{map[string]build{}, map[string]*definition{}}
	maps.Copy(b.made, basics())
	for _, table := range []map[string]filter{loops(), pathFilters(), worldFilters(), matchers()} {
		for name, f := range table {
			b.made[name] = f.build
		}
	}
	maps.Copy(b.made, sorters())
	for name, f := range functions() {
		b.made[name] = f.build
	}
	q, err := gojq.Parse(prelude + " .")
	if err != nil {
		panic("jq: prelude: " + err.Error())
	}
	for _, d := range q.FuncDefs {
		b.written[functionKey(d.Name, len(d.Args))] = &definition{params: d.Args}
	}
	c := &compiler{builtins: b}
	for _, d := range q.FuncDefs {
		c.body(b.written[functionKey(d.Name, len(d.Args))], d.Body)
	}
	if len(c.problems) > 0 {
		panic("jq: prelude: " + strings.Join(c.problems, "\n"))
	}
	b.made["builtins/0"] = function(func(*machine, any, []any) (any, error) { return NewArray(b.names()), nil }).build
	return b
})

// names lists all builtins.
func (b *builtins) names() []any {
	var list []any
	for name := range b.made {
		list = append(list, name)
	}
	for name := range b.written {
		list = append(list, name)
	}
	return list
}
