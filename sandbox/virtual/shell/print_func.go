package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
		if i > 0 && stmts[i-1].Background {
			p.write(" ")
		} else {
			p.newline(level)
		}
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
		} else if r.Op == syntax.RdrInOut {
			p.write("0")
		}
		p.write(r.Op.String())
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc:
			p.write(printWord(r.Word))
			p.docs = append(p.docs, r)
		case syntax.DplIn, syntax.DplOut:
			if word := printWord(r.Word); r.N == nil && r.Op == syntax.DplOut && strings.Trim(word, "0123456789") == "" {
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
		p.inline(c.Stmts, level)
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
		if c.Op == syntax.PipeAll {
			p.write(" 2>&1 | ")
		} else {
			p.write(" " + c.Op.String() + " ")
		}
		p.stmt(c.Y, level)
	case *syntax.FuncDecl:
		p.write("function " + c.Name.Value + " () ")
		p.newline(level)
		if b, ok := c.Body.Cmd.(*syntax.Block); ok {
			p.block(b, level)
			p.redirs(c.Body.Redirs)
		} else {
			p.block(&syntax.Block{Stmts: []*syntax.Stmt{c.Body}}, level)
		}
	case *syntax.TimeClause:
		p.write("time ")
		if c.PosixFormat {
			p.write("-p ")
		}
		if c.Stmt != nil {
			p.stmt(c.Stmt, level)
		}
	case *syntax.CoprocClause:
		p.write("coproc ")
		if c.Name != nil {
			p.write(printWord(c.Name) + " ")
		} else {
			p.write("COPROC ")
		}
		p.stmt(c.Stmt, level)
	case *syntax.TestClause:
		p.write("[[ " + testSource(c.X) + " ]]")
	case *syntax.CallExpr:
		p.write(callSource(c))
	case *syntax.DeclClause:
		p.write(c.Variant.Value)
		for _, a := range c.Args {
			p.write(" " + assignSource(a))
		}
	case nil:
	case *syntax.ArithmCmd:
		p.write(arithCommandSource(c))
	default:
		p.write(strings.ReplaceAll(printNode(c), "\n", "\n"+strings.Repeat("    ", level)))
	}
	p.redirs(st.Redirs)
	if st.Background {
		p.write(" &")
	}
}

func (p *funcPrinter) stmtText(st *syntax.Stmt) string {
	p.stmt(st, 0)
	return p.b.String()
}

func (p *funcPrinter) inline(stmts []*syntax.Stmt, level int) {
	for i, st := range stmts {
		switch {
		case i == 0:
		case stmts[i-1].Background:
			p.write(" ")
		default:
			p.write(";")
			p.newline(level)
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
		p.write(" in")
		if !loop.InPos.IsValid() {
			p.write(` "$@"`)
		}
		for _, w := range loop.Items {
			p.write(" " + wordSource(w))
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

func (p *funcPrinter) caseClause(c *syntax.CaseClause, level int) {
	p.write("case " + printWord(c.Word) + " in ")
	for _, item := range c.Items {
		p.newline(level + 1)
		patterns := make([]string, len(item.Patterns))
		for i, w := range item.Patterns {
			patterns[i] = printWord(w)
		}
		p.write(strings.Join(patterns, " | ") + ")")
		if len(item.Stmts) == 0 {
			p.write("\n")
		}
		p.list(item.Stmts, level+2, false)
		p.newline(level + 1)
		p.write(item.Op.String())
	}
	p.newline(level)
	p.write("esac")
}
