package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var cmpSpec = cli.Spec{
	Usage: `[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]
Compare two files byte by byte.

  -b, --print-bytes          print differing bytes
  -i, --ignore-initial=SKIP[:SKIP2]  skip first SKIP bytes of both inputs, or SKIP of the first and SKIP2 of the second
  -l, --verbose              output byte numbers and differing byte values
  -n, --bytes=LIMIT          compare at most LIMIT bytes
  -s, --quiet, --silent      suppress all normal output
Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.
`,
	Short: "bi:ln:s",
	Long:  "print-bytes=b ignore-initial:=i verbose=l bytes:=n quiet=s silent=s",
	Hint:  "NAME: Try 'NAME --help' for more information.",
	Fail:  2,
}

// byteComparison is one call of cmp.
type byteComparison struct {
	ctx               context.Context
	inv               *shell.Invocation
	show, list, quiet bool
	skip              [2]int64
	limit             int64 // bytes to compare; -1: all
	names             []string
	in                [2]*bufio.Reader
	out               *bufio.Writer
	width             int // of numbers of bytes in a list
}

func cmp(ctx context.Context, inv *shell.Invocation) int {
	p, status := cmpSpec.Parse(inv)
	if p == nil {
		return status
	}
	c := &byteComparison{ctx: ctx, inv: inv, limit: -1, names: p.Operands}
	for _, o := range p.Options {
		if status := c.option(o); status != 0 {
			return status
		}
	}
	switch {
	case c.list && c.quiet:
		return cmpSpec.Misuse(inv, "options -l and -s are incompatible")
	case len(c.names) == 0:
		return cmpSpec.Misuse(inv, "missing operand after 'cmp'")
	case len(c.names) > 4:
		return cmpSpec.Misuse(inv, "extra operand %s", cli.QuoteText(c.names[4]))
	case len(c.names) == 1:
		c.names = append(c.names, "-")
	}
	for i, text := range c.names[2:] {
		n, ok := cli.Size(text)
		if !ok {
			return cmpSpec.Misuse(inv, "invalid --ignore-initial value %s", cli.QuoteText(text))
		}
		c.skip[i] = n
	}
	if c.names[0] == "-" && c.names[1] == "-" && c.skip[0] == c.skip[1] {
		return 0
	}
	for i, name := range c.names[:2] {
		r, err := cli.Open(inv, name)
		if err != nil {
			if !c.quiet {
				inv.Errorf("%s: %v", name, err)
			}
			return 2
		}
		defer r.Close()
		c.in[i] = bufio.NewReaderSize(r, cli.BlockSize)
		if _, err := io.CopyN(io.Discard, c.in[i], c.skip[i]); err != nil && err != io.EOF {
			inv.Errorf("%s: %v", name, err)
			return 2
		}
	}
	c.out = inv.Buffered(inv.Stdout)
	defer c.out.Flush()
	if c.list {
		c.width = c.widest()
	}
	return c.compare()
}

// option takes an option. A status other than 0 ends cmp.
func (c *byteComparison) option(o cli.Option) (status int) {
	switch o.Key {
	case "b":
		c.show = true
	case "l":
		c.list = true
	case "s":
		c.quiet = true
	case "n":
		n, ok := cli.Size(o.Value)
		if !ok {
			return cmpSpec.Misuse(c.inv, "invalid --bytes value %s", cli.QuoteText(o.Value))
		}
		if c.limit < 0 || n < c.limit {
			c.limit = n
		}
	case "i":
		a, b, both := strings.Cut(o.Value, ":")
		if !both {
			b = a
		}
		for i, text := range []string{a, b} {
			n, ok := cli.Size(text)
			if !ok {
				return cmpSpec.Misuse(c.inv, "invalid --ignore-initial value %s", cli.QuoteText(o.Value))
			}
			c.skip[i] = n
		}
	}
	return 0
}

// widest is how wide the number of the last byte is that there can be.
func (c *byteComparison) widest() int {
	most := int64(math.MaxInt64)
	if c.limit >= 0 {
		most = c.limit
	}
	for i, name := range c.names[:2] {
		if info, err := c.inv.FS.Stat(c.inv.Path(name)); err == nil && info.Mode.IsRegular() {
			most = min(most, max(info.Size-c.skip[i], 0))
		}
	}
	return len(strconv.FormatInt(most, 10))
}

func (c *byteComparison) compare() (status int) {
	line, last := int64(1), byte('\n')
	for at := int64(1); c.limit < 0 || at <= c.limit; at++ {
		if at&4095 == 0 && (c.inv.Budget.Work(4096) != nil || c.ctx.Err() != nil) {
			return 2
		}
		a, errA := c.in[0].ReadByte()
		b, errB := c.in[1].ReadByte()
		for i, err := range []error{errA, errB} {
			if err != nil && err != io.EOF {
				c.inv.Errorf("%s: %v", c.names[i], err)
				return 2
			}
		}
		switch {
		case errA != nil && errB != nil:
			return status
		case errA != nil:
			c.short(c.names[0], at, line, last)
			return 1
		case errB != nil:
			c.short(c.names[1], at, line, last)
			return 1
		case a != b && c.quiet:
			return 1
		case a != b && c.list && c.show:
			fmt.Fprintf(c.out, "%*d %3o %-4s %3o %s\n", c.width, at, a, visibleByte(a), b, visibleByte(b))
			status = 1
		case a != b && c.list:
			fmt.Fprintf(c.out, "%*d %3o %3o\n", c.width, at, a, b)
			status = 1
		case a != b:
			unit := "char" // POSIX's word
			if c.show || cli.UTF8(c.inv) {
				unit = "byte"
			}
			fmt.Fprintf(c.out, "%s %s differ: %s %d, line %d", c.names[0], c.names[1], unit, at, line)
			if c.show {
				fmt.Fprintf(c.out, " is %3o %s %3o %s", a, visibleByte(a), b, visibleByte(b))
			}
			c.out.WriteByte('\n')
			return 1
		}
		if last = a; a == '\n' {
			line++
		}
	}
	return status
}

// short says that a file ends before byte at of the other one.
func (c *byteComparison) short(name string, at, line int64, last byte) {
	if c.quiet {
		return
	}
	c.out.Flush()
	switch {
	case at == 1:
		c.inv.Errorf("EOF on %s which is empty", name)
	case c.list:
		c.inv.Errorf("EOF on %s after byte %d", name, at-1)
	case last == '\n':
		c.inv.Errorf("EOF on %s after byte %d, line %d", name, at-1, line-1)
	default:
		c.inv.Errorf("EOF on %s after byte %d, in line %d", name, at-1, line)
	}
}

// visibleByte writes a byte as cat -v does.
func visibleByte(c byte) string {
	s := ""
	if c >= 0x80 {
		s, c = "M-", c-0x80
	}
	switch {
	case c < ' ':
		return s + "^" + string(rune(c+'@'))
	case c == 0x7f:
		return s + "^?"
	}
	return s + string(rune(c))
}
