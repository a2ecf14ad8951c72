package awk

import "strings"

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
