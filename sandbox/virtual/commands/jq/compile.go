package jq

import (
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// Compile parses a filter and checks that all it names is defined. vars are the names of its global variables, with "$".
func Compile(source string, vars []string) (*Program, error) {
	q, err := gojq.Parse(source)
	if err != nil {
		return nil, &CompileError{syntaxError(source, err)}
	}
	if len(q.Imports) > 0 || q.Meta != nil {
		return nil, &CompileError{"module not found: modules are not available here"}
	}
	builtins.once.Do(makeBuiltins)
	c := &checker{source: source, singles: newSingles()}
	var s *names
	for _, v := range append([]string{"$ENV", "$__prog_args"}, vars...) {
		s = &names{s, v}
	}
	c.query(q, s)
	if len(c.problems) > 0 {
		return nil, &CompileError{strings.Join(c.problems, "\n")}
	}
	return &Program{query: q, vars: vars, singles: c.singles}, nil
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

// names is a linked list of what is defined.
type names struct {
	up   *names
	name string
}

func (s *names) has(name string) bool {
	for ; s != nil; s = s.up {
		if s.name == name {
			return true
		}
	}
	return false
}

// checker looks for names that are not defined.
type checker struct {
	source   string
	problems []string
	singles  singles
}

func (c *checker) missing(name string) {
	c.problems = append(c.problems, fmt.Sprintf("%s is not defined at <top-level>, line 1:\n%s", name, c.source))
}

func (c *checker) query(q *gojq.Query, s *names) {
	if q == nil {
		return
	}
	for _, d := range q.FuncDefs {
		s = &names{s, functionKey(d.Name, len(d.Args))}
		inner := s
		for _, a := range d.Args {
			if a[0] == '$' {
				inner = &names{inner, a}
				a = a[1:]
			}
			inner = &names{inner, a + "/0"}
		}
		c.query(d.Body, inner)
	}
	c.query(q.Left, s)
	if q.Right != nil {
		c.query(q.Right, c.patterns(q.Patterns, s))
	}
	if q.Term != nil {
		c.term(q.Term, s)
	}
	c.singles.mark(q)
}

func (c *checker) patterns(patterns []*gojq.Pattern, s *names) *names {
	for _, p := range patterns {
		c.patternKeys(p, s)
		for _, name := range patternVariables(p, nil) {
			s = &names{s, name}
		}
	}
	return s
}

func (c *checker) patternKeys(p *gojq.Pattern, s *names) {
	if p == nil {
		return
	}
	for _, e := range p.Array {
		c.patternKeys(e, s)
	}
	for _, e := range p.Object {
		for _, name := range patternVariables(p, nil) {
			s = &names{s, name}
		}
		c.query(e.KeyQuery, s)
		c.string(e.KeyString, s)
		c.patternKeys(e.Val, s)
	}
}

func (c *checker) string(t *gojq.String, s *names) {
	if t != nil {
		for _, q := range t.Queries {
			c.query(q, s)
		}
	}
}

func (c *checker) index(x *gojq.Index, s *names) {
	if x != nil {
		c.string(x.Str, s)
		c.query(x.Start, s)
		c.query(x.End, s)
	}
}

func (c *checker) call(f *gojq.Func, s *names) {
	for _, a := range f.Args {
		c.query(a, s)
	}
	name := f.Name
	if name[0] != '$' {
		name = functionKey(f.Name, len(f.Args))
		if isBuiltin(name) {
			return
		}
	}
	if name != "$__loc__" && !s.has(name) {
		c.missing(name)
	}
}

func (c *checker) term(t *gojq.Term, s *names) {
	c.index(t.Index, s)
	c.string(t.Str, s)
	c.query(t.Query, s)
	for _, x := range t.SuffixList {
		c.index(x.Index, s)
	}
	switch {
	case t.Func != nil:
		c.call(t.Func, s)
	case t.Object != nil:
		for _, kv := range t.Object.KeyVals {
			if kv.Key != "" && kv.Key[0] == '$' && kv.Key != "$__loc__" && !s.has(kv.Key) {
				c.missing(kv.Key)
			}
			c.string(kv.KeyString, s)
			c.query(kv.KeyQuery, s)
			c.query(kv.Val, s)
		}
	case t.Array != nil:
		c.query(t.Array.Query, s)
	case t.Unary != nil:
		c.term(t.Unary.Term, s)
	case t.If != nil:
		c.query(t.If.Cond, s)
		c.query(t.If.Then, s)
		for _, e := range t.If.Elif {
			c.query(e.Cond, s)
			c.query(e.Then, s)
		}
		c.query(t.If.Else, s)
	case t.Try != nil:
		c.query(t.Try.Body, s)
		c.query(t.Try.Catch, s)
	case t.Reduce != nil:
		c.query(t.Reduce.Query, s)
		c.query(t.Reduce.Start, s)
		c.query(t.Reduce.Update, c.patterns(t.Reduce.Patterns, s))
	case t.Foreach != nil:
		c.query(t.Foreach.Query, s)
		c.query(t.Foreach.Start, s)
		s = c.patterns(t.Foreach.Patterns, s)
		c.query(t.Foreach.Update, s)
		c.query(t.Foreach.Extract, s)
	case t.Label != nil:
		c.query(t.Label.Body, &names{s, "*" + t.Label.Ident})
	case t.Break != "" && !s.has("*"+t.Break):
		c.missing("$*label-" + t.Break[1:])
	}
}
