package awk

// isBool is the text of a number that mkbool made: what typeof puts behind "number".
const isBool = "|bool"

// cellOf is the variable behind an argument, without making an array of it; nil if it is none.
func (in *interp) cellOf(e expr) *cell {
	switch e := e.(type) {
	case *globalVar:
		return &in.globals[e.slot]
	case *localVar:
		c := &in.frame[e.slot]
		for c.ref != nil && c.arr == nil {
			c = c.ref
		}
		return c
	case *indexExpr:
		return e.cell(in)
	}
	return nil
}

func (in *interp) typeName(e expr) string {
	if _, ok := e.(*arrayConstant); ok {
		return "array"
	}
	if c := in.cellOf(e); c != nil {
		switch {
		case c.arr != nil:
			return "array"
		case c.kind == unset && c.n != wasRead:
			return "untyped"
		}
	}
	if _, ok := e.(*regexExpr); ok {
		return "number"
	}
	v := e.eval(in)
	switch v.kind {
	case number:
		return "number" + v.s
	case input:
		if v.numeric() {
			return "strnum"
		}
	case typed:
		return "regexp"
	case exact:
		return "number"
	case unset:
		return "unassigned"
	}
	return "string"
}

func typeOf(in *interp, args []expr) value { return str(in.typeName(args[0])) }
