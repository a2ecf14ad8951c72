package commands

import (
	"bufio"
	"context"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const seqUsage = `[OPTION]... LAST
  or:  seq [OPTION]... FIRST LAST
  or:  seq [OPTION]... FIRST INCREMENT LAST
Print numbers from FIRST to LAST in steps of INCREMENT.

  -f, --format=FORMAT  printf's %aeEfFgG  -s, --separator=STRING  -w, --equal-width
`

func seq(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: seqUsage, Short: "f:s:w", Long: "format:=f separator:=s equal-width=w", Posix: true}
	// Negative numbers are operands, not options.
	call := *inv
	for i, a := range inv.Args[1:] {
		if a == "--" {
			break
		}
		if len(a) > 1 && a[0] == '-' && (a[1] >= '0' && a[1] <= '9' || a[1] == '.') {
			call.Args = append(append(append([]string{}, inv.Args[:i+1]...), "--"), inv.Args[i+1:]...)
			break
		}
		if before := inv.Args[i]; !strings.HasPrefix(a, "-") && before != "-f" && before != "-s" {
			break
		}
	}
	p, status := spec.Parse(&call)
	if p == nil {
		return status
	}
	format, sep, equal, formatted := "", "\n", false, false
	for _, o := range p.Options {
		switch o.Key {
		case "f":
			format, formatted = o.Value, true
		case "s":
			sep = o.Value
		case "w":
			equal = true
		}
	}
	args := p.Operands
	switch {
	case len(args) == 0:
		return spec.Misuse(inv, "missing operand")
	case len(args) > 3:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(args[3]))
	case formatted && equal:
		return spec.Misuse(inv, "format string may not be specified when printing equal width strings")
	}
	var directive *seqFormat
	if formatted {
		d, problem := parseSeqFormat(format)
		if problem != "" {
			inv.Errorf("%s", problem)
			return 1
		}
		directive = d
	}
	texts := []string{"1", "1", args[len(args)-1]}
	if len(args) > 1 {
		texts[0] = args[0]
	}
	if len(args) == 3 {
		texts[1] = args[1]
	}
	var n [3]seqNumber
	for i, text := range texts {
		v, ok := parseSeqNumber(text)
		if !ok {
			what := "invalid floating point argument"
			if strings.EqualFold(strings.TrimLeft(text, "+-"), "nan") {
				what = "invalid 'not-a-number' argument"
			}
			return spec.Misuse(inv, "%s: %s", what, cli.QuoteText(text))
		}
		n[i] = v
	}
	if n[1].exact != nil && n[1].exact.Sign() == 0 || n[1].float == 0 {
		return spec.Misuse(inv, "invalid Zero increment value: %s", cli.QuoteText(texts[1]))
	}
	s := &sequence{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), sep: sep, format: directive}
	return s.run(n, equal)
}

type sequence struct {
	ctx    context.Context
	inv    *shell.Invocation
	out    *bufio.Writer
	sep    string
	format *seqFormat
	begun  bool
}

// put writes one number's text; false ends.
func (s *sequence) put(text string) bool {
	if s.begun {
		s.out.WriteString(s.sep)
	}
	s.begun = true
	_, err := s.out.WriteString(text)
	return err == nil && s.inv.Budget.Work(len(text)+1) == nil && s.ctx.Err() == nil
}

func (s *sequence) run(n [3]seqNumber, equal bool) int {
	precision := max(n[0].precision, n[1].precision)
	first, step, last := n[0].exact, n[1].exact, n[2].exact
	if first != nil && step == nil { // the first, and then nothing
		step = new(big.Rat).SetInt64(math.MaxInt64)
		last = first
		if n[1].float < 0 == (n[2].float > n[0].float) {
			return s.finish(true)
		}
	}
	if first == nil {
		return s.finish(true)
	}
	width := 0
	if equal {
		width = max(n[0].width+widthOfPoint(precision), n[2].width+widthOfPoint(precision))
	}
	down := step.Sign() < 0
	if last == nil && (n[2].float < 0) != down {
		return s.finish(true)
	}
	if s.format == nil && !n[0].minusZero && precision == 0 && first.IsInt() && step.IsInt() && first.Num().IsInt64() && step.Num().IsInt64() {
		if ok, done := s.integers(first.Num().Int64(), step.Num().Int64(), last, width); done {
			return s.finish(ok)
		}
	}
	for x := new(big.Rat).Set(first); ; x.Add(x, step) {
		if last != nil {
			if c := x.Cmp(last); !down && c > 0 || down && c < 0 {
				break
			}
		}
		text, minusZero := "", !s.begun && n[0].minusZero
		if s.format != nil {
			f, _ := x.Float64()
			if minusZero {
				f = math.Copysign(0, -1)
			}
			text = s.format.apply(f)
		} else {
			text = x.FloatString(precision)
			if minusZero {
				text = "-" + text
			}
			text = padZero(text, width)
		}
		if !s.put(text) {
			return s.finish(false)
		}
	}
	return s.finish(true)
}

func widthOfPoint(precision int) int {
	if precision == 0 {
		return 0
	}
	return precision + 1
}

// integers is the fast way for whole numbers; done is false if they leave int64.
func (s *sequence) integers(x, step int64, last *big.Rat, width int) (ok, done bool) {
	limit := int64(math.MaxInt64)
	if step < 0 {
		limit = math.MinInt64
	}
	if last != nil {
		q := new(big.Int).Quo(last.Num(), last.Denom())
		if new(big.Rat).SetInt(q).Cmp(last) > 0 {
			q.Sub(q, big.NewInt(1))
		}
		if step < 0 && new(big.Rat).SetInt(q).Cmp(last) < 0 {
			q.Add(q, big.NewInt(1))
		}
		if !q.IsInt64() || q.Int64() > math.MaxInt64-abs64(step) || q.Int64() < math.MinInt64+abs64(step) {
			return false, false
		}
		limit = q.Int64()
	} else {
		return false, false
	}
	for ; step > 0 && x <= limit || step < 0 && x >= limit; x += step {
		if !s.put(padZero(strconv.FormatInt(x, 10), width)) {
			return false, true
		}
	}
	return true, true
}

func abs64(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// padZero fills with zeros behind the sign.
func padZero(s string, width int) string {
	if len(s) >= width {
		return s
	}
	if s[0] == '-' {
		return "-" + strings.Repeat("0", width-len(s)) + s[1:]
	}
	return strings.Repeat("0", width-len(s)) + s
}

func (s *sequence) finish(ok bool) int {
	if s.begun && ok {
		s.out.WriteByte('\n')
	}
	if s.out.Flush() != nil || !ok {
		return 1
	}
	return 0
}
