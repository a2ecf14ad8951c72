package awk

import (
	"math"
	"math/big"
)

// The elementary functions for numbers of many bits, by their series; each is given the bits to calculate with.

func wideFloat(bits uint, n float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(n) }

// bigExp halves x until its series converges fast, and squares the result as often.
func bigExp(x *big.Float, bits uint) *big.Float {
	const halvings = 16
	bits += 2 * halvings
	exponent := max(x.MantExp(nil), 0)
	if exponent > 32 {
		if x.Sign() < 0 {
			return wideFloat(bits, 0)
		}
		return new(big.Float).SetInf(false)
	}
	halve := halvings + exponent
	bits += uint(exponent)
	small := new(big.Float).SetPrec(bits).SetMantExp(new(big.Float).SetPrec(bits).Set(x), -halve)
	sum, term := wideFloat(bits, 1), wideFloat(bits, 1)
	for i := 1; term.Sign() != 0 && term.MantExp(nil) > -int(bits); i++ {
		term.Mul(term, small)
		term.Quo(term, wideFloat(bits, float64(i)))
		sum.Add(sum, term)
	}
	for range halve {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is Newton's method on bigExp, from the logarithm of the mantissa as a float64.
func bigLog(x *big.Float, bits uint) *big.Float {
	bits += 32
	mantissa := new(big.Float)
	exponent := x.MantExp(mantissa)
	m, _ := mantissa.Float64()
	y := wideFloat(bits, math.Log(m)+float64(exponent)*math.Ln2)
	for good := uint(40); ; good *= 2 {
		e := bigExp(y, bits)
		// y += 2 (x - e) / (x + e), which trebles the digits
		d := new(big.Float).SetPrec(bits).Sub(x, e)
		d.Quo(d, new(big.Float).SetPrec(bits).Add(x, e))
		y.Add(y, d.Mul(d, wideFloat(bits, 2)))
		if good > bits {
			return y
		}
	}
}

// bigAtan halves the angle until its series converges fast.
func bigAtan(x *big.Float, bits uint) *big.Float {
	const halvings = 8
	bits += 4 * halvings
	one := wideFloat(bits, 1)
	t := new(big.Float).SetPrec(bits).Set(x)
	for range halvings { // tan(a/2) = t / (1 + √(1 + t²))
		root := new(big.Float).SetPrec(bits).Mul(t, t)
		root.Sqrt(root.Add(root, one))
		t.Quo(t, root.Add(root, one))
	}
	square := new(big.Float).SetPrec(bits).Mul(t, t)
	square.Neg(square)
	sum, power := new(big.Float).SetPrec(bits).Set(t), new(big.Float).SetPrec(bits).Set(t)
	for i := 3; power.Sign() != 0 && power.MantExp(nil) > -int(bits); i += 2 {
		power.Mul(power, square)
		sum.Add(sum, new(big.Float).SetPrec(bits).Quo(power, wideFloat(bits, float64(i))))
	}
	return sum.SetMantExp(sum, halvings)
}

func bigPi(bits uint) *big.Float {
	quarter := bigAtan(wideFloat(bits+8, 1), bits+8)
	return quarter.SetMantExp(quarter, 2)
}

// bigAtan2 is the angle of the point (x, y).
func bigAtan2(y, x *big.Float, bits uint) *big.Float {
	pi := bigPi(bits)
	half := new(big.Float).SetPrec(bits).SetMantExp(pi, -1)
	if x.Sign() == 0 {
		switch y.Sign() {
		case 0:
			return wideFloat(bits, 0)
		case -1:
			return half.Neg(half)
		}
		return half
	}
	angle := bigAtan(new(big.Float).SetPrec(bits+16).Quo(y, x), bits)
	if x.Sign() < 0 {
		if y.Signbit() {
			return angle.Sub(angle, pi)
		}
		return angle.Add(angle, pi)
	}
	return angle
}

// bigSin is the sine of x; the cosine is that of x + π/2.
func bigSin(x *big.Float, bits uint) *big.Float {
	bits += 32 + uint(max(x.MantExp(nil), 0))
	pi := bigPi(bits)
	turn := new(big.Float).SetPrec(bits).SetMantExp(pi, 1)
	turns, _ := new(big.Float).SetPrec(bits).Quo(x, turn).Int(nil)
	t := new(big.Float).SetPrec(bits).Mul(turn, new(big.Float).SetPrec(bits).SetInt(turns))
	t.Sub(x, t)
	square := new(big.Float).SetPrec(bits).Mul(t, t)
	square.Neg(square)
	sum, term := new(big.Float).SetPrec(bits).Set(t), new(big.Float).SetPrec(bits).Set(t)
	for i := 2.0; term.Sign() != 0 && term.MantExp(nil) > -int(bits); i += 2 {
		term.Mul(term, square)
		term.Quo(term, wideFloat(bits, i*(i+1)))
		sum.Add(sum, term)
	}
	return sum
}

func bigCos(x *big.Float, bits uint) *big.Float {
	wide := bits + 32 + uint(max(x.MantExp(nil), 0))
	quarter := bigPi(wide)
	quarter.SetMantExp(quarter, -1)
	return bigSin(quarter.Add(quarter, x), bits)
}
