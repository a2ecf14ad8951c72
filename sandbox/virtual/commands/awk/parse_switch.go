package awk

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
