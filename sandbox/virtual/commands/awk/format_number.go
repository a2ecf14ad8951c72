package awk

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// value writes a number.
func (d *directive) value(b []byte, v value, in *interp) []byte {
	if in.bignum || v.kind == exact {
		if x, ok := in.exactOf(v); ok {
			return d.exact(b, x)
		}
	}
	return d.number(b, v.num())
}

// formatNumber writes a number by a format with one directive, as CONVFMT is.
func formatNumber(b []byte, format string, v value) []byte {
	in := &interp{convfmt: "%.6g", utf8: true, exact: precision{bits: 53}}
	return in.format(b, format, []value{v})
}

// sign is what stands before a number, and whether it is negative.
func (d *directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

func (d *directive) number(b []byte, n float64) []byte {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		s := notFinite(n)
		if d.verb < 'a' {
			s = strings.ToUpper(s)
		}
		return append(b, s...)
	}
	negative := math.Signbit(n)
	if strings.IndexByte("diouxX", d.verb) < 0 {
		sign := d.sign(negative)
		return d.join(b, sign, "", d.float(math.Abs(n), nil))
	}
	zero := n == 0
	n = math.Trunc(n)
	negative = n < 0
	n = math.Abs(n)
	sign := d.sign(negative)
	base := d.base()
	if base != 10 || d.verb == 'u' {
		if negative && n > 1<<63 || !negative && n >= 1<<64 { // too large: as %g writes it
			if d.precision < 0 {
				d.precision = 6
			}
			general := directive{verb: 'g', precision: d.precision, alternate: d.alternate}
			return d.join(b, sign, "", general.float(n, nil))
		}
		sign = ""
	}
	digits := ""
	switch {
	case negative && sign == "":
		digits = strconv.FormatUint(-uint64(n), base)
	case n < 1<<63 || base != 10 || d.verb == 'u':
		digits = strconv.FormatUint(uint64(n), base)
	default:
		digits = strconv.FormatFloat(n, 'f', 0, 64)
	}
	return d.integer(b, sign, digits, zero)
}

func (d *directive) base() int {
	switch d.verb {
	case 'o':
		return 8
	case 'x', 'X':
		return 16
	}
	return 10
}

// integer writes the digits of an integer; zero says that the number was 0 before its fraction was cut off.
func (d *directive) integer(b []byte, sign, digits string, zero bool) []byte {
	prefix := ""
	switch {
	case d.alternate && d.verb == 'o' && !zero:
		prefix = "0"
	case d.alternate && d.base() == 16 && !zero:
		prefix = "0x"
	}
	if d.verb == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	if d.precision >= 0 {
		d.zero = false
		if d.precision == 0 && zero && !d.alternate {
			digits, sign = "", ""
		}
		digits = strings.Repeat("0", max(d.precision-len(digits), 0)) + digits
	}
	return d.join(b, sign, prefix, digits)
}

// exact writes a number for -M.
func (d *directive) exact(b []byte, x exactly) []byte {
	if strings.IndexByte("diouxX", d.verb) >= 0 {
		i := x.trunc()
		if i.Sign() < 0 && i.IsInt64() && (d.base() != 10 || d.verb == 'u') {
			return d.integer(b, "", strconv.FormatUint(uint64(i.Int64()), d.base()), false)
		}
		return d.integer(b, d.sign(i.Sign() < 0), new(big.Int).Abs(i).Text(d.base()), i.Sign() == 0)
	}
	f := x.f
	if f == nil {
		f = new(big.Float).SetInt(x.i)
	}
	n, _ := f.Float64()
	return d.join(b, d.sign(f.Signbit()), "", d.float(math.Abs(n), new(big.Float).Abs(f)))
}

func (d *directive) join(b []byte, sign, prefix, digits string) []byte {
	fill := max(d.width-len(sign)-len(prefix)-len(digits), 0)
	if !d.minus && !d.zero {
		b = repeat(b, ' ', fill)
	}
	b = append(append(b, sign...), prefix...)
	if d.zero && !d.minus {
		b = repeat(b, '0', fill)
	}
	b = append(b, digits...)
	if d.minus {
		b = repeat(b, ' ', fill)
	}
	return b
}

// float writes a positive number as C's printf does; where wide is not nil it has more bits than n.
func (d *directive) float(n float64, wide *big.Float) string {
	write := func(format byte, precision int) string { return strconv.FormatFloat(n, format, precision, 64) }
	if wide != nil && wide.MinPrec() > 53 {
		write = wide.Text
	}
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	var s string
	switch d.verb {
	case 'f', 'F':
		s = write('f', precision)
	case 'e', 'E':
		s = write('e', precision)
	case 'a', 'A':
		s = hexadecimal(n, d.precision)
	default:
		s = general(write, precision, d.alternate)
	}
	if d.alternate && precision == 0 && d.verb|0x20 != 'g' && !strings.ContainsRune(s, '.') {
		mantissa, exponent, found := strings.Cut(s, "e")
		if s = mantissa + "."; found {
			s += "e" + exponent
		}
	}
	if d.verb < 'a' {
		s = strings.ToUpper(s)
	}
	return s
}

// hexadecimal is C's %a: the exponent has no more digits than it needs.
func hexadecimal(n float64, precision int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'x', precision, 64), "p")
	digits := strings.TrimLeft(exponent[1:], "0")
	if digits == "" {
		digits = "0"
	}
	return mantissa + "p" + exponent[:1] + digits
}

// general is C's %g of what write writes; alternate keeps the zeros at the end.
func general(write func(format byte, precision int) string, precision int, alternate bool) string {
	precision = max(precision, 1)
	s := write('e', precision-1)
	at := strings.IndexByte(s, 'e')
	exponent, _ := strconv.Atoi(s[at+1:])
	if exponent < -4 || exponent >= precision {
		return trimZeros(s[:at], alternate) + s[at:]
	}
	return trimZeros(write('f', precision-1-exponent), alternate)
}

func trimZeros(s string, keep bool) string {
	if strings.IndexByte(s, '.') < 0 {
		if keep {
			s += "."
		}
		return s
	}
	if keep {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
