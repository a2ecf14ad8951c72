package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Check says what is wrong with t where the names in types exist: the kinds are unknown-name, env-outside-privileged,
// type-mismatch, constant-condition (a comparison that is never true) and optional-without-default. present are the
// paths that are known to be there although they are optional (see Present).
func (t *Template) Check(types Types, present ...string) []*Error {
	var found []*Error
	for _, p := range t.parts {
		if p.prog != nil {
			c := checker{program: p.prog, types: types, present: present}
			c.infer(p.prog.tree)
			found = append(found, c.found...)
		}
	}
	return found
}

// Type is what t evaluates to where the names in types exist.
func (t *Template) Type(types Types) *Type {
	prog := t.single()
	if prog == nil {
		return stringType
	}
	c := checker{program: prog, types: types}
	return c.infer(prog.tree)
}

// checker infers the type of each part of an expression.
type checker struct {
	*program
	types   Types
	locals  map[string]*Type // let
	items   []*Type          // what # is, innermost last
	present []string         // paths known to be there
	found   []*Error
}

func (c *checker) report(n ast.Node, kind, hint, format string, args ...any) {
	from, to := c.span(n.Location())
	c.found = append(c.found, &Error{Offset: from, End: to, Kind: kind, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// lenient infers n where a missing field is nil.
func (c *checker) lenient(n ast.Node) *Type {
	before := c.found
	t := c.infer(n)
	for _, e := range c.found[len(before):] {
		if e.Kind != "optional-without-default" {
			before = append(before, e)
		}
	}
	c.found = before
	return t
}

func (c *checker) infer(n ast.Node) *Type {
	switch n := n.(type) {
	case *ast.NilNode:
		return nullType
	case *ast.BoolNode:
		return &Type{Kind: Bool, Enum: []any{n.Value}}
	case *ast.IntegerNode:
		return &Type{Kind: Number, Enum: []any{n.Value}}
	case *ast.FloatNode:
		return &Type{Kind: Number, Enum: []any{n.Value}}
	case *ast.StringNode:
		return &Type{Kind: String, Enum: []any{n.Value}}
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.ChainNode:
		return Union(c.lenient(n.Node), nullType)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.PointerNode:
		if n.Name == "" && len(c.items) > 0 {
			return c.items[len(c.items)-1]
		}
		return Any
	case *ast.UnaryNode:
		if n.Operator == "-" || n.Operator == "+" {
			c.want(n.Node, Number, n.Operator)
			return numberType
		}
		c.want(n.Node, Bool, n.Operator)
		return boolType
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		c.want(n.Cond, Bool, "a condition")
		yes := c.with(proven(n.Cond, true), n.Exp1)
		return Union(yes, c.with(proven(n.Cond, false), n.Exp2))
	case *ast.CallNode:
		return c.call(n)
	case *ast.BuiltinNode:
		return c.predicate(n)
	case *ast.VariableDeclaratorNode:
		saved := c.locals
		value := c.infer(n.Value)
		c.locals = maps.Clone(saved)
		if c.locals == nil {
			c.locals = map[string]*Type{}
		}
		c.locals[n.Name] = value
		t := c.infer(n.Expr)
		c.locals = saved
		return t
	case *ast.SliceNode:
		t := c.want(n.Node, List|String, "[:]")
		for _, bound := range []ast.Node{n.From, n.To} {
			if bound != nil {
				c.want(bound, Number, "[:]")
			}
		}
		return t
	case *ast.ArrayNode:
		var item *Type
		for i, e := range n.Nodes {
			if t := c.infer(e); i == 0 {
				item = t
			} else {
				item = Union(item, t)
			}
		}
		return &Type{Kind: List, Items: item}
	case *ast.MapNode:
		t := &Type{Kind: Object, Fields: map[string]Field{}}
		for _, p := range n.Pairs {
			pair := p.(*ast.PairNode)
			value := c.infer(pair.Value)
			if key, ok := pair.Key.(*ast.StringNode); ok {
				t.Fields[key.Value] = Field{Type: value}
			} else {
				c.infer(pair.Key)
				t.Open = true
			}
		}
		return t
	case *ast.SequenceNode:
		t := Any
		for _, e := range n.Nodes {
			t = c.infer(e)
		}
		return t
	case *ast.PredicateNode:
		return c.infer(n.Node)
	}
	return Any
}

// with infers n where further paths are known to be there.
func (c *checker) with(present []string, n ast.Node) *Type {
	saved := c.present
	c.present = append(slices.Clip(saved), present...)
	t := c.infer(n)
	c.present = saved
	return t
}

// want infers n and reports it when it cannot be of one of kinds.
func (c *checker) want(n ast.Node, kinds Kind, who string) *Type {
	t := c.infer(n)
	if t.Kind&kinds == 0 {
		c.report(n, "type-mismatch", "", "%s wants %s, and %s is %s", who, kinds, show(n), t.Kind)
		return Of(kinds)
	}
	return t
}

func (c *checker) identifier(n *ast.IdentifierNode) *Type {
	if t, ok := c.locals[n.Value]; ok {
		return t
	}
	if t, ok := c.types[n.Value]; ok {
		return t
	}
	from, to := c.span(n.Location())
	c.found = append(c.found, c.unknownRoot(Name{Path: []string{n.Value}, Offset: from, End: to}, sortedKeys(c.types)))
	return Any
}

func (c *checker) member(n *ast.MemberNode) *Type {
	var of *Type
	if n.Optional {
		of = c.lenient(n.Node)
	} else {
		of = c.infer(n.Node)
	}
	key, isField := n.Property.(*ast.StringNode)
	if !isField {
		index := c.infer(n.Property)
		switch {
		case of.Kind&List != 0 && index.Kind&Number != 0 && of.Kind&Object == 0:
			return of.item()
		case of.Kind&(List|Object) == 0:
			c.report(n.Property, "type-mismatch", "", "%s is %s and has no [%s]", show(n.Node), of.Kind, show(n.Property))
		}
		return Any
	}
	if of.Kind&Object == 0 {
		c.report(key, "type-mismatch", "", "%s is %s and has no property %q", show(n.Node), of.Kind, key.Value)
		return Any
	}
	f, ok := of.Fields[key.Value]
	if !ok {
		if !of.Open {
			c.unknownField(n.Node, key, of)
		}
		return Any
	}
	if f.Optional && !c.isPresent(n) {
		if !n.Optional {
			hint := "write ?? and a default behind it, or make it required"
			if path, _, _ := staticPath(n); len(path) > 2 && path[0] == "steps" {
				hint = fmt.Sprintf("the step may have been skipped or have failed: write ?? and a default behind it, or ask first: not steps.%s.skipped and …", path[1])
			}
			c.report(key, "optional-without-default", hint, "%s may be missing", show(n))
		}
		return Union(f.Type, nullType)
	}
	return f.Type
}

func (c *checker) isPresent(n ast.Node) bool {
	path, _, _ := staticPath(n)
	if path == nil {
		return false
	}
	above := strings.Join(path[:len(path)-1], ".")
	return slices.Contains(c.present, above+"."+path[len(path)-1]) || slices.Contains(c.present, above+".*")
}

func (c *checker) unknownField(of ast.Node, key *ast.StringNode, t *Type) {
	hint := didYouMean(key.Value, sortedKeys(t.Fields))
	if id, ok := of.(*ast.IdentifierNode); ok && id.Value == "steps" {
		c.report(key, "unknown-name", hint, "no step %q has run before this one", key.Value)
		return
	}
	if hint == "" && len(t.Fields) > 0 && len(t.Fields) <= 12 {
		hint = "it has " + strings.Join(sortedKeys(t.Fields), ", ")
	}
	c.report(key, "unknown-name", hint, "%s has no property %q", show(of), key.Value)
}

func (c *checker) call(n *ast.CallNode) *Type {
	name := n.Callee.(*ast.IdentifierNode).Value
	f := functions[name]
	args := make([]*Type, len(n.Arguments))
	for i, a := range n.Arguments {
		args[i] = c.want(a, f.param(i), name)
	}
	if f.resultOf != nil {
		return f.resultOf(args)
	}
	return f.result
}

// predicate infers map, filter, … whose second argument is evaluated for each element of the first.
func (c *checker) predicate(n *ast.BuiltinNode) *Type {
	list := c.want(n.Arguments[0], List, n.Name)
	body := list.item()
	if len(n.Arguments) > 1 {
		c.items = append(c.items, list.item())
		switch n.Name {
		case "map", "reduce", "groupBy", "sortBy":
			body = c.infer(n.Arguments[1])
		case "sum":
			body = c.want(n.Arguments[1], Number, n.Name)
		default:
			c.want(n.Arguments[1], Bool, n.Name)
		}
		c.items = c.items[:len(c.items)-1]
	}
	for _, a := range n.Arguments[min(2, len(n.Arguments)):] {
		c.infer(a)
	}
	switch n.Name {
	case "all", "any", "none", "one":
		return boolType
	case "count", "sum", "findIndex":
		return numberType
	case "find":
		return Union(list.item(), nullType)
	case "map":
		return ListOf(body)
	case "filter", "sortBy":
		return list
	case "groupBy":
		return Of(Object)
	}
	return Any
}
