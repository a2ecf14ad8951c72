package awk

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// printer writes a program, well laid out: -o, and with how often each part ran -p.
type printer struct {
	w        io.Writer
	prog     *Program
	profile  bool
	depth    int
	comments []comment // that are not yet written
	space    string    // the namespace
	locals   []string  // of the function
}

// countedStmt counts how often a statement runs.
type countedStmt struct {
	stmt
	n int
}

func (s *countedStmt) exec(in *interp) control {
	s.n++
	return s.stmt.exec(in)
}

// prettyPrint writes a program; it is a profile if it has a time.
func prettyPrint(w io.Writer, prog *Program, made time.Time) {
	p := &printer{w: w, prog: prog, profile: !made.IsZero()}
	if p.profile {
		fmt.Fprintf(w, "\t# gawk profile, created %s\n", made.Format("Mon Jan _2 15:04:05 2006"))
	}
	for _, kind := range []string{"@", "BEGIN", "BEGINFILE", "", "ENDFILE", "END"} {
		heading := map[string]string{"@": "Loaded extensions (-l and/or @load)", "": "Rule(s)"}[kind]
		if heading == "" {
			heading = kind + " rule(s)"
		}
		for _, it := range prog.layout.items {
			if it.kind != kind {
				continue
			}
			if p.profile && heading != "" {
				p.printf("\n\t# %s\n", heading)
			}
			heading = ""
			if p.profile {
				p.printf("\n")
			}
			p.rule(it)
			if !p.profile {
				p.printf("\n")
			}
		}
	}
	p.comments = prog.layout.comments
	p.flush(nil)
	var functions []item
	for _, it := range prog.layout.items {
		if it.kind == "function" {
			functions = append(functions, it)
		}
	}
	slices.SortStableFunc(functions, func(a, b item) int { return strings.Compare(a.what.(*function).name, b.what.(*function).name) })
	if len(functions) > 0 && p.profile {
		p.printf("\n\n\t# Functions, listed alphabetically\n")
	}
	for _, it := range functions {
		p.printf("\n")
		p.function(it)
	}
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// indent begins a line, in a profile with a count.
func (p *printer) indent(n int) {
	if p.profile {
		if n > 0 {
			p.printf("%6d  ", n)
		} else {
			p.printf("\t")
		}
	}
	p.printf("%s", strings.Repeat("\t", p.depth))
}

// flush writes the comments before a place, or all, each on its line.
func (p *printer) flush(before *place) {
	for i := 0; len(p.comments) > 0; i++ {
		c := p.comments[0]
		if before != nil && (c.at.source != before.source || c.at.line >= before.line) {
			return
		}
		p.comments = p.comments[1:]
		if c.gap && i > 0 {
			p.printf("\n")
		}
		p.indent(0)
		p.printf("%s\n", c.text)
	}
}

// endLine ends a line, with the comment that stands at the end of its statement: before the place that follows.
func (p *printer) endLine(next place) {
	if len(p.comments) > 0 && !p.comments[0].alone && p.comments[0].at.source == next.source && p.comments[0].at.line < next.line {
		p.printf("\t%s", p.comments[0].text)
		p.comments = p.comments[1:]
	}
	p.printf("\n")
}

// rule writes a rule or a directive.
func (p *printer) rule(it item) {
	p.comments = it.comments
	switch what := it.what.(type) {
	case string:
		p.indent(0)
		p.printf("%s\n", what)
	case *block:
		p.leading(what.at)
		p.indent(0)
		p.printf("%s {", it.kind)
		p.body(what)
		p.printf("\n")
	case *rule:
		p.leading(what.at)
		n := what.tested
		if what.from == nil {
			n = what.ran
		}
		p.indent(n)
		if what.from != nil {
			p.printf("%s", p.expr(what.from))
			if what.to != nil {
				p.printf(", %s", p.expr(what.to))
			}
			p.printf(" ")
		}
		p.printf("{")
		if p.profile && what.from != nil && what.ran > 0 {
			p.printf(" # %d", what.ran)
		}
		body, ok := what.body.(*block)
		if !ok {
			p.printf("\n")
			p.depth++
			p.indent(what.ran)
			p.printf("print\n")
			p.depth--
			p.indent(0)
			p.printf("}")
		} else {
			p.body(body)
		}
		p.printf("\n")
	}
}

// leading writes the comments before an item.
func (p *printer) leading(at place) {
	p.flush(&at)
}

func (p *printer) function(it item) {
	f := it.what.(*function)
	p.comments, p.locals = it.comments, f.params
	body := f.body.(*block)
	p.leading(body.at)
	p.indent(f.calls)
	p.printf("function %s(%s)\n", f.name, strings.Join(f.params, ", "))
	p.indent(0)
	p.printf("{")
	if len(p.comments) > 0 && p.comments[0].at == body.at && !p.comments[0].alone {
		p.comments[0].alone = true
	}
	p.body(body)
	p.printf("\n")
	p.locals = nil
}

// body writes what is in braces, from behind the "{".
func (p *printer) body(b *block) {
	p.inner(b)
	p.indent(0)
	p.printf("}")
}

// inner is body without the "}".
func (p *printer) inner(b *block) {
	next := b.end
	if len(b.list) > 0 {
		next = placeOf(b.list[0], b.end)
	}
	if next.line == b.at.line {
		p.printf("\n")
	} else {
		p.endLine(place{next.source, b.at.line + 1})
	}
	p.depth++
	p.statements(b.list, b.end)
	p.flush(&b.end)
	p.depth--
}

func (p *printer) statements(list []stmt, end place) {
	for i, s := range list {
		next := end
		if i+1 < len(list) {
			next = placeOf(list[i+1], end)
		}
		p.statement(s, next)
	}
}

// placeOf is where a statement begins; end where it does not say.
func placeOf(s stmt, end place) place {
	switch s := s.(type) {
	case *countedStmt:
		return placeOf(s.stmt, end)
	case *block:
		if s.at.line == 0 {
			return end
		}
		return s.at
	case *exprStmt:
		return s.at
	case *printStmt:
		return s.at
	case *ifStmt:
		return s.at
	case *whileStmt:
		return s.at
	case *doStmt:
		return s.at
	case *forStmt:
		return s.at
	case *forInStmt:
		return s.at
	case *jumpStmt:
		return s.at
	case *exitStmt:
		return s.at
	case *returnStmt:
		return s.at
	case *deleteStmt:
		return s.at
	case *switchStmt:
		return s.at
	}
	return end
}

// nested writes the body of a statement behind its "{"; what is no block becomes one.
func (p *printer) nested(s stmt, end place) {
	p.branch(s, end)
	p.indent(0)
	p.printf("}")
}

// branch is nested without the "}".
func (p *printer) branch(s stmt, end place) {
	plain := s
	if c, ok := s.(*countedStmt); ok {
		plain = c.stmt
	}
	b, ok := plain.(*block)
	if ok && b.at.line > 0 {
		p.inner(b)
		return
	}
	p.printf("\n")
	p.depth++
	if !ok || len(b.list) > 0 {
		p.statement(s, end)
	}
	p.depth--
}

// ran says how often a statement ran.
func ran(s stmt) int {
	if c, ok := s.(*countedStmt); ok {
		return c.n
	}
	return 0
}

// statement writes a statement; next is where what follows begins.
func (p *printer) statement(s stmt, next place) {
	n := ran(s)
	if c, ok := s.(*countedStmt); ok {
		s = c.stmt
	}
	at := placeOf(s, next)
	if b, ok := s.(*block); ok {
		if b.at.line > 0 {
			p.statements(b.list, b.end)
		}
		return
	}
	p.flush(&at)
	switch s := s.(type) {
	case *ifStmt:
		p.ifStatement(s, n, next)
	case *whileStmt:
		p.indent(ran(s.body))
		p.printf("while (%s) {", p.expr(s.cond))
		p.nested(s.body, next)
	case *doStmt:
		p.indent(ran(s.body))
		p.printf("do {")
		p.nested(s.body, next)
		p.printf(" while (%s)", p.expr(s.cond))
	case *forStmt:
		p.indent(ran(s.body))
		p.printf("for (%s;%s;%s) {", p.simple(s.init), p.spaced(s.cond), spacedText(p.simple(s.step), s.cond != nil || s.init != nil))
		p.nested(s.body, next)
	case *forInStmt:
		p.indent(ran(s.body))
		p.printf("for (%s in %s) {", p.expr(s.key), p.expr(s.array))
		p.nested(s.body, next)
	case *switchStmt:
		p.switchStatement(s, n, next)
	default:
		p.indent(n)
		p.printf("%s", p.simple(s))
	}
	p.endLine(next)
}

func spacedText(s string, space bool) string {
	if space || s != "" {
		return " " + s
	}
	return s
}

func (p *printer) spaced(e expr) string {
	if e == nil {
		return ""
	}
	return " " + p.expr(e)
}

func (p *printer) ifStatement(s *ifStmt, n int, next place) {
	p.indent(n)
	for {
		p.printf("if (%s) {", p.expr(s.cond))
		if taken := ran(s.yes); p.profile && taken > 0 {
			p.printf(" # %d", taken)
		}
		p.branch(s.yes, next)
		no := s.no
		if c, ok := no.(*countedStmt); ok {
			no = c.stmt
		}
		following, ok := no.(*ifStmt)
		if !ok {
			break
		}
		p.indent(ran(s.no))
		p.printf("} else ")
		s = following
	}
	p.indent(0)
	p.printf("}")
	if s.no != nil {
		p.printf(" else {")
		p.nested(s.no, next)
	}
}

func (p *printer) switchStatement(s *switchStmt, n int, next place) {
	p.indent(n)
	p.printf("switch (%s) {", p.expr(s.v))
	p.endLine(place{s.at.source, s.at.line + 1})
	for i, c := range s.cases {
		p.flush(&c.at)
		count := 0
		if len(c.body) > 0 {
			count = ran(c.body[0])
		}
		p.indent(count)
		if c.v == nil {
			p.printf("default:")
		} else {
			p.printf("case %s:", p.expr(c.v))
		}
		end := next
		if i+1 < len(s.cases) {
			end = s.cases[i+1].at
		}
		p.endLine(place{c.at.source, c.at.line + 1})
		p.depth++
		p.statements(c.body, end)
		p.flush(&end)
		p.depth--
	}
	p.indent(0)
	p.printf("}")
}

// simple is a statement of one line.
func (p *printer) simple(s stmt) string {
	switch s := s.(type) {
	case *exprStmt:
		return p.expr(s.e)
	case *printStmt:
		return p.printText(s)
	case *jumpStmt:
		return map[control]string{doBreak: "break", doContinue: "continue", doNext: "next", doNextFile: "nextfile"}[s.to]
	case *exitStmt:
		return p.withValue("exit", s.status)
	case *returnStmt:
		return p.withValue("return", s.v)
	case *deleteStmt:
		if s.subs == nil {
			return "delete " + p.expr(s.array)
		}
		var subs []string
		for _, e := range s.subs {
			subs = append(subs, p.expr(e))
		}
		return "delete " + p.expr(s.array) + "[" + strings.Join(subs, " ") + "]"
	}
	return ""
}

// withValue is a word and the value behind it, which is in parentheses if it has an operator.
func (p *printer) withValue(word string, e expr) string {
	if e == nil {
		return word
	}
	text := p.expr(e)
	switch e.(type) {
	case *binaryExpr, *compareExpr, *matchExpr, *concatExpr, *condExpr, *andExpr, *orExpr, *inExpr, *assignExpr:
		text = "(" + text + ")"
	}
	return word + " " + text
}

func (p *printer) printText(s *printStmt) string {
	list := s.args
	if plain, ok := firstOf(list).(*plainExpr); ok && len(list) == 1 && s.to != 0 {
		list = []expr{plain.e}
	}
	args := p.list(list)
	if s.to == 0 {
		if len(s.args) == 0 {
			return s.word()
		}
		return s.word() + " " + args
	}
	if len(s.args) > 0 {
		args = "(" + args + ")"
	}
	dest := p.expr(s.dest)
	if _, ok := s.dest.(*concatExpr); ok {
		dest = "(" + dest + ")"
	}
	return s.word() + args + " " + operatorOf[s.to] + " " + dest
}

func firstOf(list []expr) expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
