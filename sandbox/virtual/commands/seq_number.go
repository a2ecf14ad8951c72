package commands

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// seqNumber is an operand: exact where it is a plain decimal.
type seqNumber struct {
	exact     *big.Rat // nil if infinite
	float     float64
	precision int // digits behind the point
	width     int // characters before the point
	known     bool
	minusZero bool
}

func parseSeqNumber(text string) (n seqNumber, ok bool) {
	t := strings.TrimLeft(text, " ")
	t = strings.TrimPrefix(t, "+")
	number := strings.Replace(t, "_", "x", -1)
	if lower := strings.ToLower(number); strings.Contains(lower, "0x") && strings.Contains(lower, ".") && !strings.Contains(lower, "p") {
		number += "p0" // C needs no exponent
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !strings.Contains(err.Error(), "range") || math.IsNaN(f) {
		if i, err := strconv.ParseInt(t, 0, 64); err == nil && strings.Contains(strings.ToLower(t), "0x") {
			return seqNumber{exact: new(big.Rat).SetInt64(i), float: float64(i), width: len(strconv.FormatInt(i, 10)), known: true}, true
		}
		return n, false
	}
	n.float, n.minusZero = f, f == 0 && math.Signbit(f)
	if math.IsInf(f, 0) {
		return n, true
	}
	n.exact, ok = new(big.Rat).SetString(t)
	if !ok {
		n.exact, ok = new(big.Rat).SetFloat64(f), true
		n.known = false
		return n, true
	}
	n.known = true
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(t), "e")
	whole, frac, dotted := strings.Cut(mantissa, ".")
	n.precision, n.width = len(frac), len(whole)
	if strings.ContainsAny(t, "xX") {
		n.precision = 0
	}
	if strings.TrimLeft(whole, "-") == "" && dotted {
		n.width++
	}
	if hasExp {
		e, _ := strconv.Atoi(exp)
		n.precision = max(0, n.precision-e)
		if e > 0 {
			n.width += max(0, e-min(e, len(frac)))
			if n.width > 4096 {
				n.width = 4096
			}
		} else if n.width+e < 1 {
			n.width = 1
			if strings.HasPrefix(whole, "-") {
				n.width = 2
			}
		}
	}
	return n, true
}
