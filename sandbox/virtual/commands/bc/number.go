package bc

import (
	"math/big"
	"strings"
)

// number is value / 10^scale.
type number struct {
	value *big.Int
	scale int
}

func integer(n int64) number { return number{big.NewInt(n), 0} }

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// to changes the scale, cutting digits off.
func (a number) to(scale int) number {
	switch {
	case scale > a.scale:
		return number{new(big.Int).Mul(a.value, pow10(scale-a.scale)), scale}
	case scale < a.scale:
		return number{new(big.Int).Quo(a.value, pow10(a.scale-scale)), scale}
	}
	return a
}

func (a number) compare(b number) int {
	s := max(a.scale, b.scale)
	return a.to(s).value.Cmp(b.to(s).value)
}

func (a number) add(b number) number {
	s := max(a.scale, b.scale)
	return number{new(big.Int).Add(a.to(s).value, b.to(s).value), s}
}

func (a number) negate() number { return number{new(big.Int).Neg(a.value), a.scale} }

func (a number) multiply(b number, scale int) number {
	full := number{new(big.Int).Mul(a.value, b.value), a.scale + b.scale}
	return full.to(min(full.scale, max(scale, a.scale, b.scale)))
}

func (a number) divide(b number, scale int) number {
	top := new(big.Int).Mul(a.value, pow10(scale+b.scale))
	bottom := new(big.Int).Mul(b.value, pow10(a.scale))
	return number{top.Quo(top, bottom), scale}
}

func (a number) modulo(b number, scale int) number {
	q := a.divide(b, scale)
	s := max(a.scale, b.scale+scale)
	return a.add(number{new(big.Int).Mul(q.value, b.value), q.scale + b.scale}.negate()).to(s)
}

// sqrt is the root with the larger of scale and a's own.
func (a number) sqrt(scale int) number {
	s := max(scale, a.scale)
	return number{new(big.Int).Sqrt(a.to(2 * s).value), s}
}

// parse reads digits of a base up to 16.
func parse(text string, base int) number {
	whole, frac, _ := strings.Cut(text, ".")
	digit := func(c byte, only bool) int64 {
		d := int64(c - '0')
		if c >= 'A' {
			d = int64(c-'A') + 10
		}
		if !only && d >= int64(base) {
			d = int64(base) - 1
		}
		return d
	}
	only := len(whole) == 1 && frac == ""
	if base == 10 {
		clean := []byte(whole + frac)
		for i, c := range clean {
			clean[i] = byte('0' + min(9, digit(c, false)))
			if only {
				return integer(digit(c, true))
			}
		}
		v, ok := new(big.Int).SetString(string(clean), 10)
		if !ok {
			v = new(big.Int)
		}
		return number{v, len(frac)}
	}
	v := new(big.Int)
	for i := range len(whole) {
		v.Mul(v, big.NewInt(int64(base))).Add(v, big.NewInt(digit(whole[i], only)))
	}
	result := number{v, 0}
	if frac == "" {
		return result
	}
	f, unit := new(big.Int), big.NewInt(1)
	for i := range len(frac) {
		f.Mul(f, big.NewInt(int64(base))).Add(f, big.NewInt(digit(frac[i], only)))
		unit.Mul(unit, big.NewInt(int64(base)))
	}
	return result.add(number{f, 0}.divide(number{unit, 0}, len(frac)))
}

// text writes a number in a base.
func (a number) text(base int) string {
	sign := ""
	v := new(big.Int).Abs(a.value)
	if a.value.Sign() < 0 {
		sign = "-"
	}
	if v.Sign() == 0 {
		return "0"
	}
	if base == 10 {
		digits := v.String()
		if a.scale == 0 {
			return sign + digits
		}
		digits = strings.Repeat("0", max(0, a.scale-len(digits))) + digits
		return sign + digits[:len(digits)-a.scale] + "." + digits[len(digits)-a.scale:]
	}
	whole, frac := new(big.Int).QuoRem(v, pow10(a.scale), new(big.Int))
	group := func(d *big.Int) string {
		if base <= 16 {
			return strings.ToUpper(d.Text(16))
		}
		s := d.String()
		return " " + strings.Repeat("0", len(big.NewInt(int64(base-1)).String())-len(s)) + s
	}
	var out string
	b := big.NewInt(int64(base))
	if base <= 16 && whole.Sign() > 0 {
		out = strings.ToUpper(whole.Text(base))
	} else {
		for rest := new(big.Int); whole.Sign() > 0; {
			whole.QuoRem(whole, b, rest)
			out = group(rest) + out
		}
	}
	if a.scale > 0 {
		out += "."
		unit := pow10(a.scale)
		for done := big.NewInt(1); done.Cmp(unit) < 0; done.Mul(done, b) {
			frac.Mul(frac, b)
			d := new(big.Int)
			d.QuoRem(frac, unit, frac)
			out += group(d)
		}
	}
	return sign + out
}
