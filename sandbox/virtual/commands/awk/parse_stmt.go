package awk

// braces reads { statements }.
func (p *parser) braces() *block {
	p.enter()
	defer func() { p.depth-- }()
	b := &block{at: p.at()}
	p.expect("{")
	p.skipNewlines(true)
	for p.tok != "}" {
		if p.tok == tokEnd {
			p.unexpected()
		}
		b.list = append(b.list, p.statement())
		p.skipNewlines(true)
	}
	b.end = p.at()
	p.layout.closes()
	p.next()
	return b
}

// ends reads the end of a simple statement.
func (p *parser) ends() {
	switch p.tok {
	case ";", tokNewline:
		p.next()
	case "}", tokEnd:
	default:
		p.unexpected()
	}
}

// body reads the statement behind ")" or else, which may be on the next line; ";" is an empty one.
func (p *parser) body() stmt {
	p.skipNewlines(false)
	if p.accept(";") {
		return &block{}
	}
	return p.statement()
}

func (p *parser) loopBody() stmt {
	p.loops++
	p.breaks++
	defer func() { p.loops--; p.breaks-- }()
	return p.body()
}

func (p *parser) statement() stmt {
	p.enter()
	defer func() { p.depth-- }()
	if p.options.Profile {
		return &countedStmt{stmt: p.plainStatement()}
	}
	return p.plainStatement()
}

func (p *parser) plainStatement() stmt {
	at := p.at()
	switch p.tok {
	case "{":
		return p.braces()
	case "if":
		p.next()
		p.expect("(")
		s := &ifStmt{at: at, cond: p.lintCondition(p.inner())}
		p.expect(")")
		s.yes = p.body()
		saved := *p
		p.skipNewlines(true)
		if p.tok == "else" {
			p.next()
			s.no = p.body()
		} else {
			p.lexer = saved.lexer
		}
		return s
	case "while":
		p.next()
		p.expect("(")
		s := &whileStmt{at: at, cond: p.lintCondition(p.inner())}
		p.expect(")")
		s.body = p.loopBody()
		return s
	case "do":
		p.next()
		s := &doStmt{at: at, body: p.loopBody()}
		p.skipNewlines(true)
		p.expect("while")
		p.expect("(")
		s.cond = p.lintCondition(p.inner())
		p.expect(")")
		p.ends()
		return s
	case "for":
		return p.forStatement()
	case "switch":
		p.lintExtension("`%s' is a gawk extension", p.tok)
		return p.switchStatement()
	case ";":
		p.next()
		return &block{}
	}
	s := p.simple()
	p.ends()
	return s
}

// inner is an expression in parentheses: there ">" is an operator again.
func (p *parser) inner() expr {
	noGT := p.noGT
	p.noGT = false
	e := p.expr()
	p.noGT = noGT
	return e
}

func (p *parser) forStatement() stmt {
	at := p.at()
	p.next()
	p.expect("(")
	if p.tok == tokName {
		saved := p.lexer
		name := p.text
		p.next()
		if p.accept("in") && p.tok == tokName {
			array := p.text
			p.next()
			if p.tok == ")" {
				p.next()
				s := &forInStmt{at: at, key: p.variable(name).(lvalue), array: p.array(array)}
				s.body = p.loopBody()
				return s
			}
			if p.tok == "[" {
				a := p.array(array)
				for p.tok == "[" {
					p.next()
					a = &indexExpr{a, p.list("]")}
					p.expect("]")
				}
				if p.accept(")") {
					s := &forInStmt{at: at, key: p.variable(name).(lvalue), array: a}
					s.body = p.loopBody()
					return s
				}
			}
		}
		p.lexer = saved
	}
	s := &forStmt{at: at}
	if p.tok != ";" {
		s.init = p.simple()
	}
	p.expect(";")
	p.skipNewlines(false)
	if p.tok != ";" {
		s.cond = p.lintCondition(p.inner())
	}
	p.expect(";")
	p.skipNewlines(false)
	if p.tok != ")" {
		s.step = p.simple()
	}
	p.expect(")")
	s.body = p.loopBody()
	return s
}
