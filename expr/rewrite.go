package expr

import "github.com/expr-lang/expr/ast"

// rewrite turns an expression into one whose members, additions and text operators are calls of our functions, which
// check what expr-lang lets pass: a missing field, a text that is not one, an endless loop. lenient is where a
// missing field is nil: left of ??, beside ?., compared with nil.
func rewrite(n ast.Node, lenient bool) ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		n.Node = rewrite(n.Node, false)
	case *ast.BinaryNode:
		return rewriteBinary(n)
	case *ast.ChainNode:
		return rewrite(n.Node, true)
	case *ast.MemberNode:
		path := show(n.Node)
		function := "\x00field"
		if lenient || n.Optional {
			function = "\x00optional"
		}
		return call(n.Property, function, rewrite(n.Node, lenient), rewrite(n.Property, false), &ast.StringNode{Value: path})
	case *ast.SliceNode:
		n.Node = rewrite(n.Node, false)
		n.From, n.To = rewriteAny(n.From), rewriteAny(n.To)
	case *ast.CallNode:
		return call(n, n.Callee.(*ast.IdentifierNode).Value, rewriteAll(n.Arguments)...)
	case *ast.BuiltinNode:
		rewriteAll(n.Arguments)
	case *ast.PredicateNode:
		n.Node = call(n.Node, "\x00loop", rewrite(n.Node, false))
	case *ast.VariableDeclaratorNode:
		n.Value, n.Expr = rewrite(n.Value, false), rewrite(n.Expr, lenient)
	case *ast.SequenceNode:
		rewriteAll(n.Nodes)
	case *ast.ConditionalNode:
		n.Cond, n.Exp1, n.Exp2 = rewrite(n.Cond, false), rewrite(n.Exp1, lenient), rewrite(n.Exp2, lenient)
	case *ast.ArrayNode:
		rewriteAll(n.Nodes)
	case *ast.MapNode:
		rewriteAll(n.Pairs)
	case *ast.PairNode:
		n.Key, n.Value = rewrite(n.Key, false), rewrite(n.Value, false)
	}
	return n
}

func rewriteBinary(n *ast.BinaryNode) ast.Node {
	lenientLeft := n.Operator == "??" || isEquality(n.Operator) && isNil(n.Right)
	lenientRight := isEquality(n.Operator) && isNil(n.Left)
	n.Left, n.Right = rewrite(n.Left, lenientLeft), rewrite(n.Right, lenientRight)
	switch n.Operator {
	case "+":
		return call(n, "\x00add", n.Left, n.Right)
	case "contains", "startsWith", "endsWith", "matches":
		operator := &ast.StringNode{Value: n.Operator}
		n.Left = call(n, "\x00text", n.Left, operator)
		n.Right = call(n, "\x00text", n.Right, operator)
	}
	return n
}

func isEquality(operator string) bool { return operator == "==" || operator == "!=" }

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

func rewriteAll(nodes []ast.Node) []ast.Node {
	for i, n := range nodes {
		nodes[i] = rewrite(n, false)
	}
	return nodes
}

func rewriteAny(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	return rewrite(n, false)
}

// call makes a call of one of our functions; its first argument is the evaluation's state. at lends it its place.
func call(at ast.Node, name string, arguments ...ast.Node) ast.Node {
	n := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: append([]ast.Node{&ast.IdentifierNode{Value: runName}}, arguments...),
	}
	n.SetLocation(at.Location())
	return n
}
