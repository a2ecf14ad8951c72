package commands

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func (n *numberFormat) convert(text string) (result, problem string) {
	v, precision, problem := n.parseScaled(text)
	if problem != "" {
		return "", problem
	}
	if n.fromUnit != 1 || n.toUnit != 1 {
		v = v * n.fromUnit / n.toUnit
	}
	wanted := -1
	if n.format != nil {
		wanted = n.format.precision
	}
	if n.to == "none" {
		if math.Abs(v) >= 1e19 {
			return "", fmt.Sprintf("value too large to be printed: '%s' (consider using --to)", strconv.FormatFloat(v, 'g', 6, 64))
		}
		if wanted >= 0 {
			precision = wanted
		}
		scale := math.Pow(10, float64(precision))
		result = strconv.FormatFloat(n.rounded(v*scale)/scale, 'f', precision, 64)
	} else {
		result = n.scaled(v, wanted)
	}
	if f := n.format; f != nil && f.zero && !f.left { // the zeros are of the number, without its suffixes
		digits := strings.TrimRight(result, "KMGTPEZYRQi")
		if missing := f.width - len(digits); missing > 0 {
			sign := ""
			if strings.HasPrefix(result, "-") {
				sign, result = "-", result[1:]
			}
			result = sign + strings.Repeat("0", missing) + result
		}
	}
	result += n.suffix
	if f := n.format; f != nil {
		missing := max(0, f.width-len(result))
		switch {
		case f.left:
			result += strings.Repeat(" ", missing)
		default:
			result = strings.Repeat(" ", missing) + result
		}
		result = f.before + result + f.after
	}
	return result, ""
}

// parseScaled reads a number with a suffix of the --from unit.
func (n *numberFormat) parseScaled(text string) (v float64, precision int, problem string) {
	if n.suffix != "" && len(text) > len(n.suffix) {
		text = strings.TrimSuffix(text, n.suffix)
	}
	quoted := cli.QuoteText(text)
	body := strings.TrimLeft(text, " \t")
	body = strings.TrimRight(body, " \t")
	end := 0
	if strings.HasPrefix(body, "-") {
		end = 1
	}
	digits := end
	for end < len(body) && body[end] >= '0' && body[end] <= '9' {
		end++
	}
	if end-digits > 27 {
		return 0, 0, "value too large to be converted: " + quoted
	}
	whole := end
	if end < len(body) && body[end] == '.' {
		end++
		for end < len(body) && body[end] >= '0' && body[end] <= '9' {
			end++
		}
		if precision = end - whole - 1; precision == 0 {
			return 0, 0, "invalid number: " + quoted
		}
	}
	if end == digits {
		return 0, 0, "invalid number: " + quoted
	}
	v, _ = strconv.ParseFloat(body[:end], 64)
	rest := strings.TrimLeft(body[end:], " ")
	if rest == "" {
		if n.from == "iec-i" {
			return 0, 0, "missing 'i' suffix in input: " + quoted + " (e.g Ki/Mi/Gi)"
		}
		return v, precision, ""
	}
	power := strings.IndexByte("KMGTPEZY", strings.ToUpper(rest[:1])[0]) + 1
	if power == 0 || rest[0] != strings.ToUpper(rest[:1])[0] {
		return 0, 0, "invalid suffix in input: " + quoted
	}
	if n.from == "none" {
		return 0, 0, "rejecting suffix in input: " + quoted + " (consider using --from)"
	}
	rest = rest[1:]
	base := 1000.0
	switch n.from {
	case "iec", "iec-i":
		base = 1024
	}
	if rest, ok := strings.CutPrefix(rest, "i"); ok && (n.from == "auto" || n.from == "iec-i") {
		base = 1024
		if rest != "" {
			return 0, 0, "invalid suffix in input " + quoted + ": " + cli.QuoteText(rest)
		}
		return v * math.Pow(base, float64(power)), 0, ""
	}
	if n.from == "iec-i" {
		return 0, 0, "missing 'i' suffix in input: " + quoted + " (e.g Ki/Mi/Gi)"
	}
	if rest != "" {
		return 0, 0, "invalid suffix in input " + quoted + ": " + cli.QuoteText(rest)
	}
	return v * math.Pow(base, float64(power)), 0, ""
}

func (n *numberFormat) rounded(v float64) float64 {
	switch n.round {
	case "up":
		return math.Ceil(v)
	case "down":
		return math.Floor(v)
	case "towards-zero":
		return math.Trunc(v)
	case "nearest":
		return math.Round(v)
	}
	if v < 0 {
		return math.Floor(v)
	}
	return math.Ceil(v)
}

// scaled writes v with a suffix of the --to unit: one digit behind the point below ten, unless a precision is wanted.
func (n *numberFormat) scaled(v float64, wanted int) string {
	base := 1024.0
	if n.to == "si" {
		base = 1000
	}
	power := 0
	for math.Abs(v) >= base && power < 10 {
		v /= base
		power++
	}
	scale := 1.0
	switch {
	case wanted >= 0:
		scale = math.Pow(10, float64(min(wanted, 3*power)))
	case math.Abs(v) < 10:
		scale = 10
	}
	v = n.rounded(v*scale) / scale
	if math.Abs(v) >= base && power < 10 {
		v /= base
		power++
	}
	precision := 0
	if v != 0 && math.Abs(v) < 10 && power > 0 {
		precision = 1
	}
	if wanted >= 0 {
		precision = wanted
	}
	text := strconv.FormatFloat(v, 'f', precision, 64)
	if power > 0 {
		text += "KMGTPEZYRQ"[power-1 : power]
		if n.to == "iec-i" {
			text += "i"
		}
	}
	return text
}
