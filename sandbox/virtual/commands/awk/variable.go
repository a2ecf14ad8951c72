package awk

import (
	"math"
	"strings"
)

func (e *globalVar) eval(in *interp) value {
	c := &in.globals[e.slot]
	if c.arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", e.name)
	}
	if c.kind == unset {
		c.n = wasRead
		in.lint("reference to uninitialized variable `%s'", e.name)
	}
	return c.value
}

// wasRead is the n of an unset variable whose value was asked for: it can no longer become an array.
const wasRead = 1

func (e *globalVar) assign(in *interp, v value) {
	if in.globals[e.slot].arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", e.name)
	}
	in.set(&in.globals[e.slot], v)
}

func (e *globalVar) arrayOf(in *interp) *array {
	if c := &in.globals[e.slot]; c.arr != nil {
		return c.arr
	}
	name := e.name
	a := in.array(&in.globals[e.slot], "scalar `"+name+"'")
	a.name = name
	return a
}

func (e *localVar) eval(in *interp) value {
	c := &in.frame[e.slot]
	if c.arr != nil {
		name := e.name
		if c.arr.name != "" {
			name += " (from " + c.arr.name + ")"
		}
		in.fatal("attempt to use array `%s' in a scalar context", name)
	}
	if c.kind == unset {
		for outer := c; outer != nil; outer = outer.ref {
			if outer.kind == unset {
				outer.n = wasRead
			}
		}
		what := "variable"
		if e.slot < in.given {
			what = "argument"
		}
		in.lint("reference to uninitialized %s `%s'", what, e.name)
	}
	return c.value
}

func (e *localVar) assign(in *interp, v value) {
	c := &in.frame[e.slot]
	if c.arr != nil {
		e.eval(in) // which says that it cannot be
	}
	in.set(c, v)
}

func (e *localVar) arrayOf(in *interp) *array {
	return in.array(&in.frame[e.slot], "scalar parameter `"+e.name+"'")
}

func (e *specialVar) eval(in *interp) value {
	if e.which == varNF {
		in.splitRecord()
		return num(float64(len(in.fields)))
	}
	return in.special[e.which]
}

func (e *specialVar) assign(in *interp, v value) { in.setSpecial(e.which, v) }

func (e *fieldExpr) number(in *interp) int {
	if c, ok := e.index.(*constant); ok && c.v.kind == number {
		return int(c.v.n)
	}
	v := e.index.eval(in)
	n := v.num()
	if in.linting.on && (v.kind == text || v.kind == input && !v.numeric()) {
		in.lintAlways("attempt to field reference from non-numeric value")
		if v.s == "" {
			in.lintAlways("attempt to field reference from null string")
		}
	}
	if n < 0 || math.IsNaN(n) {
		in.fatal("attempt to access field %d", int(n))
	}
	return int(min(n, maxField+1))
}

func (e *fieldExpr) eval(in *interp) value {
	n := e.number(in)
	if in.linting.on {
		in.lintField(n)
	}
	return in.field(n)
}

func (e *fieldExpr) assign(in *interp, v value) { in.setField(e.number(in), v) }

// subscript is the key that subscripts make.
func (in *interp) subscript(subs []expr) string {
	if len(subs) == 1 {
		return in.key(subs[0].eval(in))
	}
	var b strings.Builder
	for i, s := range subs {
		if i > 0 {
			b.WriteString(in.subsep)
		}
		b.WriteString(in.key(s.eval(in)))
	}
	return b.String()
}

func (in *interp) key(v value) string { return v.str(in.convfmt) }

func (e *indexExpr) cell(in *interp) *cell {
	return in.element(e.array.arrayOf(in), in.subscript(e.subs))
}

func (e *indexExpr) eval(in *interp) value {
	a := e.array.arrayOf(in)
	key := in.subscript(e.subs)
	if in.linting.on {
		in.lintElement(e.array, a, key)
	}
	c := in.element(a, key)
	if c.arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", in.nameOf(e))
	}
	return c.value
}

// nameOf is what messages call a variable or an element.
func (in *interp) nameOf(e expr) string {
	switch e := e.(type) {
	case *globalVar:
		return e.name
	case *localVar:
		return e.name
	case *indexExpr:
		return in.nameOf(e.array) + `["` + in.subscript(e.subs) + `"]`
	}
	return "SYMTAB"
}

func (e *indexExpr) assign(in *interp, v value) {
	if _, ok := e.array.(symtabVar); ok {
		in.assignSymbol(in.subscript(e.subs), v)
		return
	}
	a := e.array.arrayOf(in)
	key := in.subscript(e.subs)
	if key == "" && in.linting.on {
		in.lintAlways("subscript of array `%s' is null string", in.nameOf(e.array))
	}
	c := in.element(a, key)
	if g, ok := e.array.(*globalVar); ok && g.name == "FUNCTAB" {
		in.fatal("cannot assign to elements of FUNCTAB")
	}
	if c.arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", in.nameOf(e))
	}
	in.set(c, v)
}

func (e *indexExpr) arrayOf(in *interp) *array {
	c := e.cell(in)
	if c.arr == nil && c.kind != unset {
		in.fatal("attempt to use scalar `%s' as an array", in.nameOf(e))
	}
	return in.array(c, "")
}
