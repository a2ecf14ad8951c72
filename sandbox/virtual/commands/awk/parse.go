package awk

import (
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// maxNesting bounds how deep expressions and statements may be nested in a program.
const maxNesting = 1000

type parser struct {
	lexer
	prog    *Program
	locals  map[string]int
	fn      *function
	special token // BEGIN, END, BEGINFILE or ENDFILE, within such an action
	noGT    bool  // within print: ">" and "|" redirect
	loops   int
	depth   int
	flags   regex.Flags
}

// Parse reads a program.
func Parse(source string, flags regex.Flags) (prog *Program, err error) {
	p := &parser{prog: &Program{functions: map[string]*function{}, globals: map[string]int{}}, flags: flags}
	p.src, p.line = source, 1
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			err = r
		default:
			panic(r)
		}
	}()
	p.next()
	p.skipNewlines(true)
	for p.tok != tokEnd {
		p.item()
		p.skipNewlines(true)
	}
	for _, f := range p.prog.functions {
		if !f.defined {
			p.line = f.line
			p.fatal("function `%s' not defined", f.name)
		}
	}
	return p.prog, nil
}

func (p *parser) unexpected() {
	if p.tok == tokNewline {
		p.failHere("unexpected newline or end of string")
	}
	p.failHere("syntax error")
}

func (p *parser) expect(t token) {
	if p.tok != t {
		p.unexpected()
	}
	p.next()
}

func (p *parser) accept(t token) bool {
	if p.tok == t {
		p.next()
		return true
	}
	return false
}

func (p *parser) skipNewlines(semicolons bool) {
	for p.tok == tokNewline || semicolons && p.tok == ";" {
		p.next()
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail("nesting is deeper than %d", maxNesting)
	}
}

// item reads a rule or function.
func (p *parser) item() {
	switch p.tok {
	case "BEGIN", "END", "BEGINFILE", "ENDFILE":
		list := map[token]*[]stmt{"BEGIN": &p.prog.begin, "END": &p.prog.end, "BEGINFILE": &p.prog.beginFile, "ENDFILE": &p.prog.endFile}[p.tok]
		p.special = p.tok
		p.next()
		if p.tok != "{" {
			p.fail("syntax error: BEGIN and END blocks must have an action part")
		}
		*list = append(*list, p.braces())
		p.special = ""
	case "function":
		p.function()
	case "@":
		p.fail("@ directives are not supported here")
	default:
		r := &rule{}
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
	}
}

func (p *parser) function() {
	p.next()
	name := p.text
	if p.tok != tokName && p.tok != tokFuncName {
		p.unexpected()
	}
	p.next()
	f := p.prog.functions[name]
	if f == nil {
		f = &function{name: name}
		p.prog.functions[name] = f
	} else if f.defined {
		p.fail("function name `%s' previously defined", name)
	}
	f.defined = true
	p.expect("(")
	p.locals, p.fn = map[string]int{}, f
	for p.tok != ")" {
		p.skipNewlines(false)
		if p.tok != tokName {
			p.unexpected()
		}
		if p.text == name {
			p.fail("function `%s': cannot use function name as parameter name", name)
		}
		if _, twice := p.locals[p.text]; twice {
			p.fail("function `%s': parameter `%s' duplicates another", name, p.text)
		}
		p.locals[p.text] = len(f.params)
		f.params = append(f.params, p.text)
		p.next()
		if !p.accept(",") {
			break
		}
		p.skipNewlines(false)
	}
	p.expect(")")
	p.skipNewlines(false)
	f.body = p.braces()
	p.locals, p.fn = nil, nil
}

// braces reads { statements }.
func (p *parser) braces() stmt {
	p.enter()
	defer func() { p.depth-- }()
	p.expect("{")
	b := &block{}
	p.skipNewlines(true)
	for p.tok != "}" {
		if p.tok == tokEnd {
			p.unexpected()
		}
		b.list = append(b.list, p.statement())
		p.skipNewlines(true)
	}
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
	defer func() { p.loops-- }()
	return p.body()
}

func (p *parser) statement() stmt {
	p.enter()
	defer func() { p.depth-- }()
	switch p.tok {
	case "{":
		return p.braces()
	case "if":
		p.next()
		p.expect("(")
		s := &ifStmt{cond: p.inner()}
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
		s := &whileStmt{cond: p.inner()}
		p.expect(")")
		s.body = p.loopBody()
		return s
	case "do":
		p.next()
		s := &doStmt{body: p.loopBody()}
		p.skipNewlines(true)
		p.expect("while")
		p.expect("(")
		s.cond = p.inner()
		p.expect(")")
		p.ends()
		return s
	case "for":
		return p.forStatement()
	case "switch":
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
				s := &forInStmt{key: p.variable(name).(lvalue), array: p.array(array)}
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
					s := &forInStmt{key: p.variable(name).(lvalue), array: a}
					s.body = p.loopBody()
					return s
				}
			}
		}
		p.lexer = saved
	}
	s := &forStmt{}
	if p.tok != ";" {
		s.init = p.simple()
	}
	p.expect(";")
	p.skipNewlines(false)
	if p.tok != ";" {
		s.cond = p.inner()
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
	p.next()
	p.expect("(")
	s := &switchStmt{v: p.inner()}
	p.expect(")")
	p.skipNewlines(false)
	p.expect("{")
	p.skipNewlines(true)
	p.loops++
	defer func() { p.loops-- }()
	for p.tok != "}" {
		var c switchCase
		if !p.accept("default") {
			p.expect("case")
			c.v = p.ternary()
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

// simple reads a statement that fits into for(;;).
func (p *parser) simple() stmt {
	switch t := p.tok; t {
	case "print", "printf":
		return p.print()
	case "break", "continue":
		p.next()
		if p.loops == 0 {
			p.fail("`%s' is not allowed outside a loop or switch", t)
		}
		return &jumpStmt{map[token]control{"break": doBreak, "continue": doContinue}[t]}
	case "next", "nextfile":
		p.next()
		if p.special != "" && (p.special == "BEGIN" || p.special == "END" || t == "next") {
			p.fail("`%s' used in %s action", t, p.special)
		}
		return &jumpStmt{map[token]control{"next": doNext, "nextfile": doNextFile}[t]}
	case "exit", "return":
		p.next()
		var e expr
		if p.tok != ";" && p.tok != tokNewline && p.tok != "}" && p.tok != tokEnd {
			e = p.expr()
		}
		if t == "exit" {
			return &exitStmt{e}
		}
		if p.fn == nil {
			p.failHere("`return' used outside function context")
		}
		return &returnStmt{e}
	case "delete":
		p.next()
		parens := p.accept("(")
		if p.tok != tokName {
			p.unexpected()
		}
		d := &deleteStmt{array: p.array(p.text)}
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
	return &exprStmt{p.expr()}
}

func (p *parser) print() stmt {
	s := &printStmt{format: p.tok == "printf"}
	p.next()
	p.noGT = true
	if p.tok == "(" { // the parentheses may hold all arguments, or begin the first one
		saved := p.lexer
		p.next()
		p.noGT = false
		s.args = p.list(")")
		p.expect(")")
		p.noGT = true
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
	if s.format && len(s.args) == 0 {
		p.fail("printf: no arguments")
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

// list reads expressions up to end, which it leaves.
func (p *parser) list(end token) (list []expr) {
	noGT := p.noGT
	p.noGT = false
	defer func() { p.noGT = noGT }()
	p.skipNewlines(false)
	for p.tok != end {
		list = append(list, p.expr())
		p.skipNewlines(false)
		if !p.accept(",") {
			break
		}
		p.skipNewlines(false)
	}
	return list
}

// variable finds what a name stands for.
func (p *parser) variable(name string) expr {
	if slot, ok := p.locals[name]; ok {
		return &localVar{slot}
	}
	if which := slices.Index(specials, name); which >= 0 {
		return &specialVar{which}
	}
	if f := p.prog.functions[name]; f != nil && f.defined && p.tok != "(" {
		p.fail("function `%s' called with space between name and `('\nor used as a variable or an array", name)
	}
	slot, ok := p.prog.globals[name]
	if !ok {
		slot = len(p.prog.globals)
		p.prog.globals[name] = slot
	}
	return &globalVar{slot}
}

// array is variable for a name that must be an array.
func (p *parser) array(name string) arrayExpr {
	a, ok := p.variable(name).(arrayExpr)
	if !ok {
		p.fatal("attempt to use scalar `%s' as an array", name)
	}
	return a
}
