package awk

import (
	"math"
	"strings"
)

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
	right := e.v.eval(in)
	if (e.op == '/' || e.op == '%') && right.num() == 0 {
		in.fatal("division by zero attempted in `%c='", e.op)
	}
	v := in.calculate(e.op, e.to.eval(in), right)
	e.to.assign(in, v)
	return v
}

func (e *negExpr) eval(in *interp) value {
	v := e.a.eval(in)
	if in.bignum {
		if x, ok := in.exactOf(v); ok && x.i != nil && x.i.Sign() != 0 {
			return in.valueOf(exactly{i: x.i.Neg(x.i)})
		} else if ok && x.f != nil {
			return in.valueOf(exactly{f: x.f.Neg(x.f)})
		}
	}
	return num(-v.num())
}

func (e *plusExpr) eval(in *interp) value {
	v := e.a.eval(in)
	if in.bignum {
		if x, ok := in.exactOf(v); ok {
			return in.valueOf(x)
		}
	}
	return num(v.num())
}

func (e *binaryExpr) eval(in *interp) value {
	if in.bignum || in.linting.on {
		a := e.a.eval(in)
		b := e.b.eval(in)
		if a.kind == text && b.kind == text && !looksNumeric(a.s) && !looksNumeric(b.s) {
			in.lint("operator `%c' used on two string values", e.op)
		}
		return in.calculate(e.op, a, b)
	}
	a := e.a.eval(in).num()
	return num(in.arithmetic(e.op, a, e.b.eval(in).num()))
}

// calculate is arithmetic on values, which may be exact.
func (in *interp) calculate(op byte, a, b value) value {
	if in.bignum {
		return in.exactArithmetic(op, a, b)
	}
	return num(in.arithmetic(op, a.num(), b.num()))
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
		if r := math.Mod(a, b); !math.IsNaN(r) || math.IsNaN(a) || math.IsNaN(b) {
			return r
		}
		return math.Copysign(math.NaN(), -1)
	}
	return power(a, b)
}

// power squares again and again for whole exponents, as gawk does, and so rounds alike.
func power(a, b float64) float64 {
	if b == math.Trunc(b) && math.Abs(b) < 1<<62 {
		n := int(math.Abs(b))
		if n == 0 {
			return 1
		}
		r := 1.0
		for ; n > 1; n /= 2 {
			if n%2 == 1 {
				r *= a
			}
			a *= a
		}
		if r *= a; b < 0 {
			return 1 / r
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
		return in.compareNumbers(a, b)
	}
	x, y := a.str(in.convfmt), b.str(in.convfmt)
	if in.ignoreCase {
		x, y = in.lower(x), in.lower(y)
	}
	return strings.Compare(x, y), true
}

func (in *interp) compareNumbers(a, b value) (c int, ordered bool) {
	if in.bignum && !(a.kind <= number && b.kind <= number) {
		return in.exactCompare(a, b)
	}
	x, y := a.num(), b.num()
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, x == y
}

func (e *stepExpr) eval(in *interp) value {
	if in.bignum {
		old := (&plusExpr{e.to}).eval(in)
		v := in.exactArithmetic('+', old, num(e.by))
		e.to.assign(in, v)
		if e.after {
			return old
		}
		return v
	}
	old := e.to.eval(in).num()
	e.to.assign(in, num(old+e.by))
	if e.after {
		return num(old)
	}
	return num(old + e.by)
}
