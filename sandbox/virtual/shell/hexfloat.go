package shell

import (
	"math/big"
	"strconv"
	"strings"
)

// longDouble is how many bits the fractions of C's long double have.
const longDouble = 64

// HexFloat writes a number as C's %La: a hexadecimal digit from 8 to f before the point, and a power of two. precision is the
// number of digits behind the point, -1 for as many as are needed.
func HexFloat(f float64, exact *big.Float, precision int) string {
	x := exact
	if x == nil {
		x = new(big.Float).SetPrec(longDouble).SetFloat64(f)
	}
	sign := ""
	if x.Signbit() {
		sign = "-"
	}
	digits, exponent := uint64(0), 0
	if x.Sign() != 0 {
		mantissa := new(big.Float)
		exponent = x.MantExp(mantissa) - 4
		digits, _ = new(big.Float).SetMantExp(mantissa.Abs(mantissa), longDouble).Uint64()
	}
	const places = longDouble/4 - 1
	if precision >= 0 && precision < places {
		cut := uint(4 * (places - precision))
		rest, half := digits&(1<<cut-1), uint64(1)<<(cut-1)
		digits >>= cut
		if rest > half || rest == half && digits&1 == 1 {
			digits++
		}
		if digits>>(4*precision) == 16 {
			digits, exponent = digits>>4, exponent+4
		}
		digits <<= cut
	}
	fraction := strconv.FormatUint(digits&(1<<(longDouble-4)-1), 16)
	fraction = strings.Repeat("0", places-len(fraction)) + fraction
	switch {
	case precision < 0:
		fraction = strings.TrimRight(fraction, "0")
	case precision <= places:
		fraction = fraction[:precision]
	default:
		fraction += strings.Repeat("0", precision-places)
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	power := strconv.Itoa(exponent)
	if exponent >= 0 {
		power = "+" + power
	}
	return sign + "0x" + strconv.FormatUint(digits>>(longDouble-4), 16) + fraction + "p" + power
}
