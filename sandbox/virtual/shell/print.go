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
		return "for " + it.Name.Value + " in " + strings.Join(words, " ")
	}
	if _, ok := n.(*syntax.CStyleLoop); ok {
		return "(( ))"
	}
	if x, ok := n.(syntax.ArithmExpr); ok {
		if _, isWord := x.(*syntax.Word); !isWord {
			n = &syntax.ArithmCmd{X: x}
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

// printFuncBody writes the body of a function as declare -f does.
func printFuncBody(body *syntax.Stmt) string {
	p := &funcPrinter{}
	p.write("\n")
	if block, ok := body.Cmd.(*syntax.Block); ok {
		p.block(block, 0)
	} else {
		p.write("{ ")
		p.newline(1)
		p.stmt(body, 1)
		p.newline(0)
		p.write("}")
	}
	if _, ok := body.Cmd.(*syntax.Block); ok {
		p.redirs(body.Redirs)
	}
	return p.b.String()
}

// funcPrinter lays statements out like bash: four spaces a level, a semicolon after each but the last.
type funcPrinter struct {
	b    strings.Builder
	docs []*syntax.Redirect
}

func (p *funcPrinter) write(v string) { p.b.WriteString(v) }

func (p *funcPrinter) newline(level int) {
	p.flushDocs()
	p.write("\n" + strings.Repeat("    ", level))
}

func (p *funcPrinter) flushDocs() {
	for _, r := range p.docs {
		body := ""
		if r.Hdoc != nil {
			body = printWord(r.Hdoc)
			if len(r.Hdoc.Parts) > 0 {
				body = hereText(r.Hdoc)
			}
		}
		p.write("\n" + body + hereEnd(r.Word) + "\n")
	}
	p.docs = nil
}

func hereText(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			b.WriteString(lit.Value)
		} else {
			b.WriteString(printNode(part))
		}
	}
	return b.String()
}

func hereEnd(w *syntax.Word) string {
	return strings.NewReplacer("'", "", `"`, "", `\`, "").Replace(printWord(w))
}

func (p *funcPrinter) block(b *syntax.Block, level int) {
	p.write("{ ")
	p.list(b.Stmts, level+1, false)
	p.newline(level)
	p.write("}")
}

// list writes statements a line each; the last gets a semicolon where a keyword follows.
func (p *funcPrinter) list(stmts []*syntax.Stmt, level int, semi bool) {
	for i, st := range stmts {
		p.newline(level)
		p.stmt(st, level)
		last := i == len(stmts)-1
		if (!last || semi) && !st.Background && len(p.docs) == 0 {
			p.write(";")
		}
	}
}

func (p *funcPrinter) redirs(list []*syntax.Redirect) {
	for _, r := range list {
		p.write(" ")
		if r.N != nil {
			p.write(r.N.Value)
		}
		p.write(r.Op.String())
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc:
			p.write(printWord(r.Word))
			p.docs = append(p.docs, r)
		case syntax.DplIn, syntax.DplOut:
			if r.N == nil && r.Op == syntax.DplOut && printWord(r.Word) != "-" {
				text := p.b.String()
				p.b.Reset()
				p.b.WriteString(text[:len(text)-2] + "1>&")
			}
			p.write(printWord(r.Word))
		default:
			p.write(" " + printWord(r.Word))
		}
	}
}

func (p *funcPrinter) stmt(st *syntax.Stmt, level int) {
	if st.Negated {
		p.write("! ")
	}
	switch c := st.Cmd.(type) {
	case *syntax.Block:
		p.block(c, level)
	case *syntax.Subshell:
		p.write("( ")
		for i, inner := range c.Stmts {
			if i > 0 {
				p.newline(level)
			}
			p.stmt(inner, level)
			if i < len(c.Stmts)-1 && !inner.Background {
				p.write(";")
			}
		}
		p.write(" )")
	case *syntax.IfClause:
		p.ifClause(c, level)
	case *syntax.WhileClause:
		word := "while "
		if c.Until {
			word = "until "
		}
		p.write(word)
		p.inline(c.Cond, level)
		p.write("; do")
		p.list(c.Do, level+1, true)
		p.newline(level)
		p.write("done")
	case *syntax.ForClause:
		p.forClause(c, level)
	case *syntax.CaseClause:
		p.caseClause(c, level)
	case *syntax.BinaryCmd:
		p.stmt(c.X, level)
		p.write(" " + c.Op.String() + " ")
		p.stmt(c.Y, level)
	case *syntax.FuncDecl:
		p.write("function " + c.Name.Value + " () ")
		p.newline(level)
		if b, ok := c.Body.Cmd.(*syntax.Block); ok {
			p.block(b, level)
			p.redirs(c.Body.Redirs)
		} else {
			p.stmt(c.Body, level)
		}
	case nil:
	default:
		p.write(strings.ReplaceAll(printNode(c), "\n", "\n"+strings.Repeat("    ", level)))
	}
	p.redirs(st.Redirs)
	if st.Background {
		p.write(" &")
	}
}

func (p *funcPrinter) inline(stmts []*syntax.Stmt, level int) {
	for i, st := range stmts {
		if i > 0 {
			p.write("; ")
		}
		p.stmt(st, level)
	}
}

func (p *funcPrinter) ifClause(c *syntax.IfClause, level int) {
	p.write("if ")
	p.inline(c.Cond, level)
	p.write("; then")
	p.list(c.Then, level+1, true)
	if e := c.Else; e != nil {
		p.newline(level)
		p.write("else")
		if len(e.Cond) > 0 { // elif is an if within else
			p.newline(level + 1)
			p.ifClause(e, level+1)
			p.write(";")
		} else {
			p.list(e.Then, level+1, true)
		}
	}
	p.newline(level)
	p.write("fi")
}

func (p *funcPrinter) forClause(c *syntax.ForClause, level int) {
	switch loop := c.Loop.(type) {
	case *syntax.WordIter:
		word := "for "
		if c.Select {
			word = "select "
		}
		p.write(word + loop.Name.Value)
		if loop.InPos.IsValid() {
			p.write(" in")
			for _, w := range loop.Items {
				p.write(" " + printWord(w))
			}
		}
		p.write(";")
	case *syntax.CStyleLoop:
		p.write("for ((" + printArith(loop.Init) + "; " + printArith(loop.Cond) + "; " + printArith(loop.Post) + "))")
	}
	p.newline(level)
	p.write("do")
	p.list(c.Do, level+1, true)
	p.newline(level)
	p.write("done")
}

func printArith(x syntax.ArithmExpr) string {
	if x == nil {
		return "1"
	}
	text := printNode(&syntax.ArithmCmd{X: x})
	return strings.TrimSuffix(strings.TrimPrefix(text, "(("), "))")
}

func (p *funcPrinter) caseClause(c *syntax.CaseClause, level int) {
	p.write("case " + printWord(c.Word) + " in ")
	for _, item := range c.Items {
		p.newline(level + 1)
		patterns := make([]string, len(item.Patterns))
		for i, w := range item.Patterns {
			patterns[i] = printWord(w)
		}
		p.write(strings.Join(patterns, " | ") + ")")
		p.list(item.Stmts, level+2, false)
		p.newline(level + 1)
		p.write(item.Op.String())
	}
	p.newline(level)
	p.write("esac")
}
