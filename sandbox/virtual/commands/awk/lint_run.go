package awk

import "math"

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
