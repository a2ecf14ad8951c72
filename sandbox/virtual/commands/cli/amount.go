package cli

import (
	"math"
	"strings"
)

// AmountError is why a text is no amount. Its text goes behind the quoted amount in a message.
type AmountError string

func (e AmountError) Error() string { return string(e) }

const (
	notAnAmount    AmountError = ""
	outOfRange     AmountError = ": Numerical result out of range"
	amountTooLarge AmountError = ": Value too large for defined data type"
)

// Amount reads a number of bytes, lines or the like, of which units are the suffixes that may follow: letters as for Size. A
// "0" in units lets B or iB follow them. White space and a sign may come before it.
func Amount(s, units string) (int64, error) {
	text := strings.TrimLeft(s, " \t\n\v\f\r")
	number, negative := strings.CutPrefix(text, "-")
	if !negative {
		number = strings.TrimPrefix(text, "+")
	}
	suffix := strings.TrimLeft(number, "0123456789")
	digits := number[:len(number)-len(suffix)]
	switch {
	case digits == "" && (suffix == "" || suffix != text):
		return 0, notAnAmount
	case suffix != "" && strings.IndexByte(units, suffix[0]) < 0:
		return 0, notAnAmount
	case len(suffix) > 1 && !(strings.HasSuffix(units, "0") && (suffix[1:] == "B" || suffix[1:] == "iB") && strings.IndexByte("bcw", suffix[0]) < 0):
		return 0, notAnAmount
	}
	n, ok := Size(digits + strings.Replace(suffix, "t", "T", 1))
	switch {
	case !ok:
		return 0, notAnAmount
	case n == math.MaxInt64 && digits != "9223372036854775807":
		return 0, amountTooLarge
	case negative:
		return -n, nil
	}
	return n, nil
}

// Count is Whole for a number that cannot have a minus sign.
func Count(s, units string, low, high int64) (int64, error) {
	if strings.HasPrefix(strings.TrimLeft(s, " \t\n\v\f\r"), "-") {
		return 0, notAnAmount
	}
	return Whole(s, units, low, high)
}

// Whole is Amount for a number that must be within bounds.
func Whole(s, units string, low, high int64) (int64, error) {
	n, err := Amount(s, units)
	switch {
	case err != nil:
		return 0, err
	case (n < low || n > high) && n > math.MaxInt32/2:
		return 0, amountTooLarge
	case n < low || n > high:
		return 0, outOfRange
	}
	return n, nil
}

// Reason is what Amount's error adds to a message; nil adds nothing.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
