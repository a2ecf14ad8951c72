package commands

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func (n *numberFormat) option(spec *cli.Spec, o cli.Option, header *int) int {
	choose := func(words ...string) (string, int) { return spec.Choose(n.inv, o.Key, o.Value, words...) }
	unit := func() (float64, int) {
		text := o.Value
		scale := 1.0
		if text != "" {
			digits := strings.TrimSuffix(text, "i")
			base := 1000.0
			if digits != text {
				base = 1024
			}
			if i := strings.IndexByte("KMGTPEZY", digits[max(0, len(digits)-1)]); i >= 0 {
				scale, text = math.Pow(base, float64(i+1)), digits[:len(digits)-1]
				if text == "" {
					text = "1"
				}
			}
		}
		v, err := strconv.ParseUint(text, 10, 63)
		if err != nil || v == 0 {
			n.inv.Errorf("invalid unit size: %s", cli.QuoteText(o.Value))
			return 0, 1
		}
		return float64(v) * scale, 0
	}
	var status int
	switch o.Key {
	case "from":
		n.from, status = choose("none", "auto", "si", "iec", "iec-i")
	case "to":
		n.to, status = choose("none", "si", "iec", "iec-i")
	case "round":
		n.round, status = choose("up", "down", "from-zero", "towards-zero", "nearest")
	case "invalid":
		n.invalid, status = choose("abort", "fail", "warn", "ignore")
	case "from-unit":
		n.fromUnit, status = unit()
	case "to-unit":
		n.toUnit, status = unit()
	case "suffix":
		n.suffix = o.Value
	case "padding":
		v, err := strconv.Atoi(o.Value)
		if err != nil || v == 0 {
			n.inv.Errorf("invalid padding value %s", cli.QuoteText(o.Value))
			return 1
		}
		n.padding = max(-10000, min(10000, v))
	case "d":
		if o.Value == "" {
			o.Value = "\x00"
		}
		if utf8.RuneCountInString(o.Value) != 1 {
			n.inv.Errorf("the delimiter must be a single character")
			return 1
		}
		n.delim = o.Value
	case "field":
		return n.parseFields(spec, o.Value)
	case "header":
		*header = 1
		if o.Has {
			v, err := strconv.Atoi(o.Value)
			if err != nil || v <= 0 {
				n.inv.Errorf("invalid header value %s", cli.QuoteText(o.Value))
				return 1
			}
			*header = v
		}
	case "format":
		n.given = &o.Value
	}
	return status
}

// fieldRange is a range of field numbers.
type fieldRange struct{ from, to int }

func (n *numberFormat) parseFields(spec *cli.Spec, text string) int {
	n.fields = nil
	if text == "-" {
		n.fields = []fieldRange{{1, math.MaxInt}}
		return 0
	}
	for _, part := range strings.Split(text, ",") {
		from, to, ranged := strings.Cut(part, "-")
		r := fieldRange{1, math.MaxInt}
		number := func(s string, into *int) int {
			v, err := strconv.Atoi(s)
			if err != nil || v < 0 {
				return spec.Misuse(n.inv, "invalid field value %s", cli.QuoteText(s))
			}
			if *into = v; v == 0 {
				return spec.Misuse(n.inv, "fields are numbered from 1")
			}
			return 0
		}
		if from != "" {
			if status := number(from, &r.from); status != 0 {
				return status
			}
		} else if !ranged {
			return spec.Misuse(n.inv, "invalid field range")
		}
		if !ranged {
			r.to = r.from
		} else if to != "" {
			if status := number(to, &r.to); status != 0 {
				return status
			}
			if r.to < r.from {
				return spec.Misuse(n.inv, "invalid decreasing range")
			}
		} else if from == "" {
			return spec.Misuse(n.inv, "invalid range with no endpoint: -")
		}
		n.fields = append(n.fields, r)
	}
	return 0
}

// numberDirective is a parsed --format.
type numberDirective struct {
	before, after string
	zero, left    bool
	width         int
	precision     int // -1: that of the input
}

func parseNumberFormat(s string) (*numberDirective, string) {
	unescape := func(s string) string { return strings.ReplaceAll(s, "%%", "%") }
	i := 0
	for ; ; i++ {
		if i >= len(s) {
			return nil, fmt.Sprintf("format %s has no %% directive", cli.QuoteText(s))
		}
		if s[i] == '%' {
			if i+1 < len(s) && s[i+1] == '%' {
				i++
				continue
			}
			break
		}
	}
	f := &numberDirective{before: unescape(s[:i]), precision: -1}
	j := i + 1
	for ; j < len(s) && strings.IndexByte(" '0-", s[j]) >= 0; j++ {
		f.zero = f.zero || s[j] == '0'
		f.left = f.left || s[j] == '-'
	}
	for ; j < len(s) && s[j] >= '0' && s[j] <= '9'; j++ {
		f.width = min(f.width*10+int(s[j]-'0'), 10000)
	}
	if j < len(s) && s[j] == '.' {
		f.precision = 0
		k := j + 1
		for j++; j < len(s) && s[j] >= '0' && s[j] <= '9'; j++ {
			f.precision = min(f.precision*10+int(s[j]-'0'), 1000)
		}
		if j < len(s) && j == k && s[j] != 'f' {
			return nil, fmt.Sprintf("invalid precision in format %s", cli.QuoteText(s))
		}
	}
	if j >= len(s) {
		return nil, fmt.Sprintf("format %s ends in %%", cli.QuoteText(s))
	}
	if s[j] != 'f' {
		return nil, fmt.Sprintf("invalid format %s, directive must be %%[0]['][-][N][.][N]f", cli.QuoteText(s))
	}
	rest := s[j+1:]
	if strings.Contains(strings.ReplaceAll(rest, "%%", ""), "%") {
		return nil, fmt.Sprintf("format %s has too many %% directives", cli.QuoteText(s))
	}
	f.after = unescape(rest)
	return f, ""
}
