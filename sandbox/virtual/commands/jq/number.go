package jq

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// smallNumber reads digits, and those behind a point, that a float64 keeps and prints just so.
func smallNumber(s []byte) (n float64, ok bool) {
	minus := len(s) > 0 && s[0] == '-'
	if minus {
		s = s[1:]
	}
	if len(s) > 15 || len(s) == 0 {
		return 0, false
	}
	digits, point := 0, -1
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits = 10*digits + int(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	n = float64(digits)
	if point >= 0 {
		// Both are exact, so the quotient is the float64 that is nearest. A zero that leads or ends is kept as it was written.
		if point == 0 || s[0] == '0' && (point > 1 || point < len(s)-1 && s[2] == '0') || s[len(s)-1] == '0' || point == len(s)-1 {
			return 0, false
		}
		n /= powersOfTen[len(s)-1-point]
	}
	if minus {
		if digits == 0 {
			return 0, false
		}
		n = -n
	}
	return n, true
}

var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14}

// boxed is f as a value, without an allocation for the numbers that are most common.
func boxed(f float64) any {
	if i := int(f); i > 0 && i < len(common) && float64(i) == f {
		return common[i]
	}
	return f
}

// parseNumber reads a JSON number; ok is false if s is none. It keeps the digits where float64 would not print them.
func parseNumber(s string) (v any, ok bool) {
	if n, ok := smallNumber([]byte(s)); ok {
		return n, true
	}
	body := strings.TrimPrefix(s, "-")
	if body == "nan" {
		return math.NaN(), true
	}
	if body == "" || body[0] != '.' && (body[0] < '0' || body[0] > '9') || strings.Trim(body, "0123456789.eE+-") != "" {
		return nil, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && err.(*strconv.NumError).Err != strconv.ErrRange {
		return nil, false
	}
	if text, fits := canonical(s); fits && text != formatNumber(f) {
		return Literal{text, f}, true
	}
	return f, true
}

// canonical writes a decimal as the General Decimal Arithmetic specification's to-scientific-string does; fits is
// false where the exponent is out of the range jq computes with.
func canonical(s string) (text string, fits bool) {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	exp := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return "", false
		}
		exp, s = e, s[:i]
	}
	whole, frac, _ := strings.Cut(s, ".")
	exp -= len(frac)
	digits := strings.TrimLeft(whole+frac, "0")
	if digits == "" {
		digits = "0"
	}
	adjusted := exp + len(digits) - 1
	if adjusted > 999999999 || adjusted < -999999999 {
		return "", false
	}
	if exp <= 0 && adjusted >= -6 {
		if exp == 0 {
			return sign + digits, true
		}
		if pad := 1 - exp - len(digits); pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		return sign + digits[:len(digits)+exp] + "." + digits[len(digits)+exp:], true
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	if adjusted >= 0 {
		return sign + digits + "E+" + strconv.Itoa(adjusted), true
	}
	return sign + digits + "E" + strconv.Itoa(adjusted), true
}

// formatNumber writes a computed number with the 17 digits that tell it from all others at most.
func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "null"
	case math.IsInf(f, 1):
		f = math.MaxFloat64
	case math.IsInf(f, -1):
		f = -math.MaxFloat64
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		if f == 0 && math.Signbit(f) {
			return "-0"
		}
		return strconv.FormatInt(int64(f), 10)
	}
	e := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(e, "e")
	x, _ := strconv.Atoi(exponent)
	digits := len(strings.TrimPrefix(mantissa, "-"))
	if strings.Contains(mantissa, ".") {
		digits--
	}
	if point := x + 1; point <= -4 || point > digits+15 {
		if x < 0 {
			return mantissa + "e-" + pad2(-x)
		}
		return mantissa + "e+" + pad2(x)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// compareLiterals compares by the digits as written, beyond the precision of float64.
func compareLiterals(a, b Literal) int {
	if a.Value != b.Value || math.IsInf(a.Value, 0) || a.Value == 0 {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	}
	x, okx := new(big.Rat).SetString(a.Text)
	y, oky := new(big.Rat).SetString(b.Text)
	if !okx || !oky {
		return 0
	}
	return x.Cmp(y)
}
