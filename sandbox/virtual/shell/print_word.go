package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// callSource is a simple command.
func callSource(c *syntax.CallExpr) string {
	var words []string
	for _, a := range c.Assigns {
		words = append(words, assignSource(a))
	}
	for _, w := range c.Args {
		words = append(words, wordSource(w))
	}
	return strings.Join(words, " ")
}

func assignSource(a *syntax.Assign) string {
	if a.Naked && a.Name == nil {
		return wordSource(a.Value)
	}
	text := a.Name.Value
	if a.Index != nil {
		text += "[" + printArith(a.Index) + "]"
	}
	if a.Naked {
		return text
	}
	if a.Append {
		text += "+"
	}
	text += "="
	if a.Array != nil {
		return text + printList(a.Array)
	}
	if a.Value != nil {
		text += wordSource(a.Value)
	}
	return text
}

// wordSource is a word as bash remembers it: $'…' and $"…" are strings already.
func wordSource(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.SglQuoted:
			if text := part.Value; part.Dollar {
				text, _ = ansiC(text, false)
				b.WriteString("'" + strings.ReplaceAll(text, "'", `'\''`) + "'")
				continue
			}
		case *syntax.DblQuoted:
			b.WriteString(strings.TrimPrefix(printNode(part), "$"))
			continue
		case *syntax.CmdSubst:
			p := &funcPrinter{}
			for i, st := range part.Stmts {
				if i > 0 {
					p.write("; ")
				}
				p.stmt(st, 0)
			}
			if len(p.docs) > 0 {
				break
			}
			if part.Backquotes {
				b.WriteString("`" + p.b.String() + "`")
			} else {
				b.WriteString("$(" + p.b.String() + ")")
			}
			continue
		}
		b.WriteString(printNode(part))
	}
	return b.String()
}

// testSource is the expression of [[ ]]: a word alone is tested with -n.
func testSource(x syntax.TestExpr) string {
	switch x := x.(type) {
	case *syntax.Word:
		return "-n " + wordSource(x)
	case *syntax.ParenTest:
		return "( " + testSource(x.X) + " )"
	case *syntax.UnaryTest:
		if w, isWord := x.X.(*syntax.Word); isWord && x.Op != syntax.TsNot {
			return x.Op.String() + " " + wordSource(w)
		}
		return x.Op.String() + " " + testSource(x.X)
	case *syntax.BinaryTest:
		if x.Op == syntax.AndTest || x.Op == syntax.OrTest {
			return testSource(x.X) + " " + x.Op.String() + " " + testSource(x.Y)
		}
		left, _ := x.X.(*syntax.Word)
		right, _ := x.Y.(*syntax.Word)
		return wordSource(left) + " " + x.Op.String() + " " + wordSource(right)
	}
	return ""
}
