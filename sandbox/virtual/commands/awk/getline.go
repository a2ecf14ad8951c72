package awk

import (
	"io"
	"time"
)

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
		name := e.from.eval(in).str(in.convfmt)
		r := in.inputOf(e.kind, name)
		if r == nil {
			return num(-1)
		}
		if c, ok := r.r.(*conduit); ok {
			c.patience = in.readTimeout(name)
		}
		record, end, ok = r.next()
		if !ok && r.err != nil && r.err != io.EOF {
			in.failed(r.err)
			if r.err == errLate {
				r.err = nil // there may be more later
			}
			return num(-1)
		}
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

// readTimeout is how long a command may keep a getline waiting.
func (in *interp) readTimeout(name string) time.Duration {
	info := in.information()
	if info == nil {
		return 0
	}
	c := info.cells[name+in.subsep+"READ_TIMEOUT"]
	if c == nil {
		c = info.cells["READ_TIMEOUT"]
	}
	if c == nil {
		return 0
	}
	return time.Duration(max(c.num(), 0) * float64(time.Millisecond))
}
