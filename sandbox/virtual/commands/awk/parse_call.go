package awk

import "slices"

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
		if p.tok == ")" && len(c.args) == 0 && name == "sprintf" {
			p.fatal("sprintf: no arguments")
		}
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
