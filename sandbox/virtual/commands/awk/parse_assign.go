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
		place := assignable(&e)
		if place == nil {
			p.unexpected()
		}
		to := (*place).(lvalue)
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
		*place = &assignExpr{to, op, v}
	}
	return e
}

// assignable is the place of an assignment's lvalue: the last operand of what was read, as in "a && b = c".
// nil: there is none.
func assignable(e *expr) *expr {
	switch e := (*e).(type) {
	case *andExpr:
		return assignable(&e.b)
	case *orExpr:
		return assignable(&e.b)
	case *matchExpr:
		return assignable(&e.re)
	case *compareExpr:
		return assignable(&e.b)
	case *condExpr:
		return assignable(&e.no)
	}
	if _, ok := (*e).(lvalue); ok {
		return e
	}
	return nil
}
