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
	breaks  int // loops and switches
	isFile  bool
	depth   int
	options Options
	// Of directives: the files that have been included, and the namespace of names that have none, "" for "awk".
	included  map[string]bool
	namespace string
	warned    map[string]bool
	numbers   *interp
	errors    int
	called    map[string]bool // functions
}

// Source is a text of a program.
type Source struct {
	Name string // a file's; "" for text of the command line
	Text string

	load    string // a library's name, instead of a text
	library bool   // it is no program of its own: -i
}

// Options says how a program is read.
type Options struct {
	Flags   regex.Flags
	Sandbox bool // nothing may be started, opened or loaded
	// Traditional knows only what the AWK of 1988 has, Posix only what the standard has.
	Traditional, Posix bool
	Bignum             bool // numbers of any size
	Precision          precision
	NonDecimal         bool // texts may be hexadecimal or octal numbers
	Lint               lintLevel
	LintOld            bool // warn of what old awks do not have
	Pretty             bool // keep what prettyPrint needs
	Profile            bool // count how often each statement runs
	// Include finds the file of an @include.
	Include func(name string) (Source, error)
}

// Parse reads a program, which is made of sources one behind the other.
func Parse(sources []Source, options Options) (prog *Program, err error) {
	p := &parser{prog: &Program{functions: map[string]*function{}, globals: map[string]int{}, standard: options.Traditional || options.Posix, posix: options.Posix, loaded: map[string]bool{}}, options: options, included: map[string]bool{}, called: map[string]bool{}}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			p.prog.warnings = append(p.prog.warnings, r.Included...)
			for _, message := range r.Messages {
				if r.Place != "" {
					message = r.Place + ": " + message
				}
				p.prog.warnings = append(p.prog.warnings, message)
			}
			prog, err = p.prog, r
		default:
			panic(r)
		}
	}()
	if options.Pretty {
		p.prog.layout = &layout{literals: map[any]string{}}
	}
	p.layout = p.prog.layout
	p.numbers = &interp{bignum: options.Bignum, exact: options.Precision, nonDecimal: options.NonDecimal, linting: options.Lint}
	p.functions = builtins
	if options.Traditional || options.Posix {
		p.functions = maps.Clone(builtins)
		for _, name := range gawkFunctions {
			delete(p.functions, name)
		}
	}
	p.names = []string{"cmd. line"}
	for _, s := range sources {
		if s.load != "" {
			p.names = []string{"cmd. line"}
			if _, ok := extensionNamed(s.load); !ok {
				panic(&SyntaxError{Messages: []string{fmt.Sprintf("fatal: cannot open shared library `%s' for reading: No such file or directory", s.load)}, Fatal: true})
			}
			p.load(s.load)
			p.names = nil
			continue
		}
		p.read(s)
	}
	p.lintFunctions()
	for _, name := range slices.Sorted(maps.Keys(p.prog.functions)) {
		f := p.prog.functions[name]
		if f.defined {
			continue
		}
		p.source, p.line = int(f.at.source), int(f.at.line)
		if _, used := p.prog.globals[name]; used || slices.Contains(specials, name) {
			p.fail("attempt to use non-function `%s' in function call", name)
		}
	}
	p.prog.words = p.functions
	if p.errors > 0 {
		return p.prog, &SyntaxError{}
	}
	return p.prog, nil
}

// read reads all of a source.
func (p *parser) read(s Source) {
	file := s.Name != ""
	if !file {
		s.Name = "cmd. line"
	}
	p.names = append(p.names, s.Name)
	p.prog.sources = p.names
	p.lexer = lexer{src: s.Text, line: 1, source: len(p.names) - 1, names: p.names, escapeWarning: p.warnOnce, lint: p.lint, functions: p.functions, posix: p.options.Posix,
		standard: p.prog.standard, reader: p.numbers, layout: p.layout}
	p.next()
	p.skipNewlines(false)
	p.isFile = file
	p.lintSource(s, file)
	for p.tok != tokEnd {
		if p.tok == ";" {
			p.failPlain("each rule must have a pattern or an action part")
		}
		p.item()
		p.accept(";")
		p.skipNewlines(false)
	}
}

// at is the place of the current token.
func (p *parser) at() place { return place{int32(p.source), int32(p.line)} }

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
		p.prog.global(name)
		return symtabVar{}
	}
	if f := p.prog.functions[name]; f != nil && f.defined {
		p.fail("function `%s' called with space between name and `(',\nor used as a variable or an array", name)
	}
	return &globalVar{p.prog.global(name), name}
}

// array is variable for a name that must be an array.
func (p *parser) array(name string) arrayExpr {
	a, ok := p.variable(name).(arrayExpr)
	if !ok {
		p.fatal("attempt to use scalar `%s' as an array", name)
	}
	return a
}
