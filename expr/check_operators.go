package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

func (c *checker) binary(n *ast.BinaryNode) *Type {
	switch n.Operator {
	case "??":
		left := c.lenient(n.Left)
		right := c.infer(n.Right)
		sure := *left
		if sure.Kind &^= Null; sure.Kind == 0 || left == Any {
			return Union(left, right)
		}
		return Union(&sure, right)
	case "==", "!=":
		return c.equality(n)
	case "and", "&&", "or", "||":
		c.want(n.Left, Bool, n.Operator)
		saved := c.present
		c.present = append(slices.Clip(saved), proven(n.Left, n.Operator == "and" || n.Operator == "&&")...)
		c.want(n.Right, Bool, n.Operator)
		c.present = saved
		return boolType
	case "contains", "startsWith", "endsWith", "matches":
		left := c.infer(n.Left)
		if left.Kind&String == 0 {
			hint := ""
			if left.Kind&List != 0 {
				hint = fmt.Sprintf("for a list write %s in %s", show(n.Right), show(n.Left))
			}
			c.report(leftmost(n.Left), "type-mismatch", hint, "%s wants text, and %s is %s", n.Operator, show(n.Left), left.Kind)
		}
		c.want(n.Right, String, n.Operator)
		return boolType
	case "in":
		c.infer(n.Left)
		c.want(n.Right, List|Object, "in")
		return boolType
	case "<", ">", "<=", ">=":
		left, right := c.want(n.Left, Number|String, n.Operator), c.want(n.Right, Number|String, n.Operator)
		if left.Kind&right.Kind&(Number|String) == 0 {
			c.report(n, "type-mismatch", "", "%s cannot compare %s with %s", n.Operator, left.Kind, right.Kind)
		}
		return boolType
	case "+":
		left, right := c.infer(n.Left), c.infer(n.Right)
		if common := left.Kind & right.Kind & (Number | String); common != 0 {
			return Of(common)
		}
		c.report(n, "type-mismatch", "string(x) makes a text", "+ wants two numbers or two texts, not %s and %s", left.Kind, right.Kind)
		return Of(Number | String)
	case "..":
		c.want(n.Left, Number, n.Operator)
		c.want(n.Right, Number, n.Operator)
		return ListOf(numberType)
	}
	c.want(n.Left, Number, n.Operator)
	c.want(n.Right, Number, n.Operator)
	return numberType
}

func (c *checker) equality(n *ast.BinaryNode) *Type {
	if isNil(n.Left) || isNil(n.Right) {
		c.lenient(n.Left)
		c.lenient(n.Right)
		return boolType
	}
	left, right := c.infer(n.Left), c.infer(n.Right)
	if left.Kind&right.Kind == 0 {
		c.report(n, "type-mismatch", "", "%s is %s and %s is %s: they are never equal", show(n.Left), left.Kind, show(n.Right), right.Kind)
		return boolType
	}
	value, others, name := n.Right, left, n.Left
	literal := right
	if _, ok := n.Left.(*ast.StringNode); ok {
		value, others, literal, name = n.Left, right, left, n.Right
	}
	if len(literal.Enum) == 1 && len(others.Enum) > 1 && !slices.ContainsFunc(others.Enum, func(v any) bool { return equal(v, literal.Enum[0]) }) {
		var words []string
		for _, v := range others.Enum {
			words = append(words, text(v))
		}
		hint := didYouMean(text(literal.Enum[0]), words)
		if hint == "" {
			hint = "it is one of " + strings.Join(words, ", ")
		}
		c.report(value, "constant-condition", hint, "%s is never %s", show(name), compact(literal.Enum[0]))
	}
	return boolType
}

// leftmost is the first node of n in the text that has a place of its own.
func leftmost(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.MemberNode:
		return leftmost(n.Node)
	case *ast.ChainNode:
		return leftmost(n.Node)
	case *ast.BinaryNode:
		return leftmost(n.Left)
	}
	return n
}

// show is a part of an expression for a message, cut where it is long.
func show(n ast.Node) string {
	const most = 60 // characters
	if s := []rune(n.String()); len(s) > most {
		return string(s[:most]) + "…"
	}
	return n.String()
}
