package awk

import (
	"maps"
	"slices"
	"strings"
)

// What --lint says of a program as it is read. What it says of one that runs stands where that happens, if it is short.

// lintSource warns of texts that are empty or end within a line.
func (p *parser) lintSource(s Source, file bool) {
	switch {
	case !p.options.Lint.on:
		return
	case s.Text == "" && file:
		p.prog.warnings = append(p.prog.warnings, "warning: source file `"+s.Name+"' is empty", "warning: source file does not end in newline")
	case s.Text == "":
		p.lint("empty program text on command line")
		p.lint("source file does not end in newline")
	case file && !strings.HasSuffix(s.Text, "\n"):
		line := p.line
		p.line = strings.Count(s.Text, "\n") + 1
		p.lint("source file does not end in newline")
		p.line = line
	}
}

// lintFunctions warns of functions that are not called, or not there, and of parameters that hide variables.
func (p *parser) lintFunctions() {
	if !p.options.Lint.on {
		return
	}
	named := func(message string) {
		if p.options.Lint.fatal {
			panic(&SyntaxError{Messages: []string{"fatal: " + message}, Fatal: true})
		}
		p.prog.warnings = append(p.prog.warnings, "warning: "+message)
	}
	if len(p.prog.rules)+len(p.prog.begin)+len(p.prog.end)+len(p.prog.beginFile)+len(p.prog.endFile)+len(p.prog.functions) == 0 {
		named("no program text at all!")
	}
	for _, name := range slices.Sorted(maps.Keys(p.prog.functions)) {
		f := p.prog.functions[name]
		for _, param := range f.params {
			if p.prog.isGlobal(param) {
				p.source, p.line = int(f.at.source), int(f.at.line)
				p.lint("function `%s': parameter `%s' shadows global variable", name, param)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.prog.functions)) {
		switch f := p.prog.functions[name]; {
		case !f.defined:
			named("function `" + name + "' called but never defined")
		case !p.called[name]:
			named("function `" + name + "' defined but never called directly")
		}
	}
}

// lintStatement warns of an expression that is a statement and does nothing.
func (p *parser) lintStatement(e expr) {
	if !p.options.Lint.on {
		return
	}
	switch e := e.(type) {
	case *plainExpr:
		p.lintStatement(e.e)
	case *indexExpr:
		if _, nested := e.array.(*indexExpr); !nested {
			p.lint("statement has no effect")
		}
	case *globalVar, *localVar, *specialVar, *fieldExpr, *constant, *regexExpr, *binaryExpr, *compareExpr, *matchExpr, *notExpr,
		*negExpr, *plusExpr, *concatExpr, *inExpr:
		p.lint("statement has no effect")
	}
}

// lintCondition marks an assignment that is a condition, for lint when it is evaluated.
func (p *parser) lintCondition(e expr) expr {
	if a, ok := e.(*assignExpr); ok && p.options.Lint.on && a.op == 0 {
		return &doubtfulExpr{a}
	}
	return e
}

// doubtfulExpr is an assignment that is a condition.
type doubtfulExpr struct{ *assignExpr }

func (e *doubtfulExpr) eval(in *interp) value {
	v := e.assignExpr.eval(in)
	in.lint("assignment used in conditional context")
	return v
}

// lintLiteral warns of regular expressions that look like comments.
func (p *parser) lintLiteral(source string) {
	if source == "" {
		p.lint("regexp constant `//' looks like a C++ comment, but is not")
	} else if strings.HasPrefix(source, "*") && strings.HasSuffix(source, "*") && len(source) > 1 {
		p.lint("regexp constant `/%s/' looks like a C comment, but is not", source)
	}
}

// lintRegex warns of a regular expression where it is matched with $0 perhaps by mistake.
func (p *parser) lintRegex(e expr, where string) {
	if _, ok := e.(*regexExpr); ok {
		p.lint("regular expression on %s", where)
	}
}

// lintCall warns of functions and arguments that only gawk has.
func (p *parser) lintCall(c *builtinExpr) {
	switch {
	case c.name == "match" && len(c.args) == 3:
		p.lintExtension("match: third argument is a gawk extension")
	case c.name == "close" && len(c.args) == 2:
		p.lintExtension("close: second argument is a gawk extension")
	case (c.name == "sub" || c.name == "gsub") && len(c.args) == 3:
		if d, ok := c.args[2].(*discardExpr); ok {
			if k, ok := d.e.(*constant); ok && k.v.kind == text {
				p.lint("%s: string literal as last argument of substitute has no effect", c.name)
			} else {
				p.lint("%s third parameter is not a changeable object", c.name)
			}
		}
	}
}
