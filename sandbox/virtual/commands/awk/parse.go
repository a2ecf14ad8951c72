package awk

import (
	"fmt"
	"maps"
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
	options Options
	// Of directives: the files that have been included, and the namespace of names that have none, "" for "awk".
	included  map[string]bool
	namespace string
	warned    map[string]bool
}

// Source is a text of a program.
type Source struct {
	Name string // a file's; "" for text of the command line
	Text string
}

// Options says how a program is read.
type Options struct {
	Flags   regex.Flags
	Sandbox bool // nothing may be started, opened or loaded
	// Traditional knows only what the AWK of 1988 has, Posix only what the standard has.
	Traditional, Posix bool
	Load               []string // libraries
	// Include finds the file of an @include.
	Include func(name string) (Source, error)
}

// Parse reads a program, which is made of sources one behind the other.
func Parse(sources []Source, options Options) (prog *Program, err error) {
	p := &parser{prog: &Program{functions: map[string]*function{}, globals: map[string]int{}, standard: options.Traditional || options.Posix, posix: options.Posix}, options: options, included: map[string]bool{}}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			err = r
		default:
			panic(r)
		}
	}()
	p.functions = builtins
	if options.Traditional || options.Posix {
		p.functions = maps.Clone(builtins)
		for _, name := range gawkFunctions {
			delete(p.functions, name)
		}
	}
	p.names = []string{"cmd. line"}
	for _, name := range options.Load {
		p.load(name)
	}
	p.names = nil
	for _, s := range sources {
		p.read(s)
	}
	for _, name := range slices.Sorted(maps.Keys(p.prog.functions)) {
		f := p.prog.functions[name]
		if f.defined {
			continue
		}
		p.source, p.line = int(f.at.source), int(f.at.line)
		if _, used := p.prog.globals[name]; used || slices.Contains(specials, name) {
			p.fail("attempt to use non-function `%s' in function call", name)
		}
		p.fatal("function `%s' not defined", f.name)
	}
	return p.prog, nil
}

// read reads all of a source.
func (p *parser) read(s Source) {
	if s.Name == "" {
		s.Name = "cmd. line"
	}
	p.names = append(p.names, s.Name)
	p.prog.sources = p.names
	p.lexer = lexer{src: s.Text, line: 1, source: len(p.names) - 1, names: p.names, warn: p.warnOnce, functions: p.functions, posix: p.options.Posix}
	p.next()
	p.skipNewlines(true)
	for p.tok != tokEnd {
		p.item()
		p.skipNewlines(true)
	}
}

// at is the place of the current token.
func (p *parser) at() place { return place{int32(p.source), int32(p.line)} }

// warnOnce adds a warning that is shown before the program runs, unless it has been added before.
func (p *parser) warnOnce(format string, args ...any) {
	text := fmt.Sprintf("warning: "+format, args...)
	if !p.warned[text] {
		if p.warned == nil {
			p.warned = map[string]bool{}
		}
		p.warned[text] = true
		p.prog.warnings = append(p.prog.warnings, p.place()+": "+text)
	}
}

func (p *parser) unexpected() {
	if p.tok == tokNewline || p.tok == tokEnd {
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
			panic(&SyntaxError{Place: p.place(), Messages: []string{string(p.special) + " blocks must have an action part"}})
		}
		*list = append(*list, p.braces())
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
	}
}

func (p *parser) function() {
	p.next()
	if p.tok == tokBuiltin {
		p.failHere("`%s' is a built-in function, it cannot be redefined", p.text)
	}
	name := p.qualified(p.text)
	if p.tok != tokName && p.tok != tokFuncName {
		p.unexpected()
	}
	if slices.Contains(specials, name) || p.prog.isGlobal(name) {
		p.fail("function name `%s' previously defined", name)
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
		if slices.Contains(specials, p.text) {
			p.fail("function `%s': parameter `%s': POSIX disallows using a special variable as a function parameter", name, p.text)
		}
		if first, twice := p.locals[p.text]; twice {
			p.fail("function `%s': parameter #%d, `%s', duplicates parameter #%d", name, len(f.params)+1, p.text, first+1)
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
	at := p.at()
	switch p.tok {
	case "{":
		return p.braces()
	case "if":
		p.next()
		p.expect("(")
		s := &ifStmt{at: at, cond: p.inner()}
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
		s := &whileStmt{at: at, cond: p.inner()}
		p.expect(")")
		s.body = p.loopBody()
		return s
	case "do":
		p.next()
		s := &doStmt{at: at, body: p.loopBody()}
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
	at := p.at()
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
				s := &forInStmt{at: at, key: p.variable(name).(lvalue), array: p.array(array)}
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
					s := &forInStmt{at: at, key: p.variable(name).(lvalue), array: a}
					s.body = p.loopBody()
					return s
				}
			}
		}
		p.lexer = saved
	}
	s := &forStmt{at: at}
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
	at := p.at()
	p.next()
	p.expect("(")
	s := &switchStmt{at: at, v: p.inner()}
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
	at := p.at()
	switch t := p.tok; t {
	case "print", "printf":
		return p.print()
	case "break", "continue":
		p.next()
		if p.loops == 0 {
			where := "a loop or switch"
			if t == "continue" {
				where = "a loop"
			}
			message := fmt.Sprintf("error: `%s' is not allowed outside %s", t, where)
			panic(&SyntaxError{Place: p.place(), Messages: []string{message, message}})
		}
		return &jumpStmt{at, map[token]control{"break": doBreak, "continue": doContinue}[t]}
	case "next", "nextfile":
		p.next()
		if p.special != "" && (p.special == "BEGIN" || p.special == "END" || t == "next") {
			p.fail("`%s' used in %s action", t, p.special)
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
		p.next()
		parens := p.accept("(")
		if p.tok != tokName {
			p.unexpected()
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
	return &exprStmt{at, p.expr()}
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
		return &localVar{slot, name}
	}
	name = p.qualified(name)
	if which := slices.Index(specials, name); which >= 0 && !(p.prog.standard && gawkVariables[name]) {
		return &specialVar{which}
	}
	if name == "SYMTAB" && !p.prog.standard {
		return symtabVar{}
	}
	if f := p.prog.functions[name]; f != nil && f.defined && p.tok != "(" {
		p.fail("function `%s' called with space between name and `('\nor used as a variable or an array", name)
	}
	return &globalVar{p.prog.global(name)}
}

// array is variable for a name that must be an array.
func (p *parser) array(name string) arrayExpr {
	a, ok := p.variable(name).(arrayExpr)
	if !ok {
		p.fatal("attempt to use scalar `%s' as an array", name)
	}
	return a
}
