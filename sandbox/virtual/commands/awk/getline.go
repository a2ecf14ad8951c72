package awk

// eval reads a record for getline: 1 when there was one, 0 at the end, -1 when the file cannot be read.
func (e *getlineExpr) eval(in *interp) value {
	var record, end string
	var ok bool
	if e.kind == 0 {
		if in.fileRule != "" {
			in.fatal("non-redirected `getline' invalid inside `%s' rule", in.fileRule)
		}
		record, end, ok = in.nextRecord()
	} else {
		r := in.inputOf(e.kind, e.from.eval(in).str(in.convfmt))
		if r == nil {
			return num(-1)
		}
		record, end, ok = r.next()
	}
	if !ok {
		if element, is := e.to.(*indexExpr); is {
			element.cell(in) // its subscript counts even so
		}
		return num(0)
	}
	in.special[varRT] = str(end)
	if e.kind == 0 {
		in.special[varNR] = num(in.special[varNR].num() + 1)
		in.special[varFNR] = num(in.special[varFNR].num() + 1)
	}
	if e.to == nil {
		in.setRecord(field(record))
	} else {
		e.to.assign(in, in.fromInput(record))
	}
	return num(1)
}
