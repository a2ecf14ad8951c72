package awk

import (
	"math"
	"strconv"
	"strings"
)

// fromOutside finds the number of a text where it takes -n or --posix to see.
func (in *interp) fromOutside(v value) value {
	s := strings.Trim(v.s, " \t\n\v\f\r")
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || v.kind == number {
		return v
	}
	sign := 1.0
	if s[0] == '-' {
		sign = -1
	}
	posix := in.prog != nil && in.prog.posix
	switch lower := strings.ToLower(digits); {
	case posix && (lower == "inf" || lower == "infinity"):
		v.n = math.Inf(int(sign))
	case posix && lower == "nan":
		v.n = math.Copysign(math.NaN(), sign)
	case baseOf(digits) == 16:
		if f, err := strconv.ParseFloat(digits, 64); err == nil && posix {
			v.n = sign * f
			break
		}
		if n, err := strconv.ParseUint(digits[2:], 16, 64); err == nil {
			v.n = sign * float64(n)
		}
	case baseOf(digits) == 8 && !posix:
		if n, err := strconv.ParseUint(digits, 8, 64); err == nil {
			v.n = sign * float64(n)
		}
	}
	return v
}

// fromInput is a text of the input as a value.
func (in *interp) fromInput(s string) value {
	if in.nonDecimal {
		return in.fromOutside(field(s))
	}
	return field(s)
}
