package shell

import (
	"math"
	"strings"
)

// parseNumber reads 10, 0x1f, 017 and base#digits; it wraps around like C. what says what is wrong.
func parseNumber(v string) (n int64, what string) {
	base := int64(10)
	digitsOf := v
	if i := strings.IndexByte(v, '#'); i >= 0 {
		if v[0] == '0' {
			return 0, "invalid number"
		}
		base = 0
		for _, c := range v[:i] {
			if c < '0' || c > '9' || base > 64 {
				return 0, "invalid arithmetic base"
			}
			base = base*10 + int64(c-'0')
		}
		if base < 2 || base > 64 {
			return 0, "invalid arithmetic base"
		}
		if digitsOf = v[i+1:]; digitsOf == "" {
			return 0, "invalid integer constant"
		}
	} else if len(v) > 1 && v[0] == '0' {
		base, digitsOf = 8, v[1:]
		if v[1] == 'x' || v[1] == 'X' {
			base, digitsOf = 16, v[2:]
		}
	}
	for i := 0; i < len(digitsOf); i++ {
		d := int64(-1)
		switch c := digitsOf[i]; {
		case isDigit(c):
			d = int64(c - '0')
		case c >= 'a' && c <= 'z':
			d = int64(c-'a') + 10
		case c >= 'A' && c <= 'Z' && base <= 36:
			d = int64(c-'A') + 10
		case c >= 'A' && c <= 'Z':
			d = int64(c-'A') + 36
		case c == '@':
			d = 62
		case c == '_':
			d = 63
		}
		if d < 0 || d >= base {
			if d >= 0 && base != 10 || isDigit(digitsOf[i]) {
				return 0, "value too great for base"
			}
			if base == 10 {
				return 0, "value too great for base"
			}
			return 0, "invalid number"
		}
		n = n*base + d
	}
	return n, ""
}

func arithPower(x, y int64) int64 {
	n := int64(1)
	for ; y > 0; y >>= 1 {
		if y&1 == 1 {
			n *= x
		}
		x *= x
	}
	return n
}

func arithBinary(op string, x, y int64) (int64, string) {
	truth := func(ok bool) (int64, string) {
		if ok {
			return 1, ""
		}
		return 0, ""
	}
	switch op {
	case "+":
		return x + y, ""
	case "-":
		return x - y, ""
	case "*":
		return x * y, ""
	case "/", "%":
		if y == 0 {
			return 0, "division by 0"
		}
		if x == math.MinInt64 && y == -1 {
			if op == "/" {
				return x, ""
			}
			return 0, ""
		}
		if op == "/" {
			return x / y, ""
		}
		return x % y, ""
	case "**":
		if y < 0 {
			return 0, "exponent less than 0"
		}
		return arithPower(x, y), ""
	case "<<":
		return x << (uint64(y) & 63), ""
	case ">>":
		return x >> (uint64(y) & 63), ""
	case "&":
		return x & y, ""
	case "|":
		return x | y, ""
	case "^":
		return x ^ y, ""
	case "==":
		return truth(x == y)
	case "!=":
		return truth(x != y)
	case "<":
		return truth(x < y)
	case ">":
		return truth(x > y)
	case "<=":
		return truth(x <= y)
	case ">=":
		return truth(x >= y)
	}
	return y, "" // the comma
}
