package awk

import "slices"

// item reads a rule or function.
func (p *parser) item() {
	switch p.tok {
	case "BEGIN", "END", "BEGINFILE", "ENDFILE":
		list := map[token]*[]stmt{"BEGIN": &p.prog.begin, "END": &p.prog.end, "BEGINFILE": &p.prog.beginFile, "ENDFILE": &p.prog.endFile}[p.tok]
		p.special = p.tok
		if (p.special == "BEGIN" || p.special == "END") && len(*list) > 0 {
			p.lintOld("old awk does not support multiple `BEGIN' or `END' rules")
		}
		p.next()
		if p.tok != "{" {
			p.failPlain(string(p.special) + " blocks must have an action part")
		}
		body := p.braces()
		*list = append(*list, body)
		p.ended(string(p.special), body)
		p.special = ""
	case "function":
		p.function()
	case "@":
		p.directive()
	default:
		r := &rule{at: p.at()}
		if p.tok != "{" {
			r.from = p.expr()
			if p.accept(",") {
				p.skipNewlines(false)
				r.to = p.expr()
			}
		}
		if p.tok == "{" {
			r.body = p.braces()
		}
		p.prog.rules = append(p.prog.rules, r)
		p.ended("", r)
	}
}

func (p *parser) function() {
	at := p.at()
	p.next()
	if p.tok == tokBuiltin {
		p.failHere("`%s' is a built-in function, it cannot be redefined", p.text)
	}
	name := p.qualified(p.text)
	if p.tok != tokName && p.tok != tokFuncName {
		p.unexpected()
	}
	if slices.Contains(specials, name) || p.prog.isGlobal(name) {
		p.report("function name `%s' previously defined", name)
	}
	p.next()
	f := p.prog.functions[name]
	if f == nil {
		f = &function{name: name}
		p.prog.functions[name] = f
	} else if f.defined {
		p.report("function name `%s' previously defined", name)
	}
	f.defined = true
	p.lintOld("`%s' is not supported in old awk", "function")
	p.expect("(")
	p.locals, p.fn = map[string]int{}, f
	for p.tok != ")" {
		p.skipNewlines(false)
		if p.tok != tokName {
			p.unexpected()
		}
		if p.text == name {
			p.report("function `%s': cannot use function name as parameter name", name)
		}
		if slices.Contains(specials, p.text) {
			p.report("function `%s': cannot use special variable `%s' as a function parameter", name, p.text)
		}
		if first, twice := p.locals[p.text]; twice {
			p.report("function `%s': parameter #%d, `%s', duplicates parameter #%d", name, len(f.params)+1, p.text, first+1)
		}
		p.locals[p.text] = len(f.params)
		f.params = append(f.params, p.text)
		p.next()
		if !p.accept(",") {
			break
		}
		p.skipNewlines(false)
		if p.tok == ")" {
			p.unexpected()
		}
	}
	p.expect(")")
	p.skipNewlines(false)
	f.at = at
	f.body = p.braces()
	p.ended("function", f)
	p.locals, p.fn = nil, nil
}
