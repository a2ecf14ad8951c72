package commands

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var splitSpec = cli.Spec{
	Usage: `[OPTION]... [FILE [PREFIX]]
Output pieces of FILE to PREFIXaa, PREFIXab, ...; default size is 1000 lines, and default PREFIX is 'x'.

  -a, --suffix-length=N    generate suffixes of length N (default 2)
      --additional-suffix=SUFFIX  append an additional SUFFIX to file names
  -b, --bytes=SIZE         put SIZE bytes per output file
  -C, --line-bytes=SIZE    put at most SIZE bytes of records per output file
  -d, --numeric-suffixes[=FROM]  use numeric suffixes starting at FROM, 0 by default
  -x, --hex-suffixes[=FROM]      use hex suffixes starting at FROM, 0 by default
  -e, --elide-empty-files  do not generate empty output files with '-n'
  -l, --lines=NUMBER       put NUMBER lines per output file
  -n, --number=CHUNKS      generate CHUNKS output files: N by size, l/N without splitting lines, r/N round robin,
                           K/N, l/K/N, r/K/N only the Kth, to standard output
  -t, --separator=SEP      use SEP instead of newline as the record separator
      --filter=COMMAND     write to a shell COMMAND, for which $FILE is the output file's name
      --verbose            print a diagnostic just before each output file is opened
`,
	Short: "#a:b:C:del:n:t:ux",
	Long: "suffix-length:=a additional-suffix: bytes:=b line-bytes:=C numeric-suffixes::=d hex-suffixes::=x " +
		"elide-empty-files=e filter: lines:=l number:=n separator:=t verbose unbuffered",
}

func split(ctx context.Context, inv *shell.Invocation) int {
	p, status := splitSpec.Parse(inv)
	if p == nil {
		return status
	}
	s := &splitter{ctx: ctx, inv: inv, prefix: "x", length: 2, grows: true, digits: splitLetters}
	w := splitWay{size: "1000", separator: '\n'}
	for _, o := range p.Options {
		if status := s.option(&w, o); status != 0 {
			return status
		}
	}
	if w.length > 0 {
		s.length, s.grows = w.length, false
	}
	if len(p.Operands) > 2 {
		return splitSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[2]))
	}
	if len(p.Operands) == 2 {
		s.prefix = p.Operands[1]
	}
	input := "-"
	if len(p.Operands) > 0 {
		input = p.Operands[0]
	}
	r, err := cli.Open(inv, input)
	if err != nil {
		inv.Errorf("cannot open %s for reading: %v", cli.Quote(input), err)
		return 1
	}
	defer r.Close()
	err = s.split(r, w)
	if closing := s.close(); err == nil {
		err = closing
	}
	if err != nil && err != cli.ErrStop {
		inv.Errorf("%v", err)
	}
	if s.failed != 0 {
		return s.failed
	}
	if err != nil {
		return 1
	}
	return 0
}

// splitWay is how a file is divided.
type splitWay struct {
	mode      string // "b", "C", "n", or "l", "#" and "" for lines
	size      string // of a part, or what -n says
	separator byte   // of records
	elide     bool   // no empty files
	length    int    // of suffixes; 0: as it comes
}

// option takes an option. A status other than 0 ends split.
func (s *splitter) option(w *splitWay, o cli.Option) (status int) {
	switch o.Key {
	case "a":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 || n > 100 {
			s.inv.Errorf("invalid suffix length: %s", cli.QuoteText(o.Value))
			return 1
		}
		w.length = n
	case "additional-suffix":
		if s.additional = o.Value; strings.Contains(o.Value, "/") {
			return splitSpec.Misuse(s.inv, "invalid suffix %s, contains directory separator", cli.QuoteText(o.Value))
		}
	case "b", "C", "l", "n", "#":
		if w.mode != "" && !(w.mode == "#" && o.Key == "#") {
			return splitSpec.Misuse(s.inv, "cannot split in more than one way")
		}
		w.mode, w.size = o.Key, o.Value
	case "d", "x":
		s.digits = "0123456789"
		base := 10
		if o.Key == "x" {
			s.digits, base = "0123456789abcdef", 16
		}
		if o.Has {
			n, err := strconv.ParseInt(o.Value, base, 32)
			if err != nil {
				s.inv.Errorf("%s: invalid start value for numerical suffix", o.Value)
				return 1
			}
			s.next, s.grows = int(n), false
		}
	case "e":
		w.elide = true
	case "t":
		if o.Value == `\0` {
			o.Value = "\x00"
		}
		if len(o.Value) != 1 {
			s.inv.Errorf("multi-character separator %s", cli.QuoteText(o.Value))
			return 1
		}
		w.separator = o.Value[0]
	case "verbose":
		s.verbose = true
	case "filter":
		s.filter = o.Value
	}
	return 0
}

// split divides what r has.
func (s *splitter) split(r io.Reader, w splitWay) error {
	if w.mode == "n" {
		return s.intoChunks(s.ctx, r, w.size, w.separator, w.elide)
	}
	what := "lines"
	if w.mode == "b" || w.mode == "C" {
		what = "bytes"
	}
	n, err := cli.Count(w.size, "bEGKkMmPTYZ0", 1, math.MaxInt64)
	if err != nil {
		return fmt.Errorf("invalid number of %s: %s%w", what, cli.QuoteText(w.size), err)
	}
	switch w.mode {
	case "b":
		return s.byBytes(s.ctx, r, n)
	case "C":
		return s.byRecords(s.ctx, r, n, w.separator)
	}
	return s.byLines(s.ctx, r, n, w.separator)
}
