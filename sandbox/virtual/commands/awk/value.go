package awk

import (
	"math"
	"strconv"
	"strings"
)

type kind uint8

const (
	unset  kind = iota // "" and 0
	number             // n
	text               // s; n is its number where that takes -n or --posix to see, and else 0
	input              // text that came from outside: it compares as a number if it looks like one
	typed              // s is a regular expression: @/re/
	exact              // a number for -M that n is only near to: see bignum.go
)

// value is a scalar.
type value struct {
	kind kind
	n    float64
	s    string
}

func num(n float64) value { return value{kind: number, n: n} }

func str(s string) value { return value{kind: text, s: s} }

func field(s string) value {
	return value{kind: input, s: s}
}

func truth(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// num is the value as a number.
func (v value) num() float64 {
	switch v.kind {
	case number, exact:
		return v.n
	case unset:
		return 0
	}
	if v.n != 0 {
		return v.n
	}
	return parseNumber(v.s)
}

// parseNumber reads the number that s begins with; 0 if it begins with none.
func parseNumber(s string) float64 {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	start := i
	negative := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	digits := i
	n := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && i-digits < 15 {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i > digits && (i == len(s) || s[i] != '.' && s[i]|0x20 != 'e' && (s[i] < '0' || s[i] > '9')) {
		if negative {
			return -float64(n)
		}
		return float64(n)
	}
	length := floatLength(s[digits:])
	if length == 0 {
		return special(s[start:], digits > start)
	}
	f, _ := strconv.ParseFloat(s[start:digits+length], 64)
	return f
}

// special reads +inf, -inf, +nan and -nan, which need their sign.
func special(s string, signed bool) float64 {
	if signed && len(s) >= 4 && (len(s) == 4 || !isNameByte(s[4])) {
		switch strings.ToLower(s[:4]) {
		case "+inf":
			return math.Inf(1)
		case "-inf":
			return math.Inf(-1)
		case "+nan":
			return math.NaN()
		case "-nan":
			return math.Copysign(math.NaN(), -1)
		}
	}
	return 0
}

// looksNumeric says whether all of s is a number, with blanks around it.
func looksNumeric(s string) bool {
	i, end := 0, len(s)
	for i < end && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	for end > i && (s[end-1] == ' ' || s[end-1] >= '\t' && s[end-1] <= '\r') {
		end--
	}
	if i == end {
		return false
	}
	start := i
	if s[i] == '-' || s[i] == '+' {
		i++
	}
	if n := floatLength(s[i:end]); n > 0 {
		return i+n == end
	}
	if i > start && end-start == 4 {
		switch strings.ToLower(s[i:end]) {
		case "inf", "nan":
			return true
		}
	}
	return false
}

// numeric says whether the value takes part in a numeric comparison.
func (v value) numeric() bool {
	switch v.kind {
	case number, unset, exact:
		return true
	case input:
		return v.n != 0 || looksNumeric(v.s)
	}
	return false
}

// bool is the value as a condition.
func (v value) bool() bool {
	switch v.kind {
	case number, exact:
		return v.n != 0
	case unset:
		return false
	case input:
		if v.n != 0 || looksNumeric(v.s) {
			return v.num() != 0
		}
	}
	return v.s != ""
}

// str is the value as text; numbers that are no integers are written as format says.
func (v value) str(format string) string {
	switch v.kind {
	case number:
		return numberText(v.n, format)
	case unset:
		return ""
	case exact:
		return exactText(v, format)
	}
	return v.s
}

func numberText(n float64, format string) string {
	if n == math.Trunc(n) {
		if math.Abs(n) < 1e16 {
			return strconv.FormatInt(int64(n), 10)
		}
		if !math.IsInf(n, 0) {
			return strconv.FormatFloat(n, 'f', 0, 64)
		}
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return notFinite(n)
	}
	if format == "%.6g" {
		return generalText(n, 6)
	}
	return string(formatNumber(nil, format, num(n)))
}

func notFinite(n float64) string {
	sign := "+"
	if math.Signbit(n) {
		sign = "-"
	}
	if math.IsNaN(n) {
		return sign + "nan"
	}
	return sign + "inf"
}

// generalText is C's %.{precision}g.
func generalText(n float64, precision int) string {
	return general(func(format byte, precision int) string { return strconv.FormatFloat(n, format, precision, 64) }, precision, false)
}
