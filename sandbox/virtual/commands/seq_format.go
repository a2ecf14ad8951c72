package commands

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// seqFormat is a printf format with one directive for a number.
type seqFormat struct{ before, directive, after string }

func parseSeqFormat(format string) (*seqFormat, string) {
	unescape := func(s string) string { return strings.ReplaceAll(s, "%%", "%") }
	i := 0
	for ; ; i++ {
		if i >= len(format) {
			return nil, fmt.Sprintf("format %s has no %% directive", cli.QuoteText(format))
		}
		if format[i] == '%' {
			if i+1 >= len(format) || format[i+1] != '%' {
				break
			}
			i++
		}
	}
	j := i + 1
	for j < len(format) && strings.IndexByte("-+#0 '", format[j]) >= 0 {
		j++
	}
	for j < len(format) && (format[j] >= '0' && format[j] <= '9' || format[j] == '.') {
		j++
	}
	if j < len(format) && format[j] == 'L' {
		j++
	}
	switch {
	case j >= len(format):
		return nil, fmt.Sprintf("format %s ends in %%", cli.QuoteText(format))
	case strings.IndexByte("aAeEfFgG", format[j]) < 0:
		return nil, fmt.Sprintf("format %s has unknown %%%c directive", cli.QuoteText(format), format[j])
	}
	rest := strings.ReplaceAll(format[j+1:], "%%", "")
	if strings.Contains(rest, "%") {
		return nil, fmt.Sprintf("format %s has too many %% directives", cli.QuoteText(format))
	}
	return &seqFormat{unescape(format[:i]), strings.NewReplacer("L", "", "'", "").Replace(format[i : j+1]), unescape(format[j+1:])}, ""
}

func (f *seqFormat) apply(x float64) string {
	directive := f.directive
	verb := directive[len(directive)-1]
	if (verb == 'g' || verb == 'G') && !strings.Contains(directive, ".") {
		// Go's default is the shortest, C's are six digits.
		directive = directive[:len(directive)-1] + ".6" + string(verb)
	}
	if verb == 'a' || verb == 'A' {
		precision := -1
		flags, digits, dotted := strings.Cut(directive[1:len(directive)-1], ".")
		if dotted {
			precision, _ = strconv.Atoi(digits)
		}
		text := shell.HexFloat(x, nil, min(precision, 1000))
		if verb == 'A' {
			text = strings.ToUpper(text)
		}
		return f.before + fmt.Sprintf("%"+strings.Trim(flags, "#0+ ")+"s", text) + f.after
	}
	return f.before + fmt.Sprintf(directive, x) + f.after
}
