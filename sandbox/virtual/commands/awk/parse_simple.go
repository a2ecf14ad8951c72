package awk

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
		if len(s.args) > 1 && (p.operand() || p.tok == ",") {
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
		if p.tok == "|" || p.tok == "|&" { // which could be for getline only
			p.next()
			p.unexpected()
		}
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
