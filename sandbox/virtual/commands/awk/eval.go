package awk

import "strings"

func (e *constant) eval(*interp) value { return e.v }

func (e *plainExpr) eval(in *interp) value { return e.e.eval(in) }

func (e *discardExpr) eval(in *interp) value { return e.e.eval(in) }

func (e *discardExpr) assign(*interp, value) {}

func (e *regexExpr) eval(in *interp) value {
	return truth(in.matches(in.regexOf(e), in.record().str(in.convfmt)))
}

func (e *condExpr) eval(in *interp) value {
	if e.cond.eval(in).bool() {
		return e.yes.eval(in)
	}
	return e.no.eval(in)
}

func (e *andExpr) eval(in *interp) value {
	return truth(e.a.eval(in).bool() && e.b.eval(in).bool())
}

func (e *orExpr) eval(in *interp) value {
	return truth(e.a.eval(in).bool() || e.b.eval(in).bool())
}

func (e *notExpr) eval(in *interp) value { return truth(!e.a.eval(in).bool()) }

func (e *concatExpr) eval(in *interp) value {
	var few [8]string
	parts := few[:0]
	size := 0
	for _, p := range e.parts {
		s := p.eval(in).str(in.convfmt)
		parts = append(parts, s)
		size += len(s)
	}
	if len(parts[0]) >= growingAt {
		return str(in.growing.concat(in, parts[0], parts[1:]))
	}
	in.large(size)
	if len(parts) == 2 {
		return str(parts[0] + parts[1])
	}
	return str(strings.Join(parts, ""))
}

func (e *matchExpr) eval(in *interp) value {
	s := e.a.eval(in).str(in.convfmt)
	return truth(in.matches(in.regexOf(e.re), s) != e.negate)
}

func (e *inExpr) eval(in *interp) value {
	a := e.array.arrayOf(in)
	return truth(a.cells[in.subscript(e.subs)] != nil)
}

func (e *groupExpr) eval(in *interp) value {
	return str(in.subscript(e.list))
}
