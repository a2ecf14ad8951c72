package awk

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// printer writes a program, well laid out: -o, and with how often each part ran -p.
type printer struct {
	w        io.Writer
	prog     *Program
	profile  bool
	depth    int
	comments []comment // that are not yet written
	space    string    // the namespace
	locals   []string  // of the function
}

// prettyPrint writes a program; it is a profile if it has a time.
func prettyPrint(w io.Writer, prog *Program, made time.Time) {
	p := &printer{w: w, prog: prog, profile: !made.IsZero()}
	if p.profile {
		fmt.Fprintf(w, "\t# gawk profile, created %s\n", made.Format("Mon Jan _2 15:04:05 2006"))
	}
	p.section("Loaded extensions (-l and/or @load)", "@load \"%s\"\n", prog.layout.loads)
	for _, kind := range []string{"BEGIN", "BEGINFILE", "", "ENDFILE", "END"} {
		heading := kind + " rule(s)"
		if kind == "" {
			heading = "Rule(s)"
		}
		for _, it := range prog.layout.items {
			if it.kind != kind {
				continue
			}
			if p.profile && heading != "" {
				p.printf("\n\t# %s\n", heading)
			}
			heading = ""
			if p.profile {
				p.printf("\n")
			}
			p.enter(it.space)
			p.rule(it)
			if !p.profile {
				p.printf("\n")
			}
		}
	}
	p.comments = prog.layout.comments
	p.flush(nil)
	if len(prog.layout.includes) > 0 {
		p.printf("\n# Included files (-i and/or @include)\n\n")
		p.section("", "# @include \"%s\"\n", prog.layout.includes)
	}
	var functions []item
	for _, it := range prog.layout.items {
		if it.kind == "function" {
			functions = append(functions, it)
		}
	}
	slices.SortStableFunc(functions, func(a, b item) int { return strings.Compare(a.what.(*function).name, b.what.(*function).name) })
	if len(functions) > 0 && p.profile {
		p.printf("\n\n\t# Functions, listed alphabetically\n")
	}
	if slices.ContainsFunc(functions, func(it item) bool { return it.space != p.space }) {
		p.enter("")
	}
	for _, it := range functions {
		p.printf("\n")
		p.function(it)
	}
}

// section writes lines, in a profile below a heading, and an empty line.
func (p *printer) section(heading, line string, names []string) {
	if len(names) == 0 {
		return
	}
	if p.profile && heading != "" {
		p.printf("\n\t# %s\n\n", heading)
	}
	for _, name := range names {
		p.indent(0)
		p.printf(line, name)
	}
	p.printf("\n")
}

// enter makes space the namespace of what follows.
func (p *printer) enter(space string) {
	if space == p.space {
		return
	}
	p.space = space
	if space == "" {
		space = "awk"
	}
	p.printf("\n@namespace \"%s\"\n\n", space)
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// indent begins a line, in a profile with a count.
func (p *printer) indent(n int) {
	if p.profile {
		if n > 0 {
			p.printf("%6d  ", n)
		} else {
			p.printf("\t")
		}
	}
	p.printf("%s", strings.Repeat("\t", p.depth))
}

// flush writes the comments before a place, or all, each on its line.
func (p *printer) flush(before *place) {
	for i := 0; len(p.comments) > 0; i++ {
		c := p.comments[0]
		if before != nil && (c.at.source != before.source || c.at.line >= before.line) {
			return
		}
		p.comments = p.comments[1:]
		if c.gap && i > 0 {
			p.printf("\n")
		}
		p.indent(0)
		p.printf("%s\n", c.text)
	}
}

// endLine ends a line, with the comment that stands at the end of its statement: before the place that follows.
func (p *printer) endLine(next place) {
	if len(p.comments) > 0 && !p.comments[0].alone && p.comments[0].at.source == next.source && p.comments[0].at.line < next.line {
		p.printf("\t%s", p.comments[0].text)
		p.comments = p.comments[1:]
	}
	p.printf("\n")
}

// rule writes a rule.
func (p *printer) rule(it item) {
	p.comments = it.comments
	switch what := it.what.(type) {
	case *block:
		p.flush(&what.at)
		p.indent(0)
		p.printf("%s {", it.kind)
		p.body(what)
		p.printf("\n")
	case *rule:
		p.flush(&what.at)
		n := what.tested
		if what.from == nil {
			n = what.ran
		}
		p.indent(n)
		if what.from != nil {
			p.printf("%s", p.expr(what.from))
			if what.to != nil {
				p.printf(", %s", p.expr(what.to))
			}
			p.printf(" ")
		}
		p.printf("{")
		if p.profile && what.from != nil && what.ran > 0 {
			p.printf(" # %d", what.ran)
		}
		body, ok := what.body.(*block)
		if !ok {
			p.printf("\n")
			p.depth++
			p.indent(what.ran)
			p.printf("print\n")
			p.depth--
			p.indent(0)
			p.printf("}")
		} else {
			p.body(body)
		}
		p.printf("\n")
	}
}

func (p *printer) function(it item) {
	f := it.what.(*function)
	p.comments, p.locals = it.comments, f.params
	body := f.body.(*block)
	p.flush(&body.at)
	p.indent(f.calls)
	p.printf("function %s(%s)\n", p.name(f.name), strings.Join(f.params, ", "))
	p.indent(0)
	p.printf("{")
	if len(p.comments) > 0 && p.comments[0].at == body.at && !p.comments[0].alone {
		p.comments[0].alone = true
	}
	p.body(body)
	p.printf("\n")
	p.locals = nil
}
