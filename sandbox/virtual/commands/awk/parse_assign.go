package awk

// expr reads an expression; assignments bind weakest.
func (p *parser) expr() expr {
	p.enter()
	defer func() { p.depth-- }()
	e := p.ternary()
	switch p.tok {
	case "=", "+=", "-=", "*=", "/=", "%=", "^=":
		if step, ok := e.(*stepExpr); ok && step.after {
			if _, ok := step.to.(*fieldExpr); ok {
				p.next()
				p.expr()
				p.failHere("cannot assign a value to the result of a field post-increment expression")
			}
		}
		to, ok := assignable(e)
		if !ok {
			p.unexpected()
		}
		op := byte(0)
		if len(p.tok) == 2 {
			op = p.tok[0]
		}
		if op == '^' {
			p.lintOld("operator `%s' is not supported in old awk", "^=")
		}
		p.next()
		p.skipNewlines(false)
		v := p.expr()
		p.lintRegex(v, "right of assignment")
		return reattach(e, &assignExpr{to, op, v})
	}
	return e
}

// assignable finds the lvalue of an assignment: the last operand of what was read, as in "a && b = c" and "! x = y".
func assignable(e expr) (lvalue, bool) {
	switch e := e.(type) {
	case lvalue:
		return e, true
	case *andExpr:
		return assignable(e.b)
	case *orExpr:
		return assignable(e.b)
	case *notExpr:
		return assignable(e.a)
	case *negExpr:
		return assignable(e.a)
	case *matchExpr:
		return assignable(e.re)
	case *compareExpr:
		return assignable(e.b)
	case *condExpr:
		return assignable(e.no)
	case *concatExpr:
		return assignable(e.parts[len(e.parts)-1])
	case *binaryExpr:
		return assignable(e.b)
	}
	return nil, false
}

// reattach puts the assignment where its lvalue was.
func reattach(e expr, a *assignExpr) expr {
	switch e := e.(type) {
	case *andExpr:
		e.b = reattach(e.b, a)
		return e
	case *orExpr:
		e.b = reattach(e.b, a)
		return e
	case *notExpr:
		e.a = reattach(e.a, a)
		return e
	case *negExpr:
		e.a = reattach(e.a, a)
		return e
	case *matchExpr:
		e.re = reattach(e.re, a)
		return e
	case *compareExpr:
		e.b = reattach(e.b, a)
		return e
	case *condExpr:
		e.no = reattach(e.no, a)
		return e
	case *concatExpr:
		e.parts[len(e.parts)-1] = reattach(e.parts[len(e.parts)-1], a)
		return e
	case *binaryExpr:
		e.b = reattach(e.b, a)
		return e
	}
	return a
}
