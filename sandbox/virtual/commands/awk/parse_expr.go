package awk

import (
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

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
	for p.tok == "|" || p.tok == "|&" {
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
	case tokNumber, tokString, tokName, tokFuncName, tokBuiltin, "$", "!", "(", "-", "+", "++", "--", "@":
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

// optionalLvalue reads the variable of getline, if one follows.
func (p *parser) optionalLvalue() lvalue {
	if p.tok != "$" && p.tok != tokName {
		return nil
	}
	to, ok := p.primary().(lvalue)
	if !ok {
		p.unexpected()
	}
	return to
}

func (p *parser) primary() expr {
	switch p.tok {
	case tokNumber:
		if !p.prog.standard {
			if base := baseOf(p.text); base != 10 {
				p.lint("numeric constant `%s' treated as %s", p.text, map[int]string{8: "octal", 16: "hexadecimal"}[base])
			}
		}
		c := &constant{p.num}
		p.layout.literal(c, p.text)
		p.next()
		return c
	case tokString:
		s := str(p.text)
		p.next()
		if p.reader.nonDecimal {
			s = p.reader.fromOutside(s)
		}
		return &constant{s}
	case "/", "/=":
		return p.regexLiteral()
	case "@":
		p.next()
		if p.tok == "/" || p.tok == "/=" {
			re := p.regexLiteral()
			c := &constant{value{kind: typed, s: re.source}}
			p.layout.literal(c, "@"+p.layout.text(re))
			return c
		}
		if p.tok != tokFuncName {
			p.unexpected()
		}
		if slices.Contains(specials, p.text) && !p.prog.standard {
			name := p.text
			p.next()
			p.next()
			p.list(")")
			p.failHere("cannot use special variable `%s' for indirect function call", name)
		}
		p.lintExtension("indirect function calls are a gawk extension")
		name := p.variable(p.text)
		p.next()
		p.expect("(")
		call := &indirectExpr{name, p.list(")")}
		p.warnOfRegexes(call.args)
		p.expect(")")
		return call
	case "$":
		p.next()
		if p.tok == "++" || p.tok == "--" || p.tok == "-" || p.tok == "+" || p.tok == "!" {
			return &fieldExpr{p.unary()}
		}
		return &fieldExpr{p.primary()}
	case "++", "--":
		by := 1.0
		if p.tok == "--" {
			by = -1
		}
		p.next()
		to, ok := p.primary().(lvalue)
		if !ok {
			p.unexpected()
		}
		return &stepExpr{to, by, false}
	case "-", "+", "!":
		return p.unary()
	case "(":
		return p.group()
	case "getline":
		p.lintOld("`getline' is not supported in old awk")
		p.next()
		g := &getlineExpr{to: p.optionalLvalue()}
		if p.accept("<") {
			g.kind, g.from = '<', p.primaryOperand()
		} else if p.special == "END" {
			p.lint("non-redirected `getline' undefined inside END action")
		} else if p.special == "BEGINFILE" || p.special == "ENDFILE" {
			p.report("non-redirected `getline' invalid inside `%s' rule", p.special)
		}
		return g
	case tokBuiltin:
		return p.builtinCall()
	case tokFuncName:
		return p.call()
	case tokName:
		name := p.text
		marked := name == "_" && p.pos < len(p.src) && p.src[p.pos] == '"' && !p.prog.standard
		p.next()
		if marked {
			p.layout.message(p.text, "")
			return p.primary()
		}
		e := p.variable(name)
		for p.tok == "[" {
			p.next()
			subs := p.list("]")
			if len(subs) == 0 {
				p.unexpected()
			}
			p.expect("]")
			if _, nested := e.(*indexExpr); nested {
				p.lintExtension("multidimensional arrays are a gawk extension")
			}
			a, ok := e.(arrayExpr)
			if !ok {
				p.fatal("attempt to use scalar `%s' as an array", name)
			}
			e = &indexExpr{a, subs}
		}
		return e
	}
	p.unexpected()
	return nil
}

// primaryOperand is the file of getline, which no operator continues.
func (p *parser) primaryOperand() expr {
	if p.tok == "$" || p.tok == tokName || p.tok == "++" || p.tok == "--" {
		return p.postfix()
	}
	return p.primary()
}

func (p *parser) regexLiteral() *regexExpr {
	start := p.start
	source := p.regex()
	p.lintLiteral(source)
	re := &regexExpr{p.compile(source), source}
	p.layout.literal(re, p.src[start:p.pos])
	p.next()
	return re
}

func (p *parser) compile(source string) *regex.Regexp {
	source, unknown := knownEscapes(source, p.prog.standard)
	for _, c := range unknown {
		p.warnOnce("regexp escape sequence `\\%c' is not a known regexp operator", c)
	}
	re, err := regex.Compile(source, regex.Awk, p.options.Flags)
	if err != nil {
		p.fail("%v: /%s/", err, source)
	}
	return re
}

// group reads ( … ).
func (p *parser) group() expr {
	p.next()
	list := p.list(")")
	p.expect(")")
	switch {
	case len(list) == 0:
		p.unexpected()
	case len(list) > 1:
		if p.tok != "in" && !p.noGT {
			p.unexpected()
		}
		return &groupExpr{list}
	}
	return &plainExpr{list[0]}
}

// warnOfRegexes warns of arguments that are matched with $0 before the call.
func (p *parser) warnOfRegexes(args []expr) {
	for i, arg := range args {
		if _, ok := arg.(*regexExpr); ok {
			p.warn("regexp constant for parameter #%d yields boolean value", i+1)
		}
	}
}

func (p *parser) call() expr {
	name := p.text
	if _, local := p.locals[name]; local {
		p.fail("attempt to use non-function `%s' in function call", name)
	}
	name = p.qualified(name)
	p.called[name] = true
	f := p.prog.functions[name]
	if f == nil {
		f = &function{name: name, at: p.at()}
		p.prog.functions[name] = f
	}
	p.next()
	p.expect("(")
	c := &callExpr{f, p.list(")")}
	p.warnOfRegexes(c.args)
	p.expect(")")
	return c
}

func (p *parser) builtinCall() (c *builtinExpr) {
	name := p.text
	b := p.functions[name]
	if slices.Contains(gawkFunctions, name) {
		p.lintExtension("`%s' is a gawk extension", name)
	}
	p.next()
	defer func() { p.layout.translated(c) }()
	c = &builtinExpr{name: name, f: b}
	if p.tok == "(" {
		p.next()
		c.args = p.list(")")
		if p.tok == ")" && (len(c.args) < b.min || len(c.args) > b.max) {
			p.failHere("%d is invalid as number of arguments for %s", len(c.args), name)
		}
		p.expect(")")
	} else if name != "length" {
		p.unexpected()
	} else {
		p.lint("call of `length' without parentheses is not portable")
	}
	if p.options.Sandbox && name == "system" {
		p.fatal("'system' function not allowed in sandbox mode")
	}
	if _, ok := c.arg(1).(*regexExpr); ok && name == "index" {
		p.fatal("index: regexp constant as second argument is not allowed")
	}
	for _, i := range b.arrays {
		if i < len(c.args) {
			if _, ok := c.args[i].(arrayExpr); !ok {
				p.fail("%s: argument %d is not an array", name, i+1)
			}
		}
	}
	if name == "sub" || name == "gsub" {
		if len(c.args) == 2 {
			c.args = append(c.args, &fieldExpr{&constant{num(0)}})
		}
		if _, ok := c.args[2].(lvalue); !ok {
			c.args[2] = &discardExpr{c.args[2]}
		}
	}
	p.lintCall(c)
	return c
}
