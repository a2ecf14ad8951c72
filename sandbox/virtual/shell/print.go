package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// printNode writes a node back as source, on one line where it can.
func printNode(n syntax.Node) string {
	if n == nil {
		return ""
	}
	if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) == 0 && len(c.Assigns) == 0 {
		return ""
	}
	if it, ok := n.(*syntax.WordIter); ok {
		words := make([]string, len(it.Items))
		for i, w := range it.Items {
			words[i] = printWord(w)
		}
		if !it.InPos.IsValid() {
			words = []string{`"$@"`}
		}
		return "for " + it.Name.Value + " in " + strings.Join(words, " ")
	}
	if x, ok := n.(syntax.ArithmExpr); ok {
		if _, isWord := x.(*syntax.Word); !isWord {
			n = &syntax.ArithmCmd{Left: x.Pos(), X: x, Right: x.End()}
		}
	}
	if p, ok := n.(syntax.WordPart); ok {
		n = &syntax.Word{Parts: []syntax.WordPart{p}}
	}
	var b strings.Builder
	if err := syntax.NewPrinter(syntax.SpaceRedirects(true)).Print(&b, n); err != nil {
		return ""
	}
	return strings.TrimRight(b.String(), "\n")
}

func printWord(w *syntax.Word) string { return printNode(w) }

func printArith(x syntax.ArithmExpr) string {
	if x == nil {
		return "1"
	}
	var b strings.Builder
	arithSource(&b, x)
	return b.String()
}

// arithSource writes an expression as it stands in the script, with its spaces.
func arithSource(b *strings.Builder, x syntax.ArithmExpr) {
	switch x := x.(type) {
	case *syntax.Word:
		b.WriteString(printWord(x))
	case *syntax.ParenArithm:
		b.WriteString("(" + gap(x.Lparen, x.X.Pos())[min(1, len(gap(x.Lparen, x.X.Pos()))):])
		arithSource(b, x.X)
		b.WriteString(gap(x.X.End(), x.Rparen) + ")")
	case *syntax.UnaryArithm:
		if x.Post {
			arithSource(b, x.X)
			b.WriteString(x.Op.String())
			return
		}
		b.WriteString(x.Op.String())
		space := gap(x.OpPos, x.X.Pos())
		b.WriteString(space[min(len(x.Op.String()), len(space)):])
		arithSource(b, x.X)
	case *syntax.BinaryArithm:
		op := x.Op.String()
		arithSource(b, x.X)
		space := gap(x.OpPos, x.Y.Pos())
		b.WriteString(gap(x.X.End(), x.OpPos) + op + space[min(len(op), len(space)):])
		arithSource(b, x.Y)
	}
}

// arithCommandSource is (( )) as it stands in the script.
func arithCommandSource(c *syntax.ArithmCmd) string {
	before := gap(c.Left, c.X.Pos())
	return "((" + before[min(2, len(before)):] + printArith(c.X) + gap(c.X.End(), c.Right) + "))"
}
