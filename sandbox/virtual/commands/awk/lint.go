package awk

import (
	"maps"
	"math"
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

// lintElement warns of an element that is not there.
func (in *interp) lintElement(of arrayExpr, a *array, key string) {
	if _, nested := of.(*indexExpr); !nested && a.cells[key] == nil {
		in.lintAlways("reference to uninitialized element `%s[\"%s\"]'", in.nameOf(of), key)
	}
}

// lintField warns of fields where there are none.
func (in *interp) lintField(n int) {
	if in.rule == "END" && !in.warnedEnd {
		in.warnedEnd = true
		in.lintAlways("accessing fields from an END rule may not be portable")
	}
	if n == 0 {
		if v := in.record(); v.s == "" && in.special[varNR].num() == 0 {
			in.lintAlways("reference to uninitialized field `$0'")
		}
		return
	}
	if in.splitRecord(); n > len(in.fields) {
		in.lintAlways("reference to uninitialized field `$%d'", n)
	}
}

// lintSubstr warns of what substr has to mend: it has cut the fractions off already.
func (in *interp) lintSubstr(s string, from, size float64, sized bool) {
	if sized {
		if size < 1 || math.IsNaN(size) {
			in.lintAlways("substr: length %s is not >= 1", num(size).str("%.6g"))
			return
		}
		if size != math.Trunc(size) {
			in.lintAlways("substr: non-integer length %s will be truncated", num(size).str("%.6g"))
		}
	}
	if from < 1 {
		in.lintAlways("substr: start index %s is invalid, using 1", num(from).str("%.6g"))
		from = 1
	} else if from != math.Trunc(from) {
		in.lintAlways("substr: non-integer start index %s will be truncated", num(from).str("%.6g"))
	}
	from, size = math.Trunc(from), math.Trunc(size)
	length := float64(in.runes(s))
	switch {
	case s == "":
		in.lintAlways("substr: source string is zero length")
	case from > length:
		in.lintAlways("substr: start index %s is past end of string", num(from).str("%.6g"))
	case sized && from+size-1 > length:
		in.lintAlways("substr: length %s at start index %s exceeds length of first argument (%.0f)", num(size).str("%.6g"), num(from).str("%.6g"), length)
	}
}

// lintSpecial warns of variables that only gawk has, and of values that only gawk takes.
func (in *interp) lintSpecial(which int, s string) {
	switch which {
	case varIGNORECASE, varFIELDWIDTHS, varFPAT, varBINMODE:
		in.lintExtension("`%s' is a gawk extension", specials[which])
	case varFS:
		if s == "" {
			in.lintExtension("null string for `FS' is a gawk extension")
		}
	case varRS:
		if len(s) > 1 && in.rs != s {
			in.lintExtension("multicharacter value of `RS' is a gawk extension")
		}
	}
}

// lintTarget warns of a name that is open in another way already.
func (in *interp) lintTarget(kind byte, name string) {
	for _, pair := range []struct {
		a, b byte
		what string
	}{{fromFile, toFile, "input file and for output file"}, {fromFile, fromPipe, "input file and input pipe"}, {fromFile, bothWays, "input file and two-way pipe"},
		{fromFile, toPipe, "input file and output pipe"}, {fromPipe, toFile, "input pipe and output file"}, {toFile, toPipe, "output file and output pipe"},
		{toFile, bothWays, "output file and two-way pipe"}, {fromPipe, toPipe, "input pipe and output pipe"}, {fromPipe, bothWays, "input pipe and two-way pipe"},
		{toPipe, bothWays, "output pipe and two-way pipe"}} {
		other := pair.a
		if pair.a == kind {
			other = pair.b
		} else if pair.b != kind {
			continue
		}
		if in.streams[target{other, name}] != nil {
			in.lintAlways("`%s' used for %s", name, pair.what)
		}
	}
}
