package awk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sortedKeys has the keys of an array in the order of PROCINFO["sorted_in"], else in gawk's own.
func (in *interp) sortedKeys(a *array) []string {
	keys := a.list()
	in.work(len(keys))
	keys = scanOrder(keys, a.layout)
	if info := in.information(); info != nil && info.cells["sorted_in"] != nil {
		if how := info.cells["sorted_in"].str(in.convfmt); how != "" {
			in.sortKeys(a, keys, how)
		}
	}
	return keys
}

// sorter compares elements of an array.
type sorter struct {
	in *interp
	a  *array
}

// orders are the predefined ways to sort, without their direction.
var orders = map[string]func(s sorter, x, y string) int{
	"@ind_str": func(s sorter, x, y string) int { return s.texts(x, y) },
	"@ind_num": func(s sorter, x, y string) int { return s.numbers(field(x), field(y)) },
	"@val_str": func(s sorter, x, y string) int {
		if c := s.kind(x, 1) - s.kind(y, 1); c != 0 {
			return c
		}
		return cmp.Or(s.texts(s.value(x).str(s.in.convfmt), s.value(y).str(s.in.convfmt)), s.tie(x, y))
	},
	"@val_num": func(s sorter, x, y string) int {
		if c := s.kind(x, 1) - s.kind(y, 1); c != 0 {
			return c
		}
		return cmp.Or(s.numbers(s.value(x), s.value(y)), s.tie(x, y))
	},
	"@val_type": func(s sorter, x, y string) int {
		switch c := s.kind(x, 0) - s.kind(y, 0); {
		case c != 0:
			return c
		case s.kind(x, 0) == 0:
			return cmp.Or(s.numbers(s.value(x), s.value(y)), s.tie(x, y))
		}
		return cmp.Or(s.texts(s.value(x).str(s.in.convfmt), s.value(y).str(s.in.convfmt)), s.tie(x, y))
	},
}

func (s sorter) value(key string) value { return s.a.cells[key].value }

// kind is 2 for an array, 1 for text and 0 for a number, but least at least.
func (s sorter) kind(key string, least int) int {
	switch c := s.a.cells[key]; {
	case c.arr != nil:
		return 2
	case c.numeric():
		return least
	}
	return 1
}

func (s sorter) texts(x, y string) int {
	if s.in.ignoreCase {
		x, y = s.in.lower(x), s.in.lower(y)
	}
	return strings.Compare(x, y)
}

func (s sorter) numbers(x, y value) int {
	if c, _ := s.in.compareNumbers(x, y); c != 0 {
		return c
	}
	return s.texts(x.str(s.in.convfmt), y.str(s.in.convfmt))
}

// tie compares the keys of equal values. Those that gawk keeps as whole numbers have no text for it, and stay as they are.
func (s sorter) tie(x, y string) int {
	if s.a.layout != byText {
		if _, whole := integerKey(x); whole {
			x = ""
		}
		if _, whole := integerKey(y); whole {
			y = ""
		}
	}
	return s.texts(x, y)
}

// sortKeys sorts keys as "@ind_str_asc" and its like say, or by a function of the program.
func (in *interp) sortKeys(a *array, keys []string, how string) {
	if how == "@unsorted" {
		return
	}
	base, descending := strings.CutSuffix(how, "_desc")
	if !descending {
		base = strings.TrimSuffix(how, "_asc")
	}
	var compare func(x, y string) int
	if order := orders[base]; order != nil && base != how {
		s := sorter{in, a}
		compare = func(x, y string) int { return order(s, x, y) }
	} else {
		compare = in.comparison(a, how)
	}
	slices.SortStableFunc(keys, func(x, y string) int {
		in.work(1)
		if descending {
			x, y = y, x
		}
		return compare(x, y)
	})
}

// comparison is a function of the program, which is given the keys and the values of two elements.
func (in *interp) comparison(a *array, name string) func(x, y string) int {
	f := in.prog.functions[name]
	if f == nil || !f.defined {
		in.fatal("sort comparison function `%s' is not defined", name)
	}
	pass := func(k string) []expr {
		if c := a.cells[k]; c.arr != nil {
			return []expr{&constant{field(k)}, &arrayConstant{c.arr}}
		}
		return []expr{&constant{field(k)}, &constant{a.cells[k].value}}
	}
	return func(x, y string) int {
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

// sortArray is asort, or asorti when keys are sorted.
func (in *interp) sortArray(name string, args []expr, byKey bool) value {
	from := in.arrayArg(name, "first", args[0])
	to := from
	if len(args) > 1 {
		to = in.arrayArg(name, "second", args[1])
		if to == from && len(args) == 2 {
			in.warn("asort/asorti: using the same array as source and destination without a third argument is silly.")
		}
		if in.protectedName(args[0]) == "" && inside(to, from) {
			in.fatal("%s: cannot use a subarray of first argument for second argument", name)
		}
		if inside(from, to) {
			in.fatal("%s: cannot use a subarray of second argument for first argument", name)
		}
		if protected := in.protectedName(args[1]); protected != "" {
			in.fatal("%s: cannot use %s as second argument", name, protected)
		}
	} else if protected := in.protectedName(args[0]); protected != "" {
		in.fatal("%s: first argument cannot be %s without a second argument", name, protected)
	}
	how := "@val_type_asc"
	if byKey {
		how = "@ind_str_asc"
	}
	if len(args) > 2 {
		how = in.text(args[2])
	}
	keys := scanOrder(from.list(), from.layout)
	in.sortKeys(from, keys, how)
	cells := make([]cell, len(keys))
	for i, k := range keys {
		if byKey {
			cells[i].value = str(k)
		} else {
			cells[i] = *from.cells[k]
		}
	}
	in.clear(to)
	for i, c := range cells {
		e := in.element(to, strconv.Itoa(i+1))
		if c.arr != nil {
			e.arr = c.arr
		} else {
			in.set(e, c.value)
		}
	}
	return num(float64(len(keys)))
}

// arrayArg is an argument that must be an array.
func (in *interp) arrayArg(name, which string, e expr) *array {
	a, ok := e.(arrayExpr)
	if c := in.cellOf(e); !ok || c != nil && c.arr == nil && (c.kind != unset || c.n == wasRead) {
		in.fatal("%s: %s argument is not an array", name, which)
	}
	return a.arrayOf(in)
}

// protectedName is the name of an array that functions may not fill; "" for others.
func (in *interp) protectedName(e expr) string {
	if _, ok := e.(symtabVar); ok {
		return "SYMTAB"
	}
	if g, ok := e.(*globalVar); ok && g.name == "FUNCTAB" {
		return g.name
	}
	return ""
}

// inside says whether a is an element of b, or of one of its elements.
func inside(a, b *array) bool {
	for _, c := range b.cells {
		if c.arr != nil && (c.arr == a || inside(a, c.arr)) {
			return true
		}
	}
	return false
}

// arrayConstant passes an array that has no name to a function.
type arrayConstant struct{ a *array }

func (e *arrayConstant) eval(in *interp) value {
	in.fatal("attempt to use an array in a scalar context")
	return value{}
}

func (e *arrayConstant) arrayOf(*interp) *array { return e.a }
