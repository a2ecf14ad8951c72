package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

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
