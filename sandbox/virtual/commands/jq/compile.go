package jq

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// CompileError says why a filter is no program.
type CompileError struct{ Text string }

func (e *CompileError) Error() string { return e.Text }

// Compile makes a program of a filter. vars are the names of its global variables, with "$".
func Compile(source string, vars []string) (*Program, error) {
	q, err := gojq.Parse(source)
	if err != nil {
		return nil, &CompileError{syntaxError(source, err)}
	}
	if len(q.Imports) > 0 || q.Meta != nil {
		return nil, &CompileError{"module not found: modules are not available here"}
	}
	c := &compiler{source: source, builtins: allBuiltins()}
	s := (*names)(nil).push("$ENV")
	for _, v := range vars {
		s = s.push(v)
	}
	main := c.query(q, s)
	if len(c.problems) > 0 {
		return nil, &CompileError{strings.Join(c.problems, "\n")}
	}
	return &Program{main, map[string]*regexp.Regexp{}}, nil
}

// syntaxError words a parse error of a filter as jq does, with the source.
func syntaxError(source string, err error) string {
	what := "unexpected token"
	if e, ok := err.(*gojq.ParseError); ok {
		switch {
		case e.Token == "":
			what = "unexpected end of file"
		default:
			what = fmt.Sprintf("unexpected %q", e.Token)
		}
	}
	return fmt.Sprintf("syntax error, %s (Unix shell quoting issues?) at <top-level>, line 1:\n%s", what, source)
}

// compiler makes code of a syntax tree: compile_*.go has a file for each kind of it.
type compiler struct {
	source   string
	builtins *builtins
	problems []string
}

func (c *compiler) missing(name string) *code {
	c.problems = append(c.problems, fmt.Sprintf("%s is not defined at <top-level>, line 1:\n%s", name, c.source))
	return constant(nil)
}

// names is a linked list of what is defined. A name has a place in the scope, unless it is a definition.
type names struct {
	up    *names
	name  string // "$x", "f/1", "*label"
	depth int    // of the scope
	def   *definition
}

func (s *names) size() int {
	if s == nil {
		return 0
	}
	return s.depth
}

func (s *names) push(name string) *names { return &names{up: s, name: name, depth: s.size() + 1} }

// find is what a name means in s, and how far up in the scope its place is.
func (s *names) find(name string) (found *names, back int) {
	for at := s; at != nil; at = at.up {
		if at.name == name {
			return at, s.depth - at.depth
		}
	}
	return nil, 0
}

// query compiles q; nil is null.
func (c *compiler) query(q *gojq.Query, s *names) *code {
	if q == nil {
		return constant(nil)
	}
	s = c.define(q.FuncDefs, s)
	switch {
	case q.Term != nil:
		return c.term(q.Term, s)
	case q.Op == 0:
		return identity
	case q.Op == gojq.OpPipe && len(q.Patterns) > 0:
		return c.bind(q, s)
	case q.Op == gojq.OpPipe:
		return c.pipe(q, s)
	case q.Op == gojq.OpComma:
		return c.comma(q, s)
	}
	l, r := c.query(q.Left, s), c.query(q.Right, s)
	switch {
	case q.Op == gojq.OpAlt:
		return alternative(l, r)
	case q.Op == gojq.OpAnd, q.Op == gojq.OpOr:
		return logic(q.Op == gojq.OpOr, l, r)
	case q.Op >= gojq.OpAssign:
		return assignment(q.Op, l, r)
	}
	return operation(q.Op, l, r)
}

// pipe compiles a | b | c as (a | b) | c: so a value goes through all of it without a function being made for it.
func (c *compiler) pipe(q *gojq.Query, s *names) *code {
	all := c.query(q.Left, s)
	for {
		q = q.Right
		if q.Op != gojq.OpPipe || len(q.Patterns)+len(q.FuncDefs) > 0 {
			return pipe(all, c.query(q, s))
		}
		all = pipe(all, c.query(q.Left, s))
	}
}

func pipe(a, b *code) *code {
	each := func(m *machine, env *scope, in value, out yield) error {
		if a.one == nil || in.path != nil {
			return a.each(m, env, in, func(v value) error { return b.each(m, env, v, out) })
		}
		mark := m.held
		v, err := m.one(a, env, in.v)
		if err == nil {
			err = b.each(m, env, value{v: v}, out)
		}
		m.free(mark)
		return err
	}
	if weight, light := weigh(a, b); light {
		return reached(weight, func(m *machine, env *scope, in any) (any, error) {
			v, err := a.one(m, env, in)
			if err != nil {
				return nil, err
			}
			return b.one(m, env, v)
		}, each)
	}
	return many(each)
}

// comma compiles a, b, c. The tree leans to the left.
func (c *compiler) comma(q *gojq.Query, s *names) *code {
	list := []*gojq.Query{q.Right}
	for q = q.Left; q.Op == gojq.OpComma && len(q.FuncDefs) == 0; q = q.Left {
		list = append(list, q.Right)
	}
	parts := []*code{c.query(q, s)}
	for _, q := range slices.Backward(list) {
		parts = append(parts, c.query(q, s))
	}
	return many(func(m *machine, env *scope, in value, out yield) error {
		for _, part := range parts {
			if err := part.each(m, env, in, out); err != nil {
				return err
			}
		}
		return nil
	})
}
