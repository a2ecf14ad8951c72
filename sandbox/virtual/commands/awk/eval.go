package awk

import (
	"math"
	"strings"
	"unicode/utf8"
)

func (e *constant) eval(*interp) value     { return e.v }
func (e *plainExpr) eval(in *interp) value { return e.e.eval(in) }

func (e *discardExpr) eval(in *interp) value { return e.e.eval(in) }
func (e *discardExpr) assign(*interp, value) {}

func (e *regexExpr) eval(in *interp) value {
	return truth(in.matches(in.regexOf(e), in.record().str(in.convfmt)))
}

func (e *globalVar) eval(in *interp) value {
	c := &in.globals[e.slot]
	if c.arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", in.globalName(e.slot))
	}
	return c.value
}
func (e *globalVar) assign(in *interp, v value) {
	if in.globals[e.slot].arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", in.globalName(e.slot))
	}
	in.set(&in.globals[e.slot], v)
}
func (e *globalVar) arrayOf(in *interp) *array {
	if c := &in.globals[e.slot]; c.arr != nil {
		return c.arr
	}
	name := in.globalName(e.slot)
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
	return c.value
}
func (e *localVar) assign(in *interp, v value) { in.set(&in.frame[e.slot], v) }
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
	if c, ok := e.index.(*constant); ok {
		return int(c.v.n)
	}
	n := e.index.eval(in).num()
	if n < 0 || math.IsNaN(n) {
		in.fatal("attempt to access field %d", int(n))
	}
	return int(min(n, maxField+1))
}
func (e *fieldExpr) eval(in *interp) value      { return in.field(e.number(in)) }
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
	c := e.cell(in)
	if c.arr != nil {
		in.fatal("attempt to use array `%s' in a scalar context", in.nameOf(e))
	}
	return c.value
}

// nameOf is what messages call a variable or an element.
func (in *interp) nameOf(e expr) string {
	switch e := e.(type) {
	case *globalVar:
		return in.globalName(e.slot)
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
	c := e.cell(in)
	if g, ok := e.array.(*globalVar); ok && in.globalName(g.slot) == "FUNCTAB" {
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

func (e *assignExpr) eval(in *interp) value {
	if e.op == 0 {
		v := e.v.eval(in)
		e.to.assign(in, v)
		if f, ok := e.to.(*fieldExpr); ok {
			return f.eval(in)
		}
		return v
	}
	// The right side may change what the left side was.
	right := e.v.eval(in).num()
	if right == 0 && (e.op == '/' || e.op == '%') {
		in.fatal("division by zero attempted in `%c='", e.op)
	}
	v := num(in.arithmetic(e.op, e.to.eval(in).num(), right))
	e.to.assign(in, v)
	return v
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
func (e *notExpr) eval(in *interp) value  { return truth(!e.a.eval(in).bool()) }
func (e *negExpr) eval(in *interp) value  { return num(-e.a.eval(in).num()) }
func (e *plusExpr) eval(in *interp) value { return num(e.a.eval(in).num()) }

func (e *binaryExpr) eval(in *interp) value {
	a := e.a.eval(in).num()
	return num(in.arithmetic(e.op, a, e.b.eval(in).num()))
}

func (in *interp) arithmetic(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		if b == 0 {
			in.fatal("division by zero attempted")
		}
		return a / b
	case '%':
		if b == 0 {
			in.fatal("division by zero attempted in `%%'")
		}
		return math.Mod(a, b)
	}
	return power(a, b)
}

func power(a, b float64) float64 {
	if b == math.Trunc(b) && b >= 0 && b <= 64 {
		r := 1.0
		for ; b > 0; b-- {
			r *= a
		}
		return r
	}
	r := math.Pow(a, b)
	if math.IsNaN(r) && !math.IsNaN(a) && !math.IsNaN(b) {
		return math.Copysign(r, -1)
	}
	return r
}

func (e *compareExpr) eval(in *interp) value {
	a := e.a.eval(in)
	c, ordered := in.compare(a, e.b.eval(in))
	switch e.op {
	case "<":
		return truth(ordered && c < 0)
	case "<=":
		return truth(ordered && c <= 0)
	case "==":
		return truth(ordered && c == 0)
	case "!=":
		return truth(!ordered || c != 0)
	case ">":
		return truth(ordered && c > 0)
	}
	return truth(ordered && c >= 0)
}

// compare compares as numbers if both are or look like ones, else as text; NaN is not ordered.
func (in *interp) compare(a, b value) (c int, ordered bool) {
	if a.numeric() && b.numeric() {
		x, y := a.num(), b.num()
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, x == y
	}
	x, y := a.str(in.convfmt), b.str(in.convfmt)
	if in.ignoreCase {
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	return strings.Compare(x, y), true
}

func (e *concatExpr) eval(in *interp) value {
	var few [8]string
	parts := few[:0]
	size := 0
	for _, p := range e.parts {
		s := p.eval(in).str(in.convfmt)
		parts = append(parts, s)
		size += len(s)
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

func (e *stepExpr) eval(in *interp) value {
	old := e.to.eval(in).num()
	e.to.assign(in, num(old+e.by))
	if e.after {
		return num(old)
	}
	return num(old + e.by)
}

func (e *groupExpr) eval(in *interp) value {
	return str(in.subscript(e.list))
}

// arg is argument number i, or nil.
func (e *builtinExpr) arg(i int) expr {
	if i < len(e.args) {
		return e.args[i]
	}
	return nil
}

func (e *builtinExpr) eval(in *interp) value { return e.f.call(in, e.args) }

func (e *indirectExpr) eval(in *interp) value {
	name := e.name.eval(in).str(in.convfmt)
	if f := in.prog.functions[name]; f != nil {
		return in.call(f, e.args)
	}
	if b := builtins[name]; b != nil && len(e.args) >= b.min && len(e.args) <= b.max {
		return b.call(in, e.args)
	}
	in.fatal("`%s' is not a function, so it cannot be called indirectly", name)
	return value{}
}

func (e *callExpr) eval(in *interp) value { return in.call(e.f, e.args) }

// maxCalls bounds calls within each other.
const maxCalls = 20000

// call calls a function of the program. Arguments that are arrays, or may become one, go by reference.
func (in *interp) call(f *function, args []expr) value {
	if len(args) > len(f.params) {
		in.fatal("function `%s' called with more arguments than declared", f.name)
	}
	frame := make([]cell, len(f.params))
	for i, arg := range args {
		var c *cell
		switch arg := arg.(type) {
		case *globalVar:
			c = &in.globals[arg.slot]
		case *localVar:
			c = &in.frame[arg.slot]
		case *indexExpr:
			c = arg.cell(in)
		case *arrayConstant:
			frame[i].arr = arg.a
			continue
		case symtabVar:
			frame[i].arr = arg.arrayOf(in)
			continue
		default:
			frame[i].value = arg.eval(in)
			continue
		}
		switch {
		case c.arr != nil:
			frame[i].arr = c.arr
		case c.kind == unset:
			frame[i].ref = c
		default:
			frame[i].value = c.value
		}
	}
	if in.depth++; in.depth > maxCalls {
		in.fatal("function calls are nested deeper than %d", maxCalls)
	}
	in.work(1)
	saved := in.frame
	in.frame = frame
	in.returned = value{}
	how := f.body.exec(in)
	in.frame = saved
	in.depth--
	for i := range frame {
		if len(frame[i].s) >= longString {
			in.hold(-len(frame[i].s))
		}
	}
	if how != onward && how != doReturn {
		panic(how)
	}
	v := in.returned
	in.returned = value{}
	return v
}

// longString is how long a text is that counts as live memory when a variable holds it.
const longString = 4096

// set stores v in a variable or element.
func (in *interp) set(c *cell, v value) {
	if c.arr != nil {
		in.fatal("attempt to use an array in a scalar context")
	}
	if len(v.s) >= longString || len(c.s) >= longString {
		n := 0
		if len(v.s) >= longString {
			n = len(v.s)
		}
		if len(c.s) >= longString {
			n -= len(c.s)
		}
		in.hold(n)
	}
	c.value = v
}

// array is the array a variable is, or becomes.
func (in *interp) array(c *cell, name string) *array {
	if c.arr == nil {
		switch {
		case c.kind != unset:
			in.fatal("attempt to use %s as an array", name)
		case c.ref != nil:
			c.arr = in.array(c.ref, name)
		default:
			c.arr = newArray()
		}
	}
	return c.arr
}

// element is an element of an array, made if it is not there.
func (in *interp) element(a *array, key string) *cell {
	c := a.cells[key]
	if c == nil {
		in.hold(elementSize + 2*len(key))
		c = &cell{}
		a.cells[strings.Clone(key)] = c
		a.keys = append(a.keys, strings.Clone(key))
	}
	return c
}

func (in *interp) put(a *array, key string, v value) { in.set(in.element(a, key), v) }

func (in *interp) remove(a *array, key string) {
	c := a.cells[key]
	if c == nil {
		return
	}
	if c.arr != nil {
		in.clear(c.arr)
	}
	n := elementSize + 2*len(key)
	if len(c.s) >= longString {
		n += len(c.s)
	}
	in.hold(-n)
	delete(a.cells, key)
	if a.dead++; a.dead > 32 && a.dead > len(a.cells) {
		a.list()
	}
}

func (in *interp) clear(a *array) {
	for key, c := range a.cells {
		n := elementSize + 2*len(key)
		if len(c.s) >= longString {
			n += len(c.s)
		}
		in.hold(-n)
	}
	clear(a.cells)
	a.keys, a.dead = nil, 0
}

// runes is how many characters s has.
func (in *interp) runes(s string) int {
	if !in.utf8 {
		return len(s)
	}
	return utf8.RuneCountInString(s)
}

// offset is where the character n (from 0) of s begins, len(s) if it has fewer.
func (in *interp) offset(s string, n int) int {
	if !in.utf8 || n <= 0 {
		return min(max(n, 0), len(s))
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}
