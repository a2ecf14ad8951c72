package awk

import (
	"slices"
	"strings"
)

func (s *exprStmt) exec(in *interp) control {
	in.at = s.at
	s.e.eval(in)
	return onward
}

func (s *block) exec(in *interp) control {
	for _, child := range s.list {
		if how := child.exec(in); how != onward {
			return how
		}
	}
	return onward
}

func (s *ifStmt) exec(in *interp) control {
	in.at = s.at
	if s.cond.eval(in).bool() {
		return s.yes.exec(in)
	}
	if s.no != nil {
		return s.no.exec(in)
	}
	return onward
}

// loop runs a body once and says whether the loop goes on.
func (in *interp) loop(body stmt) (how control, more bool) {
	in.work(1)
	switch how = body.exec(in); how {
	case onward, doContinue:
		return onward, true
	case doBreak:
		return onward, false
	}
	return how, false
}

func (s *whileStmt) exec(in *interp) control {
	in.at = s.at
	for s.cond.eval(in).bool() {
		if how, more := in.loop(s.body); !more {
			return how
		}
	}
	return onward
}

func (s *doStmt) exec(in *interp) control {
	in.at = s.at
	for {
		if how, more := in.loop(s.body); !more {
			return how
		}
		if !s.cond.eval(in).bool() {
			return onward
		}
	}
}

func (s *forStmt) exec(in *interp) control {
	in.at = s.at
	if s.init != nil {
		s.init.exec(in)
	}
	for s.cond == nil || s.cond.eval(in).bool() {
		if how, more := in.loop(s.body); !more {
			return how
		}
		if s.step != nil {
			s.step.exec(in)
		}
	}
	return onward
}

func (s *forInStmt) exec(in *interp) control {
	in.at = s.at
	a := s.array.arrayOf(in)
	keys := in.sortedKeys(a)
	in.hold(16 * len(keys))
	defer in.hold(-16 * len(keys))
	for _, key := range keys {
		s.key.assign(in, field(key))
		if how, more := in.loop(s.body); !more {
			return how
		}
	}
	return onward
}

func (s *jumpStmt) exec(in *interp) control {
	if (s.to == doNext || s.to == doNextFile) && in.rule != "" {
		in.at = s.at
		in.fatal("`%s' cannot be called from a `%s' rule", map[control]string{doNext: "next", doNextFile: "nextfile"}[s.to], in.rule)
	}
	return s.to
}

func (s *exitStmt) exec(in *interp) control {
	in.at = s.at
	if s.status != nil {
		in.status = int(s.status.eval(in).num()) & 0xff
	}
	return doExit
}

func (s *returnStmt) exec(in *interp) control {
	in.at = s.at
	v := value{}
	if s.v != nil {
		v = s.v.eval(in)
	}
	in.returned = v
	return doReturn
}

func (s *deleteStmt) exec(in *interp) control {
	in.at = s.at
	if _, ok := s.array.(symtabVar); ok {
		in.fatal("`delete' is not allowed with SYMTAB")
	}
	a := s.array.arrayOf(in)
	if s.subs == nil {
		in.clear(a)
	} else {
		in.remove(a, in.subscript(s.subs))
	}
	return onward
}

func (s *switchStmt) exec(in *interp) control {
	in.at = s.at
	v := s.v.eval(in)
	start := slices.IndexFunc(s.cases, func(c switchCase) bool {
		if c.v == nil {
			return false
		}
		if re, ok := c.v.(*regexExpr); ok {
			return in.matches(in.regexOf(re), v.str(in.convfmt))
		}
		order, ordered := in.compare(v, c.v.eval(in))
		return ordered && order == 0
	})
	if start < 0 {
		if start = slices.IndexFunc(s.cases, func(c switchCase) bool { return c.v == nil }); start < 0 {
			return onward
		}
	}
	for _, c := range s.cases[start:] {
		for _, child := range c.body {
			switch how := child.exec(in); how {
			case onward:
			case doBreak:
				return onward
			default:
				return how
			}
		}
	}
	return onward
}

func (s *printStmt) exec(in *interp) control {
	in.at = s.at
	var b []byte
	switch {
	case s.format:
		args := make([]value, len(s.args)-1)
		format := s.args[0].eval(in).str(in.convfmt)
		for i := range args {
			args[i] = s.args[i+1].eval(in)
		}
		b = in.format(in.buf[:0], format, args)
	case len(s.args) == 0:
		b = append(in.buf[:0], in.record().str(in.convfmt)...)
		b = append(b, in.ors...)
	default:
		// The arguments may print themselves: build the line only when all of them are there.
		var few [8]string
		parts := few[:0]
		for _, arg := range s.args {
			parts = append(parts, arg.eval(in).str(in.ofmt))
		}
		b = in.buf[:0]
		for i, p := range parts {
			if i > 0 {
				b = append(b, in.ofs...)
			}
			b = append(b, p...)
		}
		b = append(b, in.ors...)
	}
	in.buf = nil
	if s.to == 0 {
		in.stdout.Write(b)
		if _, err := in.stdout.Write(nil); err != nil {
			panic(stopped{})
		}
	} else {
		in.printTo(s.to, s.dest.eval(in).str(in.convfmt), b)
	}
	in.buf = b
	return onward
}

// sortedKeys has the keys of an array in the order of PROCINFO["sorted_in"], else in which they came.
func (in *interp) sortedKeys(a *array) []string {
	keys := a.list()
	in.work(len(keys))
	how := ""
	if in.procinfo >= 0 {
		if info := in.globals[in.procinfo].arr; info != nil && info.cells["sorted_in"] != nil {
			how = info.cells["sorted_in"].str(in.convfmt)
		}
	}
	if how != "" && how != "@unsorted" {
		in.sortKeys(a, keys, how)
		return keys
	}
	return scanOrder(keys)
}

// sortKeys sorts keys as "@ind_str_asc" and its like say, or by a function of the program.
func (in *interp) sortKeys(a *array, keys []string, how string) {
	var compare func(x, y string) int
	scalar := func(k string) value {
		return a.cells[k].value
	}
	byText := func(x, y value) int { return strings.Compare(x.str(in.convfmt), y.str(in.convfmt)) }
	byNumber := func(x, y value) int {
		a, b := x.num(), y.num()
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return byText(x, y)
	}
	rank := func(k string) int { // numbers before text before arrays
		switch c := a.cells[k]; {
		case c.arr != nil:
			return 2
		case c.numeric():
			return 0
		}
		return 1
	}
	base, descending := strings.CutSuffix(how, "_desc")
	if !descending {
		base = strings.TrimSuffix(how, "_asc")
	}
	switch base {
	case "@ind_str":
		compare = strings.Compare
	case "@ind_num":
		compare = func(x, y string) int { return byNumber(field(x), field(y)) }
	case "@val_str":
		compare = func(x, y string) int {
			if c := min(rank(x), 1) - min(rank(y), 1); c != 0 && (rank(x) == 2 || rank(y) == 2) {
				return rank(x) - rank(y)
			}
			if c := byText(scalar(x), scalar(y)); c != 0 {
				return c
			}
			return strings.Compare(x, y)
		}
	case "@val_num", "@val_type":
		compare = func(x, y string) int {
			if base == "@val_type" || rank(x) == 2 || rank(y) == 2 {
				if c := rank(x) - rank(y); c != 0 {
					return c
				}
				if rank(x) == 1 {
					if c := byText(scalar(x), scalar(y)); c != 0 {
						return c
					}
					return strings.Compare(x, y)
				}
			}
			if c := byNumber(scalar(x), scalar(y)); c != 0 {
				return c
			}
			return strings.Compare(x, y)
		}
	default:
		f := in.prog.functions[how]
		if f == nil {
			in.fatal("sort comparison function `%s' is not defined", how)
		}
		pass := func(k string) []expr {
			if c := a.cells[k]; c.arr != nil {
				return []expr{&constant{field(k)}, &arrayConstant{c.arr}}
			}
			return []expr{&constant{field(k)}, &constant{scalar(k)}}
		}
		compare = func(x, y string) int {
			n := in.call(f, append(pass(x), pass(y)...)).num()
			switch {
			case n < 0:
				return -1
			case n > 0:
				return 1
			}
			return 0
		}
	}
	slices.SortStableFunc(keys, func(x, y string) int {
		in.work(1)
		if descending {
			x, y = y, x
		}
		return compare(x, y)
	})
}

// arrayConstant passes an array that has no name to a function.
type arrayConstant struct{ a *array }

func (e *arrayConstant) eval(in *interp) value {
	in.fatal("attempt to use an array in a scalar context")
	return value{}
}
func (e *arrayConstant) arrayOf(*interp) *array { return e.a }
