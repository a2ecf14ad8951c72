package commands

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var shufSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]
       shuf -e [OPTION]... [ARG]...
       shuf -i LO-HI [OPTION]...
Write a random permutation of the input lines to standard output.

  -e, --echo             treat each ARG as an input line
  -i, --input-range=LO-HI  treat each number LO through HI as an input line
  -n, --head-count=COUNT output at most COUNT lines
  -o, --output=FILE      write result to FILE instead of standard output
      --random-source=FILE  draw from the bytes of FILE
  -r, --repeat           output lines can be repeated
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "ei:n:o:rz",
	Long:  "echo=e input-range:=i head-count:=n output:=o random-source: repeat=r zero-terminated=z",
}

// shufRange reads LO-HI. The error is the part that is none, in quotes.
func shufRange(text string) (low, high int64, err error) {
	a, b, ok := strings.Cut(text, "-")
	var err1, err2 error
	low, err1 = strconv.ParseInt(a, 10, 63)
	high, err2 = strconv.ParseInt(b, 10, 63)
	switch {
	case !ok || err1 == nil && err2 == nil && low > high+1:
		err = errors.New(cli.QuoteText(text))
	case err1 != nil:
		err = errors.New(cli.QuoteText(a))
	case err2 != nil:
		err = errors.New(cli.QuoteText(b))
	}
	return low, high, err
}

// shuffler is one call of shuf.
type shuffler struct {
	ctx    context.Context
	inv    *shell.Invocation
	count  int64 // lines to write; -1: as many as there are, with repeat without end
	end    byte  // of lines
	output string
	source string // of the randomness
	repeat bool

	echo      bool
	ranged    bool // the lines are the numbers from low
	low, high int64
	lines     [][]byte
	size      int64 // how many lines there are
}

func shuf(ctx context.Context, inv *shell.Invocation) int {
	p, status := shufSpec.Parse(inv)
	if p == nil {
		return status
	}
	s := &shuffler{ctx: ctx, inv: inv, count: -1, end: '\n', output: "-"}
	for _, o := range p.Options {
		if !s.option(o) {
			return 1
		}
	}
	if s.echo && s.ranged {
		return shufSpec.Misuse(inv, "cannot combine -e and -i options")
	}
	most := 1
	if s.ranged {
		most = 0
	}
	if !s.echo && len(p.Operands) > most {
		return shufSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[most]))
	}
	held, ok := s.read(p.Operands)
	defer inv.Budget.Release(held)
	if !ok {
		return 1
	}
	if !s.repeat && (s.count < 0 || s.count > s.size) {
		s.count = s.size
	}
	if s.repeat && s.size == 0 && s.count != 0 {
		inv.Errorf("no lines to repeat")
		return 1
	}
	random, closeRandom, err := openRandom(inv, s.source)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeRandom()
	w := inv.Stdout
	if s.output != "-" {
		f, err := inv.Create(s.output)
		if err != nil {
			inv.Errorf("%s: %v", s.output, err)
			return 1
		}
		defer f.Close()
		w = f
	}
	out := inv.Buffered(w)
	if s.repeat {
		ok = s.draw(out, random)
	} else {
		ok = s.permute(out, random)
	}
	if !ok || out.Flush() != nil {
		return 1
	}
	return 0
}

// option takes an option; false after a complaint.
func (s *shuffler) option(o cli.Option) bool {
	switch o.Key {
	case "e":
		s.echo = true
	case "i":
		if s.ranged {
			s.inv.Errorf("multiple -i options specified")
			return false
		}
		s.ranged = true
		var err error
		if s.low, s.high, err = shufRange(o.Value); err != nil {
			s.inv.Errorf("invalid input range: %v", err)
			return false
		}
	case "n":
		n, err := cli.Amount(o.Value, "")
		if err == nil && n < 0 || err != nil && err.Error() == "" {
			s.inv.Errorf("invalid line count: %s", cli.QuoteText(o.Value))
			return false
		}
		if err != nil {
			n = math.MaxInt64
		}
		if s.count < 0 || n < s.count {
			s.count = n
		}
	case "o":
		if s.output != "-" && s.output != o.Value {
			s.inv.Errorf("multiple output files specified")
			return false
		}
		s.output = o.Value
	case "random-source":
		if s.source != "" && s.source != o.Value {
			s.inv.Errorf("multiple random sources specified")
			return false
		}
		s.source = o.Value
	case "r":
		s.repeat = true
	case "z":
		s.end = 0
	}
	return true
}

// read finds the lines. held is the memory that they take.
func (s *shuffler) read(operands []string) (held int, ok bool) {
	switch {
	case s.ranged:
		s.size = s.high - s.low + 1
		return 0, true
	case s.echo:
		for _, a := range operands {
			s.lines = append(s.lines, []byte(a))
		}
	case s.count != 0:
		name := "-"
		if len(operands) > 0 {
			name = operands[0]
		}
		data, err := readAll(s.ctx, s.inv, name)
		if held = len(data); err != nil {
			s.inv.Errorf("%s: %v", name, err)
			return held, false
		}
		if s.inv.Budget.Hold(2*len(data)) != nil {
			return held, false
		}
		held += 2 * len(data)
		if len(data) > 0 {
			s.lines = bytes.Split(bytes.TrimSuffix(data, []byte{s.end}), []byte{s.end})
		}
	}
	s.size = int64(len(s.lines))
	return held, true
}

// draw writes lines that are drawn each from all of them; false ends shuf.
func (s *shuffler) draw(out *bufio.Writer, random *randomSource) bool {
	for i := int64(0); s.count < 0 || i < s.count; i++ {
		n, err := random.below(s.size)
		if err != nil {
			out.Flush()
			s.inv.Errorf("%v", err)
			return false
		}
		if !s.put(out, n) {
			return false
		}
	}
	return true
}

// permute writes lines that are drawn each from those which are left; false ends shuf. It is a sparse Fisher-Yates shuffle:
// moved says which number stands where another one was.
func (s *shuffler) permute(out *bufio.Writer, random *randomSource) bool {
	moved := map[int64]int64{}
	defer func() { s.inv.Budget.Release(48 * len(moved)) }()
	at := func(i int64) int64 {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	for i := range s.count {
		n, err := random.below(s.size - i)
		if err != nil { // nothing is printed before all are drawn
			s.inv.Errorf("%v", err)
			return false
		}
		k := i + n
		n = at(k)
		if _, there := moved[k]; !there && s.inv.Budget.Hold(48) != nil {
			return false
		}
		moved[k] = at(i)
		if !s.put(out, n) {
			return false
		}
	}
	return true
}

// put writes the n-th line.
func (s *shuffler) put(out *bufio.Writer, n int64) bool {
	if s.inv.Budget.Work(1) != nil || s.ctx.Err() != nil {
		return false
	}
	if s.ranged {
		out.WriteString(strconv.FormatInt(s.low+n, 10))
	} else {
		out.Write(s.lines[n])
	}
	return out.WriteByte(s.end) == nil
}
