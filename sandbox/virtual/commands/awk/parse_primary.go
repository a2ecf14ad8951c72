package awk

import (
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

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
		if p.tok != "$" && p.tok != tokName {
			p.unexpected()
		}
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
