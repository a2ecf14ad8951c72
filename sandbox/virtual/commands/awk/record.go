package awk

// maxField bounds field numbers.
const maxField = 10_000_000

func (in *interp) setNF(v value) {
	in.splitRecord()
	n := v.num()
	if n < 0 {
		in.fatal("NF set to negative value")
	}
	if n > maxField {
		in.fatal("NF set to more than %d", maxField)
	}
	if int(n) < len(in.fields) {
		in.lint("decrementing NF is not portable to many awk versions")
	}
	in.resize(int(n))
	in.stale = true
}

func (in *interp) resize(n int) {
	if n > cap(in.fields) {
		in.hold(40 * (n - cap(in.fields)))
	}
	for len(in.fields) < n {
		in.fields = append(in.fields, value{})
	}
	in.fields = in.fields[:n]
}

// record is $0.
func (in *interp) record() value {
	if in.stale {
		var b []byte
		for i, f := range in.fields {
			if i > 0 {
				b = append(b, in.ofs...)
			}
			b = append(b, f.str(in.convfmt)...)
		}
		in.large(len(b))
		in.rec = field(string(b))
		in.stale = false
	}
	return in.rec
}

// setRecord makes v the record $0.
func (in *interp) setRecord(v value) {
	if in.nonDecimal {
		v = in.fromOutside(v)
	}
	in.rec, in.split, in.stale = v, false, false
}

// splitRecord makes the fields of the record, unless they are there.
func (in *interp) splitRecord() {
	if in.split {
		return
	}
	in.split = true
	before := cap(in.fields)
	in.fields = in.splitInto(in.fields[:0], nil, in.rec.str(in.convfmt), in.fs, in.rs == "")
	if in.nonDecimal {
		for i, f := range in.fields {
			in.fields[i] = in.fromOutside(f)
		}
	}
	if grown := cap(in.fields) - before; grown > 1024 {
		in.hold(40 * grown)
	}
}

func (in *interp) field(n int) value {
	if n == 0 {
		return in.record()
	}
	in.splitRecord()
	if n <= len(in.fields) {
		return in.fields[n-1]
	}
	return value{}
}

func (in *interp) setField(n int, v value) {
	if n == 0 {
		if v.kind == number {
			v = field(v.str(in.convfmt))
		}
		in.setRecord(v)
		return
	}
	if n > maxField {
		in.fatal("attempt to assign field %d", n)
	}
	in.splitRecord()
	if n > len(in.fields) {
		in.resize(n)
	}
	in.fields[n-1] = v
	in.stale = true
}
