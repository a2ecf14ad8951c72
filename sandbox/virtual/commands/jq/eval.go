package jq

import (
	"context"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// Budget is what a program spends: limits.Budget.
type Budget interface {
	Work(n int) error
	Hold(n int) error
	Release(n int)
}

// World is what a program may ask of the outside.
type World struct {
	Env      *Object                            // env and $ENV
	Input    func() (v any, ok bool, err error) // input and inputs
	Position func() (file any, line int)        // input_filename and input_line_number
	Stderr   func(text string)                  // debug and stderr
	Now      func() float64                     // seconds since 1970
	Zone     func(unix float64) (name string, offset int)
}

// Program is a compiled filter.
type Program struct {
	query   *gojq.Query
	vars    []string
	singles singles
}

// CompileError says why a filter is no program.
type CompileError struct{ Text string }

func (e *CompileError) Error() string { return e.Text }

// Error is an error of the language, which try can catch.
type Error struct{ Value any }

func (e *Error) Error() string {
	if s, ok := e.Value.(string); ok {
		return s
	}
	return toJSON(e.Value)
}

// Halt ends the program: halt and halt_error.
type Halt struct {
	Status int
	Value  any
	Silent bool // halt, not halt_error
}

func (*Halt) Error() string { return "halt" }

// breakOut unwinds to a label.
type breakOut struct{ label *int }

func (*breakOut) Error() string { return "break" }

// fromBelow carries an error that came from what consumes a value, past the try that the value left.
type fromBelow struct {
	try *int
	err error
}

func (f *fromBelow) Error() string { return f.err.Error() }

func fail(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// maxDepth is how deep evaluation may nest; frameSize is about what one level takes of the stack, in bytes.
const (
	maxDepth  = 100_000
	frameSize = 1 << 10
	stackStep = 1 << 20
)

// tooDeep ends a program that nests deeper than maxDepth; try does not catch it.
type tooDeep struct{}

func (*tooDeep) Error() string { return "too deep a recursion" }

// value is a value with the path it was reached by, while paths are wanted.
type value struct {
	v    any
	path *path
}

// path is a list of keys, last first. The root's parent is itself; off is a value that is no part of the input.
type path struct {
	up  *path
	key any
	off bool
}

type yield func(value) error

// scope is a linked list of what names mean.
type scope struct {
	up    *scope
	name  string // "$x", "f/1", "*label"
	value any
	label *int
	def   *gojq.FuncDef // a definition, whose own scope is this
	body  *gojq.Query   // an argument: evaluated in env
	env   *scope
}

type machine struct {
	prog   *Program
	ctx    context.Context
	budget Budget
	world  World
	depth  int
	stack  int // bytes held for the deepest recursion so far
}

// Run evaluates the program on in and calls out with each result, until out returns an error.
func (p *Program) Run(ctx context.Context, b Budget, w World, in any, vars []any, out func(any) error) error {
	m := &machine{prog: p, ctx: ctx, budget: b, world: w}
	var env *scope
	env = &scope{up: env, name: "$ENV", value: w.Env}
	for i, name := range p.vars {
		env = &scope{up: env, name: name, value: vars[i]}
	}
	defer func() { b.Release(m.stack) }()
	err := m.query(p.query, env, value{v: in}, func(v value) error { return out(v.v) })
	var brk *breakOut
	if errors.As(err, &brk) {
		return fail("break")
	}
	return err
}

func (m *machine) enter() error {
	if m.depth++; m.depth*frameSize > m.stack {
		if m.depth > maxDepth {
			return &tooDeep{}
		}
		m.stack += stackStep
		if err := m.budget.Hold(stackStep); err != nil {
			return err
		}
	}
	return m.budget.Work(1)
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.up {
		if s.name == name {
			return s
		}
	}
	return nil
}

func define(defs []*gojq.FuncDef, env *scope) *scope {
	for _, d := range defs {
		env = &scope{up: env, name: fmt.Sprintf("%s/%d", d.Name, len(d.Args)), def: d}
	}
	return env
}

// just yields a value that is no path.
func (in value) just(v any) value {
	if in.path == nil {
		return value{v: v}
	}
	return value{v, &path{off: true}}
}

// query evaluates q on in.
func (m *machine) query(q *gojq.Query, env *scope, in value, out yield) error {
	if in.path == nil && m.prog.singles.queries[q] {
		v, err := m.single(q, env, in.v)
		if err != nil {
			return err
		}
		if q.Term == nil {
			return m.emit(in, v, out)
		}
		return out(value{v: v})
	}
	return m.many(q, env, in, out)
}

// many evaluates a query of any kind.
func (m *machine) many(q *gojq.Query, env *scope, in value, out yield) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer func() { m.depth-- }()
	env = define(q.FuncDefs, env)
	if q.Term != nil {
		return m.term(q.Term, len(q.Term.SuffixList), env, in, out)
	}
	switch q.Op {
	case 0:
		return out(in)
	case gojq.OpPipe:
		if len(q.Patterns) > 0 {
			return m.bind(q.Patterns, q.Left, env, in, func(env *scope) error { return m.query(q.Right, env, in, out) })
		}
		return m.query(q.Left, env, in, func(v value) error { return m.query(q.Right, env, v, out) })
	case gojq.OpComma:
		if err := m.query(q.Left, env, in, out); err != nil {
			return err
		}
		return m.query(q.Right, env, in, out)
	case gojq.OpAlt:
		return m.alternative(q.Left, q.Right, env, in, out)
	case gojq.OpAnd, gojq.OpOr:
		return m.values(q.Left, env, in, func(l any) error {
			if truthy(l) == (q.Op == gojq.OpOr) {
				return out(in.just(truthy(l)))
			}
			return m.values(q.Right, env, in, func(r any) error { return out(in.just(truthy(r))) })
		})
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv,
		gojq.OpUpdateMod, gojq.OpUpdateAlt:
		return m.update(q, env, in, out)
	}
	return m.values(q.Right, env, in, func(r any) error {
		return m.values(q.Left, env, in, func(l any) error {
			v, err := m.binary(q.Op, l, r)
			if err != nil {
				return err
			}
			return m.emit(in, v, out)
		})
	})
}

// emit yields a computed value, whose memory counts while it is consumed.
func (m *machine) emit(in value, v any, out yield) error {
	size := shallowSize(v)
	if size < 4096 {
		return out(in.just(v))
	}
	defer m.budget.Release(size)
	if err := m.budget.Hold(size); err != nil {
		return err
	}
	return out(in.just(v))
}

// values evaluates q without paths.
func (m *machine) values(q *gojq.Query, env *scope, in value, out func(any) error) error {
	if q == nil {
		return out(nil)
	}
	if m.prog.singles.queries[q] && q.Term != nil {
		v, err := m.single(q, env, in.v)
		if err != nil {
			return err
		}
		return out(v)
	}
	return m.query(q, env, value{v: in.v}, func(v value) error { return out(v.v) })
}

// alternative is l // r: the true values of l without its errors, or else r.
func (m *machine) alternative(l, r *gojq.Query, env *scope, in value, out yield) error {
	found, mark := false, new(int)
	err := m.query(l, env, in, func(v value) error {
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
	return m.query(r, env, in, out)
}

// term evaluates t with the first n of its suffixes.
func (m *machine) term(t *gojq.Term, n int, env *scope, in value, out yield) error {
	if n > 0 {
		return m.suffix(t, n, env, in, out)
	}
	switch t.Type {
	case gojq.TermTypeIdentity:
		return out(in)
	case gojq.TermTypeRecurse:
		return m.recurse(in, out)
	case gojq.TermTypeNull:
		return out(in.just(nil))
	case gojq.TermTypeTrue:
		return out(in.just(true))
	case gojq.TermTypeFalse:
		return out(in.just(false))
	case gojq.TermTypeIndex:
		return m.indexKeys(t.Index, env, in, func(key any) error { return m.step(in, key, out) })
	case gojq.TermTypeFunc:
		return m.call(t.Func, env, in, out)
	case gojq.TermTypeObject:
		return m.object(t.Object.KeyVals, NewObject(), env, in, out)
	case gojq.TermTypeArray:
		return m.array(t.Array, env, in, out)
	case gojq.TermTypeNumber:
		v, _ := parseNumber(t.Number)
		return out(in.just(v))
	case gojq.TermTypeUnary:
		return m.term(t.Unary.Term, len(t.Unary.Term.SuffixList), env, value{v: in.v}, func(v value) error {
			f, ok := number(v.v)
			if !ok {
				return fail("%s cannot be negated", describe(v.v))
			}
			if t.Unary.Op == gojq.OpSub {
				return out(in.just(-f))
			}
			return out(in.just(v.v))
		})
	case gojq.TermTypeFormat:
		if t.Str == nil {
			s, err := format(t.Format, in.v)
			if err != nil {
				return err
			}
			return out(in.just(s))
		}
		return m.string(t.Str, t.Format, env, in, func(s string) error { return out(in.just(s)) })
	case gojq.TermTypeString:
		return m.string(t.Str, "", env, in, func(s string) error { return out(in.just(s)) })
	case gojq.TermTypeIf:
		return m.cond(t.If.Cond, t.If.Then, t.If.Elif, t.If.Else, env, in, out)
	case gojq.TermTypeTry:
		return m.try(func(out yield) error { return m.query(t.Try.Body, env, in, out) }, t.Try.Catch, env, in, out)
	case gojq.TermTypeReduce:
		return m.reduce(t.Reduce, env, in, out)
	case gojq.TermTypeForeach:
		return m.foreach(t.Foreach, env, in, out)
	case gojq.TermTypeLabel:
		label := new(int)
		err := m.query(t.Label.Body, &scope{up: env, name: "*" + t.Label.Ident, label: label}, in, out)
		if brk, ok := err.(*breakOut); ok && brk.label == label {
			return nil
		}
		return err
	case gojq.TermTypeBreak:
		s := env.find("*" + t.Break)
		if s == nil {
			return &CompileError{"$*label-" + t.Break[1:] + " is not defined"}
		}
		return &breakOut{s.label}
	case gojq.TermTypeQuery:
		return m.query(t.Query, env, in, out)
	}
	return fail("unknown term %v", t.Type)
}

func (m *machine) suffix(t *gojq.Term, n int, env *scope, in value, out yield) error {
	s := t.SuffixList[n-1]
	switch {
	case s.Optional:
		return m.try(func(out yield) error { return m.term(t, n-1, env, in, out) }, nil, env, in, out)
	case s.Iter:
		return m.term(t, n-1, env, in, func(v value) error { return m.iterate(v, out) })
	}
	return m.indexKeys(s.Index, env, in, func(key any) error {
		return m.term(t, n-1, env, in, func(v value) error { return m.step(v, key, out) })
	})
}

func (m *machine) cond(cond, then *gojq.Query, elif []*gojq.IfElif, otherwise *gojq.Query, env *scope, in value, out yield) error {
	return m.values(cond, env, in, func(c any) error {
		switch {
		case truthy(c):
			return m.query(then, env, in, out)
		case len(elif) > 0:
			return m.cond(elif[0].Cond, elif[0].Then, elif[1:], otherwise, env, in, out)
		case otherwise == nil:
			return out(in)
		}
		return m.query(otherwise, env, in, out)
	})
}

// try runs body; an error of its own goes to catch, one from what consumes its values does not.
func (m *machine) try(body func(yield) error, catch *gojq.Query, env *scope, in value, out yield) error {
	mark, depth := new(int), m.depth
	err := body(func(v value) error {
		if err := out(v); err != nil {
			return &fromBelow{mark, err}
		}
		return nil
	})
	if below, ok := err.(*fromBelow); ok && below.try == mark {
		return below.err
	}
	e, ok := err.(*Error)
	if !ok {
		return err
	}
	m.depth = depth
	if catch == nil {
		return nil
	}
	if o, ok := e.Value.(*Object); ok {
		if _, isBreak := o.Get("__jq"); isBreak {
			return err
		}
	}
	return m.query(catch, env, in.just(e.Value), out)
}

func (m *machine) reduce(r *gojq.Reduce, env *scope, in value, out yield) error {
	return m.query(r.Start, env, in, func(acc value) error {
		err := m.bind(r.Patterns, r.Query, env, in, func(env *scope) error {
			last := in.just(nil)
			from := acc
			if err := m.query(r.Update, env, from, func(v value) error { last = v; return nil }); err != nil {
				return err
			}
			acc = last
			return nil
		})
		if err != nil {
			return err
		}
		return out(acc)
	})
}

func (m *machine) foreach(f *gojq.Foreach, env *scope, in value, out yield) error {
	return m.query(f.Start, env, in, func(acc value) error {
		return m.bind(f.Patterns, f.Query, env, in, func(env *scope) error {
			return m.query(f.Update, env, acc, func(v value) error {
				acc = v
				if f.Extract == nil {
					return out(v)
				}
				return m.query(f.Extract, env, v, out)
			})
		})
	})
}

// string evaluates an interpolated string; the parts go through the format, or tostring.
func (m *machine) string(s *gojq.String, name string, env *scope, in value, out func(string) error) error {
	if s.Queries == nil {
		return out(s.Str)
	}
	var part func(i int, tail string) error
	// jq runs the last part outermost.
	part = func(i int, tail string) error {
		if i < 0 {
			return out(tail)
		}
		q := s.Queries[i]
		if q.Term != nil && q.Term.Type == gojq.TermTypeString && q.Term.Str.Queries == nil && len(q.Term.SuffixList) == 0 {
			return part(i-1, q.Term.Str.Str+tail)
		}
		return m.values(q, env, in, func(v any) error {
			text, err := toString(v), error(nil)
			if name != "" {
				text, err = format(name, v)
			}
			if err == nil {
				err = m.budget.Work(len(text) + len(tail))
			}
			if err != nil {
				return err
			}
			return part(i-1, text+tail)
		})
	}
	return part(len(s.Queries)-1, "")
}

func (m *machine) array(a *gojq.Array, env *scope, in value, out yield) error {
	if a.Query == nil {
		return out(in.just(NewArray(nil)))
	}
	items, held, err := m.collect(a.Query, env, in)
	defer m.budget.Release(held)
	if err != nil {
		return err
	}
	return out(in.just(NewArray(items)))
}

// collect gathers what q yields. The caller releases what is held.
func (m *machine) collect(q *gojq.Query, env *scope, in value) (items []any, held int, err error) {
	err = m.values(q, env, in, func(v any) error {
		size := shallowSize(v)
		held += size
		items = append(items, v)
		return m.budget.Hold(size)
	})
	return items, held, err
}

// shallowSize is about what v holds of memory itself.
func shallowSize(v any) int {
	switch v := v.(type) {
	case string:
		return 32 + len(v)
	case *Array:
		return 48 + 16*len(v.items)
	case *Object:
		return 64 + 16*len(v.vals)
	}
	return 24
}

func (m *machine) object(kvs []*gojq.ObjectKeyVal, o *Object, env *scope, in value, out yield) error {
	if len(kvs) == 0 {
		return out(in.just(o))
	}
	kv := kvs[0]
	rest := func(key any, v any) error {
		name, ok := key.(string)
		if !ok {
			return fail("Object keys must be strings")
		}
		return m.object(kvs[1:], o.With(name, v), env, in, out)
	}
	withKey := func(key any) error {
		if kv.Val == nil {
			name, ok := key.(string)
			if !ok {
				return fail("Cannot index %s with %s", typeName(in.v), typeName(key))
			}
			v, err := getIndex(in.v, name)
			if err != nil {
				return err
			}
			return rest(key, v)
		}
		return m.values(kv.Val, env, in, func(v any) error { return rest(key, v) })
	}
	switch {
	case kv.KeyQuery != nil:
		return m.values(kv.KeyQuery, env, in, func(k any) error {
			if _, ok := k.(string); !ok {
				return fail("Object keys must be strings")
			}
			return withKey(k)
		})
	case kv.KeyString != nil:
		return m.string(kv.KeyString, "", env, in, func(k string) error { return withKey(k) })
	case kv.Val == nil && kv.Key[0] == '$':
		v, err := m.variable(kv.Key, env)
		if err != nil {
			return err
		}
		return rest(kv.Key[1:], v)
	}
	if kv.Key[0] == '$' {
		v, err := m.variable(kv.Key, env)
		if err != nil {
			return err
		}
		return withKey(v)
	}
	return withKey(kv.Key)
}

func (m *machine) variable(name string, env *scope) (any, error) {
	if name == "$__loc__" {
		return NewObject("file", "<top-level>", "line", float64(1)), nil
	}
	if s := env.find(name); s != nil {
		return s.value, nil
	}
	return nil, &CompileError{name + " is not defined"}
}

// call evaluates a function, a variable, or a filter argument.
func (m *machine) call(f *gojq.Func, env *scope, in value, out yield) error {
	if f.Name[0] == '$' && len(f.Args) == 0 {
		v, err := m.variable(f.Name, env)
		if err != nil {
			return err
		}
		return out(in.just(v))
	}
	key := functionKey(f.Name, len(f.Args))
	s := env.find(key)
	switch {
	case s == nil:
		return m.builtin(f, key, env, in, out)
	case s.body != nil:
		return m.query(s.body, s.env, in, out)
	}
	return m.apply(s.def, s, f.Args, 0, s, env, in, out)
}

func functionKey(name string, arity int) string {
	if arity < 10 {
		return name + "/" + "0123456789"[arity:arity+1]
	}
	return fmt.Sprintf("%s/%d", name, arity)
}

// apply binds the arguments from the i-th on, in inner, and evaluates the body.
func (m *machine) apply(def *gojq.FuncDef, self *scope, args []*gojq.Query, i int, inner, env *scope, in value, out yield) error {
	if i == len(args) {
		return m.query(def.Body, inner, in, out)
	}
	name := def.Args[i]
	if name[0] != '$' {
		inner = &scope{up: inner, name: name + "/0", body: args[i], env: env}
		return m.apply(def, self, args, i+1, inner, env, in, out)
	}
	return m.values(args[i], env, in, func(v any) error {
		next := &scope{up: inner, name: name, value: v}
		next = &scope{up: next, name: name[1:] + "/0", body: variableQuery(name), env: next}
		return m.apply(def, self, args, i+1, next, env, in, out)
	})
}

func variableQuery(name string) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name}}}
}

// bind evaluates source as each pattern in turn until one fits, and runs body for each value.
func (m *machine) bind(patterns []*gojq.Pattern, source *gojq.Query, env *scope, in value, body func(*scope) error) error {
	return m.values(source, env, in, func(v any) error {
		if len(patterns) == 1 {
			return m.destructure(patterns[0], v, env, in, body)
		}
		var names []string
		for _, p := range patterns {
			names = patternVariables(p, names)
		}
		for _, name := range names {
			env = &scope{up: env, name: name}
		}
		for i, p := range patterns {
			err := m.destructure(p, v, env, in, body)
			if _, ok := err.(*Error); !ok || i == len(patterns)-1 {
				return err
			}
		}
		return nil
	})
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

func (m *machine) destructure(p *gojq.Pattern, v any, env *scope, in value, body func(*scope) error) error {
	switch {
	case p.Name != "":
		return body(&scope{up: env, name: p.Name, value: v})
	case p.Array != nil:
		if _, ok := v.(*Array); !ok && v != nil {
			return fail("Cannot index %s with number", typeName(v))
		}
		return m.destructureArray(p.Array, 0, v, env, in, body)
	}
	return m.destructureObject(p.Object, v, env, in, body)
}

func (m *machine) destructureArray(ps []*gojq.Pattern, i int, v any, env *scope, in value, body func(*scope) error) error {
	if i == len(ps) {
		return body(env)
	}
	item, err := getIndex(v, float64(i))
	if err != nil {
		return err
	}
	return m.destructure(ps[i], item, env, in, func(env *scope) error {
		return m.destructureArray(ps, i+1, v, env, in, body)
	})
}

func (m *machine) destructureObject(ps []*gojq.PatternObject, v any, env *scope, in value, body func(*scope) error) error {
	if len(ps) == 0 {
		return body(env)
	}
	p := ps[0]
	with := func(key any) error {
		name, ok := key.(string)
		if !ok {
			return fail("Cannot index %s with %s", typeName(v), typeName(key))
		}
		item, err := getIndex(v, name)
		if err != nil {
			return err
		}
		next := env
		if p.Key != "" && p.Key[0] == '$' {
			next = &scope{up: env, name: p.Key, value: item}
		}
		if p.Val == nil {
			return m.destructureObject(ps[1:], v, next, in, body)
		}
		return m.destructure(p.Val, item, next, in, func(env *scope) error {
			return m.destructureObject(ps[1:], v, env, in, body)
		})
	}
	switch {
	case p.KeyQuery != nil:
		return m.values(p.KeyQuery, env, in, with)
	case p.KeyString != nil:
		return m.string(p.KeyString, "", env, in, func(s string) error { return with(s) })
	case p.Key[0] == '$':
		return with(p.Key[1:])
	}
	return with(p.Key)
}
