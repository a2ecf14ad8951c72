package commands

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// csplitPattern is where a piece ends.
type csplitPattern struct {
	text    string
	line    int           // or
	re      *regex.Regexp // with
	offset  int
	skip    bool // the piece is not written
	repeat  int
	forever bool
}

// csplitPatterns reads the operands behind the file; warn is for what may be meant otherwise.
func csplitPatterns(args []string, warn func(format string, args ...any)) (list []csplitPattern, err error) {
	last := 0
	for _, arg := range args {
		switch {
		case arg != "" && (arg[0] == '/' || arg[0] == '%'):
			end := strings.LastIndexByte(arg, arg[0])
			if end == 0 {
				return nil, fmt.Errorf("%s: closing delimiter '%c' missing", arg, arg[0])
			}
			p := csplitPattern{text: arg, skip: arg[0] == '%'}
			if p.re, err = regex.Compile(arg[1:end], regex.BRE, 0); err != nil {
				return nil, fmt.Errorf("%s: invalid regular expression: %w", cli.QuoteText(arg), err)
			}
			if offset := arg[end+1:]; offset != "" {
				if p.offset, err = strconv.Atoi(strings.TrimLeft(offset, " \t")); err != nil {
					return nil, fmt.Errorf("%s: integer expected after delimiter", cli.QuoteText(arg))
				}
			}
			list = append(list, p)
		case strings.HasPrefix(arg, "{") && len(list) > 0:
			p := &list[len(list)-1]
			times, closed := strings.CutSuffix(arg[1:], "}")
			if !closed {
				return nil, fmt.Errorf("%s: '}' is required in repeat count", cli.QuoteText(arg))
			}
			if p.forever = times == "*"; !p.forever {
				if p.repeat, err = strconv.Atoi(times); err != nil || p.repeat < 0 {
					return nil, fmt.Errorf("%s: integer required between '{' and '}'", cli.QuoteText(arg))
				}
			}
		default:
			n, err := strconv.Atoi(arg)
			switch {
			case err != nil || n < 0:
				return nil, fmt.Errorf("%s: invalid pattern", cli.QuoteText(arg))
			case n == 0:
				return nil, fmt.Errorf("%s: line number must be greater than zero", arg)
			case n < last:
				return nil, fmt.Errorf("line number %s is smaller than preceding line number, %d", cli.QuoteText(arg), last)
			}
			if n == last {
				warn("warning: line number %s is the same as preceding line number", cli.QuoteText(arg))
			}
			last = n
			list = append(list, csplitPattern{text: arg, line: n})
		}
	}
	return list, nil
}
