package jq

import (
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// definition is a function that is written in jq.
type definition struct {
	params []string
	body   *code  // nil while it is compiled
	names  *names // in which it was defined, with itself
}

func functionKey(name string, arity int) string {
	if arity < 10 {
		return name + "/" + "0123456789"[arity:arity+1]
	}
	return fmt.Sprintf("%s/%d", name, arity)
}

// define compiles definitions, which take no place in the scope: they know theirs.
func (c *compiler) define(defs []*gojq.FuncDef, s *names) *names {
	for _, d := range defs {
		def := &definition{params: d.Args}
		s = &names{up: s, name: functionKey(d.Name, len(d.Args)), depth: s.size(), def: def}
		def.names = s
		c.body(def, d.Body)
	}
	return s
}

// body compiles what a definition does. Each argument is a place in the scope, the filter x; $x is another one, its value.
func (c *compiler) body(def *definition, q *gojq.Query) {
	s := def.names
	for _, param := range def.params {
		s = s.push(strings.TrimPrefix(param, "$") + "/0")
		if param[0] == '$' {
			s = s.push(param)
		}
	}
	def.body = c.query(q, s)
}

// call compiles a call of a function, a variable, or a filter that is an argument.
func (c *compiler) call(f *gojq.Func, s *names) *code {
	if f.Name[0] == '$' && len(f.Args) == 0 {
		return c.variable(f.Name, s)
	}
	args := make([]*code, len(f.Args))
	for i, q := range f.Args {
		args[i] = c.query(q, s)
	}
	name := functionKey(f.Name, len(args))
	found, back := s.find(name)
	switch {
	case found == nil:
		if b := c.builtins.made[name]; b != nil {
			return b(args)
		}
		if def := c.builtins.written[name]; def != nil {
			return apply(def, args, s.size())
		}
		return c.missing(name)
	case found.def == nil:
		return argument(back)
	}
	return apply(found.def, args, back)
}

func (c *compiler) variable(name string, s *names) *code {
	if name == "$__loc__" {
		return constant(NewObject("file", "<top-level>", "line", float64(1)))
	}
	found, back := s.find(name)
	if found == nil {
		return c.missing(name)
	}
	return variable(back)
}

func variable(back int) *code {
	one := func(_ *machine, env *scope, _ any) (any, error) { return env.back(back).value, nil }
	c := computed(1, one)
	c.each = func(m *machine, env *scope, in value, out yield) error {
		return out(in.just(env.back(back).value)) // which holds its memory already
	}
	return c
}

// argument is the filter that a function was called with.
func argument(back int) *code {
	c := many(func(m *machine, env *scope, in value, out yield) error {
		a := env.back(back)
		return a.body.each(m, a.env, in, out)
	})
	c.argument, c.back = true, back
	return c
}

// apply calls a definition with arguments.
func apply(def *definition, args []*code, back int) *code {
	given := func(env, inner *scope, arg *code) *scope {
		if arg.argument { // a function that hands on what it was given
			a := env.back(arg.back)
			return &scope{up: inner, body: a.body, env: a.env}
		}
		return &scope{up: inner, body: arg, env: env}
	}
	var from func(m *machine, i int, inner, env *scope, in value, out yield) error
	from = func(m *machine, i int, inner, env *scope, in value, out yield) error {
		for ; i < len(args); i++ {
			inner = given(env, inner, args[i])
			if def.params[i][0] == '$' {
				return m.values(args[i], env, in, func(v any) error {
					return from(m, i+1, &scope{up: inner, value: v}, env, in, out)
				})
			}
		}
		return def.body.each(m, inner, in, out)
	}
	each := func(m *machine, env *scope, in value, out yield) error {
		return from(m, 0, env.back(back), env, in, out)
	}
	if def.body == nil { // it calls itself
		return many(each)
	}
	parts := []*code{def.body}
	for i, arg := range args {
		if def.params[i][0] == '$' {
			parts = append(parts, arg)
		}
	}
	weight, light := weigh(parts...)
	if !light {
		return many(each)
	}
	return reached(weight, func(m *machine, env *scope, in any) (any, error) {
		inner := env.back(back)
		for i, arg := range args {
			inner = given(env, inner, arg)
			if def.params[i][0] != '$' {
				continue
			}
			v, err := arg.one(m, env, in)
			if err != nil {
				return nil, err
			}
			inner = &scope{up: inner, value: v}
		}
		return def.body.one(m, inner, in)
	}, each)
}
