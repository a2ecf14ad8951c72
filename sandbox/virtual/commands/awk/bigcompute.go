package awk

import (
	"math"
	"math/big"
)

// exactArithmetic is arithmetic for -M: whole numbers are exact, others have PREC bits.
func (in *interp) exactArithmetic(op byte, a, b value) value {
	if op != '/' && op != '%' && op != '^' && a.kind <= number && b.kind <= number && whole(a.n) && whole(b.n) {
		if r := in.arithmetic(op, a.num(), b.num()); math.Abs(r) <= 1<<53 {
			return num(r)
		}
	}
	x, okX := in.exactOf(a)
	y, okY := in.exactOf(b)
	if !okX || !okY {
		return num(in.arithmetic(op, a.num(), b.num()))
	}
	if y.i != nil && y.i.Sign() == 0 || y.i == nil && y.f.Sign() == 0 {
		if op == '/' || op == '%' {
			in.arithmetic(op, 1, 0) // which says so
		}
	}
	if op == '^' && a.num() < 0 && (y.f != nil && !y.f.IsInt()) {
		return num(math.NaN())
	}
	if x.i != nil && y.i != nil {
		if r := in.wholeArithmetic(op, x.i, y.i); r != nil {
			return in.valueOf(exactly{i: r})
		}
	}
	return in.valueOf(exactly{f: in.floatArithmetic(op, x, y)})
}

// wholeArithmetic is nil when the result is no whole number.
func (in *interp) wholeArithmetic(op byte, x, y *big.Int) *big.Int {
	words := float64(x.BitLen()+y.BitLen())/64 + 1
	in.work(int(words * math.Sqrt(words))) // about what a multiplication takes
	r := new(big.Int)
	switch op {
	case '+':
		return r.Add(x, y)
	case '-':
		return r.Sub(x, y)
	case '*':
		return r.Mul(x, y)
	case '%':
		return r.Rem(x, y)
	case '/':
		if _, rest := r.QuoRem(x, y, new(big.Int)); rest.Sign() == 0 {
			return r
		}
		return nil
	}
	if y.Sign() < 0 || !y.IsInt64() {
		return nil
	}
	bits := float64(x.BitLen()) * float64(y.Int64())
	if x.BitLen() > 1 && bits > maxExact {
		in.fatal("a number of more than %d bits", maxExact)
	}
	in.work(int(bits))
	return r.Exp(x, y, nil)
}

func (in *interp) floatArithmetic(op byte, a, b exactly) *big.Float {
	x, y, r := in.floatOf(a), in.floatOf(b), in.newFloat()
	switch op {
	case '+':
		return r.Add(x, y)
	case '-':
		return r.Sub(x, y)
	case '*':
		return r.Mul(x, y)
	case '/':
		return r.Quo(x, y)
	case '%':
		if x.MantExp(nil)-y.MantExp(nil) > 4*maxExponent {
			in.fatal("a number of more than %d bits", 4*maxExponent)
		}
		quotient, _ := new(big.Float).SetPrec(uint(max(x.MantExp(nil)-y.MantExp(nil), 0))+64+in.exact.bits).Quo(x, y).Int(nil)
		wide := new(big.Float).SetPrec(x.MinPrec() + y.MinPrec() + uint(quotient.BitLen()) + 64)
		return r.Set(wide.Sub(x, new(big.Float).SetPrec(wide.Prec()).Mul(y, new(big.Float).SetInt(quotient))))
	}
	return in.floatPower(x, y)
}

func (in *interp) floatPower(x, y *big.Float) *big.Float {
	if n, accuracy := y.Int64(); accuracy == big.Exact && n > -1<<20 && n < 1<<20 {
		wide := func() *big.Float { return new(big.Float).SetPrec(in.exact.bits + 64) }
		r, base := wide().SetInt64(1), wide().Set(x)
		for k := max(n, -n); k > 0; k >>= 1 {
			if k&1 == 1 {
				r.Mul(r, base)
			}
			base.Mul(base, base)
		}
		if n < 0 {
			r.Quo(wide().SetInt64(1), r)
		}
		return in.newFloat().Set(r)
	}
	if x.Sign() <= 0 {
		n, _ := x.Float64()
		e, _ := y.Float64()
		if r := power(n, e); !math.IsNaN(r) {
			return in.newFloat().SetFloat64(r)
		}
		return in.newFloat()
	}
	wide := in.exact.bits + 64
	return in.newFloat().Set(bigExp(new(big.Float).SetPrec(wide).Mul(bigLog(x, wide), y), wide))
}

// exactCompare compares two numbers of which one at least is exact, or was read from text.
func (in *interp) exactCompare(a, b value) (c int, ordered bool) {
	x, okX := in.exactOf(a)
	y, okY := in.exactOf(b)
	if !okX || !okY {
		p, q := a.num(), b.num()
		switch {
		case p < q:
			return -1, true
		case p > q:
			return 1, true
		}
		return 0, p == q
	}
	if x.i != nil && y.i != nil {
		return x.i.Cmp(y.i), true
	}
	if x.i != nil {
		x.f = new(big.Float).SetInt(x.i)
	}
	if y.i != nil {
		y.f = new(big.Float).SetInt(y.i)
	}
	return x.f.Cmp(y.f), true
}
