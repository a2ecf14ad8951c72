package commands

import (
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// odNumber reads a count: decimal, octal with 0 or hexadecimal with 0x before it, and a unit behind it. problem is a format for
// the option and the text.
func odNumber(text string) (n int64, problem string) {
	digits := text
	base, set := 10, "0123456789"
	switch {
	case strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X"):
		base, set, digits = 16, "0123456789abcdefABCDEF", text[2:]
	case strings.HasPrefix(text, "0"):
		base, set = 8, "01234567"
	}
	unit := strings.TrimLeft(digits, set)
	digits = digits[:len(digits)-len(unit)]
	if digits == "" {
		return 0, "invalid %s argument '%s'"
	}
	v, err := strconv.ParseInt(digits, base, 64)
	if unit != "" && err == nil {
		factor, bad := cli.Amount("1"+unit, "bEGKkMmPTYZ0")
		switch {
		case bad != nil && bad.Error() == "":
			return 0, "invalid suffix in %s argument '%s'"
		case bad != nil || v > math.MaxInt64/factor:
			err = strconv.ErrRange
		default:
			v *= factor
		}
	}
	if err != nil {
		return 0, "%s argument '%s' too large"
	}
	return v, ""
}

// odOffset takes an offset from the end of the operands: "+10", or "10" behind a file or with --traditional, in octal or with 0x in
// hexadecimal; "b" behind it counts in blocks. With --traditional a second one is what the offsets that are shown begin with; else
// label is -1.
func odOffset(operands []string, traditional bool, skip *int64) (names []string, label int64) {
	last := len(operands) - 1
	switch {
	case last < 0 || last > 1 && !traditional:
		return operands, -1
	case traditional && last > 0:
		if first, ok := oldOffset(operands[last-1], last-1 == 0 && last == 1 || last == 2); ok && last <= 2 {
			if second, ok := oldOffset(operands[last], true); ok {
				*skip = first
				return operands[:last-1], second
			}
		}
	}
	if n, ok := oldOffset(operands[last], traditional || last == 1); ok {
		*skip = n
		return operands[:last], -1
	}
	return operands, -1
}

// oldOffset reads an offset, before which must be a plus sign unless it may be bare.
func oldOffset(text string, bare bool) (n int64, ok bool) {
	text, plus := strings.CutPrefix(text, "+")
	if !plus && !bare || text == "" || text[0] < '0' || text[0] > '9' {
		return 0, false
	}
	text, blocks := strings.CutSuffix(text, "b")
	base, unit := 8, int64(1)
	if blocks {
		unit = 512
	}
	if number, decimal := strings.CutSuffix(text, "."); decimal {
		base, text = 10, number
	} else if number, hex := strings.CutPrefix(text, "0x"); hex {
		base, text = 16, number
	}
	n, err := strconv.ParseInt(text, base, 40)
	return n * unit, err == nil
}
