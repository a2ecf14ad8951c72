package expr

import (
	"fmt"
	"maps"
	"slices"

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
		return c.let(n)
	case *ast.SliceNode:
		t := c.want(n.Node, List|String, "[:]")
		for _, bound := range []ast.Node{n.From, n.To} {
			if bound != nil {
				c.want(bound, Number, "[:]")
			}
		}
		return t
	case *ast.ArrayNode:
		return c.list(n)
	case *ast.MapNode:
		return c.object(n)
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

// let infers what stands behind a variable.
func (c *checker) let(n *ast.VariableDeclaratorNode) *Type {
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
}

func (c *checker) list(n *ast.ArrayNode) *Type {
	var item *Type
	for i, e := range n.Nodes {
		if t := c.infer(e); i == 0 {
			item = t
		} else {
			item = Union(item, t)
		}
	}
	return &Type{Kind: List, Items: item}
}

func (c *checker) object(n *ast.MapNode) *Type {
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
