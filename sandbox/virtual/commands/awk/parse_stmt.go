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

func (p *parser) switchStatement() stmt {
	at := p.at()
	p.next()
	p.expect("(")
	s := &switchStmt{at: at, v: p.inner()}
	p.expect(")")
	p.skipNewlines(false)
	p.expect("{")
	p.skipNewlines(true)
	p.breaks++
	defer func() { p.breaks-- }()
	seen := map[string]bool{}
	for p.tok != "}" {
		c := switchCase{at: p.at()}
		if p.accept("default") {
			if seen["default"] {
				p.report("duplicate `default' detected in switch body")
			}
			seen["default"] = true
		} else {
			if p.tok == "case" {
				p.lintExtension("`%s' is a gawk extension", p.tok)
			}
			p.expect("case")
			shown := ""
			c.v, shown = p.caseValue()
			if seen["case "+shown] && shown != "" {
				p.report("duplicate case values in switch body: %s", shown)
			}
			seen["case "+shown] = true
		}
		p.expect(":")
		p.skipNewlines(true)
		for p.tok != "case" && p.tok != "default" && p.tok != "}" {
			if p.tok == tokEnd {
				p.unexpected()
			}
			c.body = append(c.body, p.statement())
			p.skipNewlines(true)
		}
		s.cases = append(s.cases, c)
	}
	p.next()
	return s
}

// caseValue reads the value behind case: a number, a text or a regular expression, and how messages show it.
func (p *parser) caseValue() (expr, string) {
	sign := ""
	if p.tok == "-" || p.tok == "+" {
		sign = string(p.tok)
		p.next()
		if p.tok != tokNumber {
			p.unexpected()
		}
	}
	switch p.tok {
	case tokNumber:
		n := p.num
		if sign == "-" {
			n = (&negExpr{&constant{n}}).eval(p.numbers)
		}
		p.next()
		return &constant{n}, n.str("%.6g")
	case tokString:
		shown := p.text
		return p.primary(), shown
	case "/", "/=":
		re := p.regexLiteral()
		return re, "/" + re.source + "/"
	case "@":
		return p.primary(), ""
	}
	p.unexpected()
	return nil, ""
}

// simple reads a statement that fits into for(;;).
func (p *parser) simple() stmt {
	at := p.at()
	switch t := p.tok; t {
	case "print", "printf":
		return p.print()
	case "break", "continue":
		p.next()
		if t == "break" && p.breaks == 0 || t == "continue" && p.loops == 0 {
			where := "a loop or switch"
			if t == "continue" {
				where = "a loop"
			}
			for range 2 { // as gawk does
				p.report("`%s' is not allowed outside %s", t, where)
			}
		}
		return &jumpStmt{at, map[token]control{"break": doBreak, "continue": doContinue}[t]}
	case "next", "nextfile":
		p.next()
		if p.special != "" && (p.special == "BEGIN" || p.special == "END" || t == "next") {
			p.report("`%s' used in %s action", t, p.special)
		}
		return &jumpStmt{at, map[token]control{"next": doNext, "nextfile": doNextFile}[t]}
	case "exit", "return":
		if t == "return" && p.fn == nil {
			p.failHere("`return' used outside function context")
		}
		p.next()
		var e expr
		if p.tok != ";" && p.tok != tokNewline && p.tok != "}" && p.tok != tokEnd {
			e = p.expr()
		}
		if t == "exit" {
			return &exitStmt{at, e}
		}
		return &returnStmt{at, e}
	case "delete":
		p.lintOld("`%s' is not supported in old awk", t)
		p.next()
		parens := p.accept("(")
		if parens {
			p.lint("`delete(array)' is a non-portable tawk extension")
		}
		if p.tok != tokName {
			p.unexpected()
		}
		if (p.text == "SYMTAB" || p.text == "FUNCTAB") && !p.prog.standard {
			p.fatal("`delete' is not allowed with %s", p.text)
		}
		d := &deleteStmt{at: at, array: p.array(p.text)}
		p.next()
		for p.tok == "[" {
			if d.subs != nil {
				d.array = &indexExpr{d.array, d.subs}
			}
			p.next()
			d.subs = p.list("]")
			p.expect("]")
		}
		if parens {
			p.expect(")")
		}
		return d
	}
	e := p.expr()
	p.lintStatement(e)
	return &exprStmt{at, e}
}

func (p *parser) print() stmt {
	s := &printStmt{at: p.at(), format: p.tok == "printf"}
	p.next()
	p.noGT = true
	if p.tok == "(" { // the parentheses may hold all arguments, or begin the first one
		saved := p.lexer
		p.next()
		p.noGT = false
		s.args = p.list(")")
		if len(s.args) == 0 {
			p.unexpected()
		}
		if len(s.args) == 1 {
			s.args[0] = &plainExpr{s.args[0]}
		}
		p.expect(")")
		p.noGT = true
		if len(s.args) > 1 && p.operand() {
			p.unexpected()
		}
		switch p.tok {
		case ";", tokNewline, "}", tokEnd, ">", ">>", "|", "|&":
		default:
			p.lexer = saved
			s.args = p.printArgs()
		}
	} else {
		s.args = p.printArgs()
	}
	switch t := p.tok; t {
	case ">", ">>", "|", "|&":
		p.next()
		s.to = map[token]byte{">": '>', ">>": 'a', "|": '|', "|&": '&'}[t]
		s.dest = p.concat()
	}
	p.noGT = false
	if !s.format && len(s.args) == 0 && s.to == 0 && (p.special == "BEGIN" || p.special == "END") {
		p.lint("plain `print' in BEGIN or END rule should probably be `print \"\"'")
	}
	if s.format && len(s.args) == 0 {
		p.fatal("printf: no arguments")
	}
	return s
}

func (p *parser) printArgs() []expr {
	switch p.tok {
	case ";", tokNewline, "}", tokEnd, ">", ">>", "|", "|&":
		return nil
	}
	var args []expr
	for {
		e := p.expr()
		if g, ok := e.(*groupExpr); ok {
			args = append(args, g.list...)
		} else {
			args = append(args, e)
		}
		if !p.accept(",") {
			return args
		}
		p.skipNewlines(false)
	}
}
