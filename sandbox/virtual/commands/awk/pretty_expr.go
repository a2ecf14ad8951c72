package awk

import (
	"fmt"
	"strings"
)

// expr is an expression as text.
func (p *printer) expr(e expr) string {
	if literal := p.prog.layout.text(e); literal != "" {
		return literal
	}
	switch e := e.(type) {
	case *constant:
		if e.v.kind == text {
			return quoteText(e.v.s)
		}
		return e.v.str("%.17g")
	case *regexExpr:
		return "/" + e.source + "/"
	case *globalVar:
		return p.name(e.name)
	case *localVar:
		return e.name
	case *specialVar:
		return specials[e.which]
	case symtabVar:
		return "SYMTAB"
	case *fieldExpr:
		return "$" + p.expr(e.index)
	case *indexExpr:
		return p.expr(e.array) + "[" + p.list(e.subs) + "]"
	case *assignExpr:
		op := "="
		if e.op != 0 {
			op = string(e.op) + "="
		}
		return p.expr(e.to) + " " + op + " " + p.expr(e.v)
	case *condExpr:
		return p.expr(e.cond) + " ? " + p.expr(e.yes) + " : " + p.expr(e.no)
	case *andExpr:
		return p.expr(e.a) + " && " + p.expr(e.b)
	case *orExpr:
		return p.expr(e.a) + " || " + p.expr(e.b)
	case *notExpr:
		return "! " + p.operand(e.a)
	case *negExpr:
		return "-" + p.operand(e.a)
	case *plusExpr:
		return "+" + p.operand(e.a)
	case *binaryExpr:
		return p.operandOf(e.a) + " " + string(e.op) + " " + p.operandOf(e.b)
	case *compareExpr:
		return p.expr(e.a) + " " + string(e.op) + " " + p.expr(e.b)
	case *concatExpr:
		var parts []string
		for _, part := range e.parts {
			parts = append(parts, p.operandOf(part))
		}
		return strings.Join(parts, " ")
	case *matchExpr:
		op := "~"
		if e.negate {
			op = "!~"
		}
		return p.expr(e.a) + " " + op + " " + p.expr(e.re)
	case *inExpr:
		if len(e.subs) > 1 {
			return "(" + p.list(e.subs) + ") in " + p.expr(e.array)
		}
		return p.expr(e.subs[0]) + " in " + p.expr(e.array)
	case *stepExpr:
		op := "++"
		if e.by < 0 {
			op = "--"
		}
		if e.after {
			return p.expr(e.to) + op
		}
		return op + p.expr(e.to)
	case *callExpr:
		return p.name(e.f.name) + "(" + p.list(e.args) + ")"
	case *indirectExpr:
		return "@" + p.expr(e.name) + "(" + p.list(e.args) + ")"
	case *builtinExpr:
		return p.builtin(e)
	case *getlineExpr:
		return p.getline(e)
	case *plainExpr:
		return "(" + p.expr(e.e) + ")"
	case *discardExpr:
		return p.expr(e.e)
	case *groupExpr:
		return "(" + p.list(e.list) + ")"
	}
	return fmt.Sprintf("%T", e)
}

// name is a name as the namespace has it.
func (p *printer) name(name string) string {
	if p.space != "" && !strings.Contains(name, "::") && name != strings.ToUpper(name) {
		return "awk::" + name
	}
	return strings.TrimPrefix(name, p.space+"::")
}

func (p *printer) list(list []expr) string {
	var parts []string
	for _, e := range list {
		parts = append(parts, p.expr(e))
	}
	return strings.Join(parts, ", ")
}

// operand is what a sign stands before: another operator is put in parentheses.
func (p *printer) operand(e expr) string {
	switch e.(type) {
	case *binaryExpr, *concatExpr:
		return "(" + p.expr(e) + ")"
	}
	return p.operandOf(e)
}

// operandOf is an operand of two: a getline is put in parentheses.
func (p *printer) operandOf(e expr) string {
	if g, ok := e.(*getlineExpr); ok && g.kind != 0 {
		return "(" + p.expr(e) + ")"
	}
	return p.expr(e)
}

func (p *printer) builtin(e *builtinExpr) string {
	if e.name == "length" && len(e.args) == 0 {
		return "length($0)"
	}
	return e.name + "(" + p.list(e.args) + ")"
}

func (p *printer) getline(e *getlineExpr) string {
	word := "getline"
	if e.to != nil {
		word += " " + p.expr(e.to)
	}
	if e.kind == 0 {
		return word
	}
	from := p.expr(e.from)
	if _, ok := e.from.(*concatExpr); ok {
		from = "(" + from + ")"
	}
	if e.kind == fromFile {
		return word + " < " + from
	}
	return from + " " + operatorOf[e.kind] + " " + word
}

// quoteText writes a text as a program has it.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		c := s[i]
		if at := strings.IndexByte("\a\b\f\n\r\t\v\\\"", c); at >= 0 {
			b.WriteByte('\\')
			b.WriteByte(`abfnrtv\"`[at])
		} else if c < ' ' || c > '~' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
