package awk

func (p *parser) ternary() expr {
	cond := p.or()
	if p.tok != "?" {
		return cond
	}
	p.next()
	p.skipNewlines(false)
	yes := p.expr()
	p.skipNewlines(false)
	p.expect(":")
	p.skipNewlines(false)
	return &condExpr{cond, yes, p.expr()}
}

func (p *parser) or() expr {
	e := p.and()
	for p.accept("||") {
		p.skipNewlines(false)
		e = &orExpr{e, p.and()}
	}
	return e
}

func (p *parser) and() expr {
	e := p.in()
	for p.accept("&&") {
		p.skipNewlines(false)
		e = &andExpr{e, p.in()}
	}
	return e
}

func (p *parser) in() expr {
	e := p.match()
	for p.tok == "in" {
		p.lintOld("old awk does not support the keyword `in' except after `for'")
		p.next()
		if p.tok != tokName {
			p.unexpected()
		}
		subs := []expr{e}
		if g, ok := e.(*groupExpr); ok {
			subs = g.list
		}
		array := p.array(p.text)
		p.next()
		for p.accept("[") {
			array = &indexExpr{array, p.list("]")}
			p.expect("]")
		}
		e = &inExpr{subs, array}
	}
	return e
}

func (p *parser) match() expr {
	e := p.comparison()
	for p.tok == "~" || p.tok == "!~" {
		negate := p.tok == "!~"
		if _, ok := e.(*regexExpr); ok {
			p.warn("regular expression on left of `~' or `!~' operator")
		}
		p.next()
		p.skipNewlines(false)
		e = &matchExpr{e, p.comparison(), negate}
	}
	return e
}

func (p *parser) comparison() expr {
	e := p.pipes(p.concat())
	switch t := p.tok; t {
	case ">":
		if p.noGT {
			return e
		}
		fallthrough
	case "<", "<=", "==", "!=", ">=":
		p.next()
		right := p.concat()
		if t == "==" || t == "!=" {
			p.lintRegex(right, "right of comparison")
		}
		e = p.pipes(&compareExpr{t, e, right})
	}
	return e
}

// pipes reads "| getline" behind a command.
func (p *parser) pipes(e expr) expr {
	for !p.noGT && (p.tok == "|" || p.tok == "|&") {
		saved := p.lexer
		kind := byte(fromPipe)
		if p.tok == "|&" {
			kind = bothWays
		}
		p.next()
		if p.tok != "getline" {
			p.lexer = saved
			break
		}
		p.next()
		e = &getlineExpr{kind: kind, from: e, to: p.optionalLvalue()}
	}
	return e
}

// operand says whether an operand that can be concatenated comes next.
func (p *parser) operand() bool {
	switch p.tok {
	case tokNumber, tokString, tokName, tokFuncName, tokBuiltin, "$", "!", "(", "-", "+", "++", "--", "@", "getline":
		return true
	}
	return false
}

// concat reads operands side by side.
func (p *parser) concat() expr {
	e := p.additive()
	parts := []expr{e}
	for p.operand() {
		parts = append(parts, p.additive())
	}
	if len(parts) == 1 {
		return e
	}
	return &concatExpr{parts}
}

func (p *parser) additive() expr {
	e := p.multiplicative()
	for p.tok == "+" || p.tok == "-" {
		op := p.tok[0]
		p.next()
		e = &binaryExpr{op, e, p.multiplicative()}
	}
	return e
}

func (p *parser) multiplicative() expr {
	e := p.unary()
	for p.tok == "*" || p.tok == "/" || p.tok == "%" {
		op := p.tok[0]
		p.next()
		by := p.unary()
		if v, ok := folded(by); ok && v.num() == 0 && op != '*' {
			if op == '%' {
				p.fail("division by zero attempted in `%%'")
			}
			p.fail("division by zero attempted")
		}
		e = &binaryExpr{op, e, by}
	}
	return e
}

// folded is the value of an expression that gawk calculates as it reads the program.
func folded(e expr) (value, bool) {
	switch e := e.(type) {
	case *constant:
		return e.v, e.v.kind == number || e.v.kind == exact
	case *notExpr:
		if c, ok := e.a.(*constant); ok {
			return truth(!c.v.bool()), true
		}
	case *negExpr:
		return folded(e.a)
	}
	return value{}, false
}

func (p *parser) unary() expr {
	p.enter()
	defer func() { p.depth-- }()
	switch p.tok {
	case "!":
		p.next()
		return &notExpr{p.unary()}
	case "-":
		p.next()
		return &negExpr{p.unary()}
	case "+":
		p.next()
		return &plusExpr{p.unary()}
	}
	return p.power()
}

func (p *parser) power() expr {
	e := p.postfix()
	if p.tok == "^" {
		p.next()
		var exponent expr
		switch p.tok {
		case "-", "+", "!":
			exponent = p.unary()
		default:
			exponent = p.power()
		}
		return &binaryExpr{'^', e, exponent}
	}
	return e
}

func (p *parser) postfix() expr {
	e := p.primary()
	if to, ok := e.(lvalue); ok && (p.tok == "++" || p.tok == "--") {
		by := 1.0
		if p.tok == "--" {
			by = -1
		}
		p.next()
		return &stepExpr{to, by, true}
	}
	return e
}
