package awk

import (
	"math"
	"math/big"
	"strings"
)

// Numbers of any size: -M. A whole number that a float64 holds exactly stays one; any other value has the kind exact,
// whose text is the number in binary and whose n is the nearest float64. So values are no larger, and nothing is
// slower without -M.

// The bounds of a number: the bits of a whole one, those of a float's mantissa, and its exponent. Beyond them arithmetic, and
// writing a number in decimal above all, takes too long to be stopped.
const (
	maxExact     = 1 << 22
	maxPrecision = 1 << 14
	maxExponent  = 1 << 15
)

// bounded is the infinity or the zero that a float with too large an exponent becomes.
func bounded(f *big.Float) *big.Float {
	switch exponent := f.MantExp(nil); {
	case f.IsInf() || f.Sign() == 0:
	case exponent > maxExponent:
		return f.SetInf(f.Signbit())
	case exponent < -maxExponent:
		return f.SetInt64(0)
	}
	return f
}

// exactly is a number: an integer, or a float where i is nil.
type exactly struct {
	i *big.Int
	f *big.Float
}

// whole is the integer that a float64 holds, if it is small enough that the float64 is exact.
func whole(n float64) bool { return n == math.Trunc(n) && math.Abs(n) <= 1<<53 }

// precision says how floats are rounded: PREC and ROUNDMODE.
type precision struct {
	bits uint
	mode big.RoundingMode
}

// precisions are the values of PREC that have names.
var precisions = map[string]uint{"half": 11, "single": 24, "double": 53, "quad": 113, "oct": 237}

// roundings are the values of ROUNDMODE.
var roundings = map[string]big.RoundingMode{"N": big.ToNearestEven, "U": big.ToPositiveInf, "D": big.ToNegativeInf, "Z": big.ToZero, "A": big.AwayFromZero}

func (in *interp) newFloat() *big.Float {
	return new(big.Float).SetPrec(in.exact.bits).SetMode(in.exact.mode)
}

// exactOf is v as a number. ok is false for NaN and the infinities, which stay float64.
func (in *interp) exactOf(v value) (x exactly, ok bool) {
	switch v.kind {
	case number:
	case unset:
		v.n = 0
	case exact:
		if v.s[0] == 'f' {
			f := new(big.Float)
			f.GobDecode([]byte(v.s[1:]))
			return exactly{f: f}, true
		}
		i := new(big.Int).SetBytes([]byte(v.s[1:]))
		if v.s[0] == '-' {
			i.Neg(i)
		}
		return exactly{i: i}, true
	default:
		return in.readExact(v.s)
	}
	if math.IsNaN(v.n) || math.IsInf(v.n, 0) {
		return exactly{}, false
	}
	if whole(v.n) && !(v.n == 0 && math.Signbit(v.n)) {
		return exactly{i: big.NewInt(int64(v.n))}, true
	}
	return exactly{f: new(big.Float).SetMode(in.exact.mode).SetFloat64(v.n)}, true
}

// readExact is parseNumber for any size.
func (in *interp) readExact(s string) (x exactly, ok bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	sign := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	n := floatLength(s[sign:])
	if n == 0 {
		if f := special(s, sign > 0); f != 0 {
			return exactly{}, false
		}
		return exactly{i: new(big.Int)}, true
	}
	if text := s[:sign+n]; !strings.ContainsAny(text, ".eE") {
		i, _ := new(big.Int).SetString(text, 10)
		return exactly{i: i}, true
	}
	f, _, err := in.newFloat().Parse(s[:sign+n], 10)
	if err != nil {
		return exactly{}, false
	}
	return exactly{f: bounded(f)}, !f.IsInf()
}

// floatOf is the number as a float.
func (in *interp) floatOf(x exactly) *big.Float {
	in.work(int(in.exact.bits))
	if x.i == nil {
		return x.f
	}
	return in.newFloat().SetInt(x.i)
}

// valueOf is the value of a number.
func (in *interp) valueOf(x exactly) value {
	if x.i != nil {
		if x.i.BitLen() <= 53 {
			return num(float64(x.i.Int64()))
		}
		if x.i.BitLen() > maxExact {
			in.fatal("a number of more than %d bits", maxExact)
		}
		in.large(x.i.BitLen() / 8)
		n, _ := new(big.Float).SetInt(x.i).Float64()
		sign := "+"
		if x.i.Sign() < 0 {
			sign = "-"
		}
		return value{kind: exact, n: n, s: sign + string(x.i.Bytes())}
	}
	n, accuracy := bounded(x.f).Float64()
	if x.f.IsInf() || accuracy == big.Exact && (math.Abs(n) <= 1<<53 || n != math.Trunc(n)) {
		return num(n)
	}
	encoded, _ := x.f.GobEncode()
	return value{kind: exact, n: n, s: "f" + string(encoded)}
}

// exactText is an exact number as text; floats that are no whole numbers are written as format says.
func exactText(v value, format string) string {
	in := &interp{exact: precision{bits: 53}}
	x, _ := in.exactOf(v)
	switch {
	case x.i != nil:
		return x.i.String()
	case x.f.IsInt():
		return x.f.Text('f', 0)
	}
	return string(formatNumber(nil, format, v))
}

// trunc is the whole part of a number.
func (x exactly) trunc() *big.Int {
	if x.i != nil {
		return x.i
	}
	i, _ := x.f.Int(nil)
	return i
}

// assign is an assignment to PREC or ROUNDMODE; false if the value is none.
func (p *precision) assign(name string, v value) bool {
	s := v.str("%.6g")
	switch name {
	case "PREC":
		bits, named := precisions[strings.ToLower(s)]
		if !named {
			n := v.num()
			if n < 1 || n > maxPrecision || n != math.Trunc(n) {
				return false
			}
			bits = uint(n)
		}
		p.bits = bits
	case "ROUNDMODE":
		mode, ok := roundings[strings.ToUpper(s)]
		if !ok {
			return false
		}
		p.mode = mode
	}
	return true
}
