package expr

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Present lists the paths ("payload.issue") of which t, being true, proves that they are there.
func (t *Template) Present() []string {
	if prog := t.single(); prog != nil {
		return proven(prog.tree, true)
	}
	return nil
}

// proven lists the paths that are there when n is true (or, with holds false, when it is false).
func proven(n ast.Node, holds bool) []string {
	switch n := n.(type) {
	case *ast.MemberNode: // a step that was not skipped has all that it may have
		if path, _, _ := staticPath(n); !holds && len(path) == 3 && path[0] == "steps" && path[2] == "skipped" {
			return []string{path[0] + "." + path[1] + ".*"}
		}
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return proven(n.Node, !holds)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			if holds {
				return append(proven(n.Left, true), proven(n.Right, true)...)
			}
		case "or", "||":
			if !holds {
				return append(proven(n.Left, false), proven(n.Right, false)...)
			}
		case "!=", "==":
			if holds != (n.Operator == "!=") {
				return nil
			}
			if isNil(n.Right) {
				return pathOf(n.Left)
			}
			if isNil(n.Left) {
				return pathOf(n.Right)
			}
		case "in":
			if key, ok := n.Left.(*ast.StringNode); ok && holds {
				return pathOf(&ast.MemberNode{Node: n.Right, Property: key})
			}
		}
	}
	return nil
}

// pathOf lists n's path and those above it: where n is there, so are they.
func pathOf(n ast.Node) []string {
	path, _, _ := staticPath(n)
	var paths []string
	for i := 2; i <= len(path); i++ {
		paths = append(paths, strings.Join(path[:i], "."))
	}
	return paths
}
