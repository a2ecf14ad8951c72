package expr

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Name is one use of a name: payload.issue.number is {"payload", "issue", "number"}. A path ends where an index is
// not a literal string.
type Name struct {
	Path        []string
	Offset, End int // in bytes of the template's string
}

// Names lists the names that t uses, in order, those that t defines itself (let, #) left out.
func (t *Template) Names() []Name {
	var names []Name
	for _, p := range t.parts {
		if p.prog != nil {
			names = append(names, p.prog.names...)
		}
	}
	return names
}

// collector finds the names of an expression and refuses what the language does not have.
type collector struct {
	*program
	names []Name
	err   *Error
}

func (c *collector) refuse(n ast.Node, kind, text, hint string) {
	if c.err != nil {
		return
	}
	from, to := c.span(n.Location())
	c.err = &Error{Offset: from, End: to, Kind: kind, Text: text, Hint: hint}
}

// walk visits n; locals are the names that let has defined.
func (c *collector) walk(n ast.Node, locals []string) {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		if path, from, to := staticPath(n); path != nil {
			if !slices.Contains(locals, path[0]) {
				c.name(n, path, from, to)
			}
			return
		}
		member := n.(*ast.MemberNode)
		c.walk(member.Node, locals)
		c.walk(member.Property, locals)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		switch {
		case !ok:
			c.refuse(n, "expression-syntax", "a value has no methods", "call a function: lower(x) or x | lower()")
		case !isFunction(callee.Value):
			c.refuse(callee, "unknown-name", fmt.Sprintf("there is no function %q", callee.Value), didYouMean(callee.Value, Functions()))
		default:
			if f := functions[callee.Value]; len(n.Arguments) < f.min || len(n.Arguments) > max(f.max, f.min) && f.max >= 0 {
				c.refuse(callee, "expression-syntax", fmt.Sprintf("%s takes %s, not %d", callee.Value, f.arity(), len(n.Arguments)), "")
			}
		}
		for _, a := range n.Arguments {
			c.walk(a, locals)
		}
	case *ast.BuiltinNode:
		if !isFunction(n.Name) {
			c.refuse(n, "unknown-name", fmt.Sprintf("there is no function %q", n.Name), didYouMean(n.Name, Functions()))
		}
		for _, a := range n.Arguments {
			c.walk(a, locals)
		}
	case *ast.VariableDeclaratorNode:
		c.walk(n.Value, locals)
		c.walk(n.Expr, append(slices.Clip(locals), n.Name))
	case *ast.BytesNode:
		c.refuse(n, "expression-syntax", "there are no byte strings", `write "…"`)
	default:
		for _, child := range children(n) {
			c.walk(child, locals)
		}
	}
}

func (c *collector) name(n ast.Node, path []string, from, to ast.Node) {
	if path[0] == "$env" {
		c.refuse(from, "unknown-name", "$env does not exist", "write the name itself")
		return
	}
	start, _ := c.span(from.Location())
	_, end := c.span(to.Location())
	c.names = append(c.names, Name{Path: path, Offset: start, End: end})
}

// staticPath is the path of a.b["c"], with its first and last node; nil when something else is in it.
func staticPath(n ast.Node) (path []string, first, last ast.Node) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}, n, n
	case *ast.ChainNode:
		return staticPath(n.Node)
	case *ast.MemberNode:
		property, ok := n.Property.(*ast.StringNode)
		if !ok {
			return nil, nil, nil
		}
		path, first, _ := staticPath(n.Node)
		if path == nil {
			return nil, nil, nil
		}
		return append(path, property.Value), first, property
	}
	return nil, nil, nil
}

// children lists the nodes directly below n.
func children(n ast.Node) []ast.Node {
	var list []ast.Node
	add := func(nodes ...ast.Node) {
		for _, c := range nodes {
			if c != nil {
				list = append(list, c)
			}
		}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		add(n.Node)
	case *ast.BinaryNode:
		add(n.Left, n.Right)
	case *ast.ChainNode:
		add(n.Node)
	case *ast.MemberNode:
		add(n.Node, n.Property)
	case *ast.SliceNode:
		add(n.Node, n.From, n.To)
	case *ast.CallNode:
		add(n.Arguments...)
	case *ast.BuiltinNode:
		add(n.Arguments...)
	case *ast.PredicateNode:
		add(n.Node)
	case *ast.VariableDeclaratorNode:
		add(n.Value, n.Expr)
	case *ast.SequenceNode:
		add(n.Nodes...)
	case *ast.ConditionalNode:
		add(n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		add(n.Nodes...)
	case *ast.MapNode:
		add(n.Pairs...)
	case *ast.PairNode:
		add(n.Key, n.Value)
	}
	return list
}
