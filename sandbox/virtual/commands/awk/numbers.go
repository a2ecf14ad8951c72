package awk

import (
	"math"
	"math/big"
	"strings"
)

// numberArg is an argument that ought to be a number; --lint says where it is none.
func (in *interp) numberArg(name, which string, e expr) value {
	v := e.eval(in)
	if in.linting.on && (v.kind == text || v.kind == input && !v.numeric()) {
		in.lintAlways("%s: received non-numeric%s argument", name, which)
	}
	return v
}

// function applies a function of one number: wide is for more bits than a float64 has.
func (in *interp) function(name string, args []expr, f func(float64) float64, wide func(x *big.Float, bits uint) *big.Float) value {
	v := in.numberArg(name, "", args[0])
	if in.bignum && in.exact.bits != 53 {
		if x, ok := in.exactOf(v); ok && in.floatOf(x).MantExp(nil) <= maxExponent {
			in.work(int(in.exact.bits) * int(in.exact.bits))
			return in.valueOf(exactly{f: in.newFloat().Set(wide(in.floatOf(x), in.exact.bits+64))})
		}
	}
	return num(f(v.num()))
}

func sine(in *interp, args []expr) value { return in.function("sin", args, math.Sin, bigSin) }

func cosine(in *interp, args []expr) value { return in.function("cos", args, math.Cos, bigCos) }

func exp(in *interp, args []expr) value {
	return in.function("exp", args, func(n float64) float64 {
		r := math.Exp(n)
		if math.IsInf(r, 0) && !math.IsInf(n, 0) {
			in.warn("exp: argument %s is out of range", num(n).str("%.6g"))
		}
		return r
	}, bigExp)
}

func logarithm(in *interp, args []expr) value { return in.root("log", args[0], math.Log, bigLog) }

func squareRoot(in *interp, args []expr) value {
	return in.root("sqrt", args[0], math.Sqrt, func(x *big.Float, bits uint) *big.Float { return new(big.Float).SetPrec(bits).Sqrt(x) })
}

// root is log or sqrt, which warn of a negative argument; what has no result then has the sign that C gives it.
func (in *interp) root(name string, arg expr, f func(float64) float64, wide func(x *big.Float, bits uint) *big.Float) value {
	v := in.numberArg(name, "", arg)
	if n := v.num(); n < 0 {
		in.warn("%s: received negative argument %s", name, num(n).str("%.6g"))
		return num(math.Copysign(math.NaN(), -1))
	}
	if v.num() == 0 {
		return num(f(v.num()))
	}
	return in.function(name, []expr{&constant{v}}, f, wide)
}

func atan2(in *interp, args []expr) value {
	y := in.numberArg("atan2", " first", args[0])
	x := in.numberArg("atan2", " second", args[1])
	if in.bignum && in.exact.bits != 53 {
		p, okP := in.exactOf(y)
		q, okQ := in.exactOf(x)
		if okP && okQ {
			in.work(int(in.exact.bits) * int(in.exact.bits))
			return in.valueOf(exactly{f: in.newFloat().Set(bigAtan2(in.floatOf(p), in.floatOf(q), in.exact.bits+64))})
		}
	}
	return num(math.Atan2(y.num(), x.num()))
}

// truncate is int().
func truncate(in *interp, args []expr) value {
	v := in.numberArg("int", "", args[0])
	if in.bignum {
		if x, ok := in.exactOf(v); ok {
			return in.valueOf(exactly{i: x.trunc()})
		}
	}
	return num(math.Trunc(v.num()))
}

// bits is and, or or xor.
func bits(name string, f func(r, a, b *big.Int) *big.Int) *builtin {
	return &builtin{1, many, nil, func(in *interp, args []expr) value {
		if len(args) < 2 {
			in.fatal("%s: called with less than two arguments", name)
		}
		r := in.bitsOf(name, args[0], 1)
		for i, a := range args[1:] {
			r = f(r, r, in.bitsOf(name, a, i+2))
		}
		return in.unsigned(r)
	}}
}

// bitsOf is argument number i of and, or or xor.
func (in *interp) bitsOf(name string, e expr, i int) *big.Int {
	v := e.eval(in)
	if in.linting.on && (v.kind == text || v.kind == input && !v.numeric()) {
		in.lintAlways("%s: argument %d is non-numeric", name, i)
	}
	n := v.num()
	if in.bignum {
		if x, ok := in.exactOf(v); ok {
			return new(big.Int).Set(x.trunc())
		}
	}
	if n < 0 {
		in.fatal("%s: argument %d negative value %s is not allowed", name, i, num(n).str("%.6g"))
	}
	return new(big.Int).SetUint64(uint64(min(n, 1<<63)))
}

// unsigned is the value of a result of the functions of bits: with fewer than 53 bits, unless there is -M.
func (in *interp) unsigned(i *big.Int) value {
	if in.bignum {
		return in.valueOf(exactly{i: i})
	}
	return num(adjusted(i.Uint64()))
}

// adjusted drops the low bits that a float64 has no room for, so that the result is never more than the number.
func adjusted(n uint64) float64 {
	for shift := 0; ; shift++ {
		if n>>shift < 1<<53 {
			return float64(n >> shift << shift)
		}
	}
}

func shift(name string, f func(a uint64, n uint) uint64, wide func(r, a *big.Int, n uint) *big.Int) *builtin {
	return &builtin{2, 2, nil, func(in *interp, args []expr) value {
		first := in.numberArg(name, " first", args[0])
		second := in.numberArg(name, " second", args[1])
		a, b := first.num(), second.num()
		if in.bignum {
			x, ok := in.exactOf(first)
			if ok && b >= 0 && b < maxExact {
				in.large(int(b) / 8)
				return in.valueOf(exactly{i: wide(new(big.Int), x.trunc(), uint(b))})
			}
		}
		if a < 0 || b < 0 {
			in.fatal("%s(%f, %f): negative values are not allowed", name, a, b)
		}
		if in.linting.on {
			if a != math.Trunc(a) || b != math.Trunc(b) {
				in.lintAlways("%s(%f, %f): fractional values will be truncated", name, a, b)
			}
			if b >= 64 {
				in.lintAlways("%s(%f, %f): too large shift value will give strange results", name, a, b)
			}
		}
		return num(adjusted(f(uint64(min(a, 1<<63)), uint(min(b, 64)))))
	}}
}

func complement(in *interp, args []expr) value {
	v := in.numberArg("compl", "", args[0])
	if in.bignum {
		if x, ok := in.exactOf(v); ok {
			return in.valueOf(exactly{i: new(big.Int).Not(x.trunc())})
		}
	}
	n := v.num()
	if n < 0 {
		in.fatal("compl(%f): negative value is not allowed", n)
	}
	if n != math.Trunc(n) {
		in.lint("compl(%f): fractional value will be truncated", n)
	}
	return num(float64(^uint64(min(n, 1<<63)) & (1<<53 - 1)))
}

func srand(in *interp, args []expr) value {
	old := in.random.seedWith
	if len(args) > 0 {
		in.random.seed(in.numberArg("srand", "", args[0]).num())
	} else {
		in.random.seed(float64(in.inv.Now().Unix()))
	}
	return num(old)
}

func strtonum(in *interp, args []expr) value {
	v := args[0].eval(in)
	if v.kind == number || v.kind == exact {
		return v
	}
	in.lintText("strtonum", v)
	return in.anyBase(v.str(in.convfmt))
}

// textArg is an argument that ought to be text.
func (in *interp) textArg(name string, e expr) string {
	v := e.eval(in)
	in.lintText(name, v)
	return v.str(in.convfmt)
}

// lintText warns of an argument that ought to be text.
func (in *interp) lintText(name string, v value) {
	if in.linting.on && (v.kind == number || v.kind == exact) {
		in.lintAlways("%s: received non-string argument", name)
	}
}

// anyBase reads a number as strtonum does: hexadecimal behind 0x, octal behind 0.
func (in *interp) anyBase(s string) value {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	digits, negative := s, strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		digits = s[1:]
	}
	base := baseOf(digits)
	if base == 10 {
		if in.bignum {
			if x, ok := in.readExact(s); ok {
				return in.valueOf(x)
			}
		}
		return num(parseNumber(s))
	}
	if base == 16 {
		digits = digits[2:]
	}
	end := 0
	for end < len(digits) && strings.IndexByte("0123456789abcdef"[:base], lowerASCII(digits[end])) >= 0 {
		end++
	}
	n, _ := new(big.Int).SetString("0"+digits[:end], base)
	if negative {
		n.Neg(n)
	}
	if in.bignum {
		return in.valueOf(exactly{i: n})
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return num(f)
}

// baseOf is the base of a number by its prefix.
func baseOf(digits string) int {
	if len(digits) < 2 || digits[0] != '0' {
		return 10
	}
	if digits[1]|0x20 == 'x' {
		return 16
	}
	for i := 1; i < len(digits) && strings.IndexByte("0123456789.eE", digits[i]) >= 0; i++ {
		if digits[i] > '7' || digits[i] == '.' || digits[i]|0x20 == 'e' {
			return 10
		}
	}
	return 8
}

// lowerASCII is the small letter of a capital.
func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
