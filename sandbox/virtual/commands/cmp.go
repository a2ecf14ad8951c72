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

func cmp(ctx context.Context, inv *shell.Invocation) int {
	p, status := cmpSpec.Parse(inv)
	if p == nil {
		return status
	}
	var show, list, quiet bool
	var skip [2]int64
	limit := int64(-1)
	for _, o := range p.Options {
		switch o.Key {
		case "b":
			show = true
		case "l":
			list = true
		case "s":
			quiet = true
		case "n":
			n, ok := cli.Size(o.Value)
			if !ok {
				return cmpSpec.Misuse(inv, "invalid --bytes value %s", cli.Quote(o.Value))
			}
			if limit < 0 || n < limit {
				limit = n
			}
		case "i":
			a, b, both := strings.Cut(o.Value, ":")
			if !both {
				b = a
			}
			for i, text := range []string{a, b} {
				n, ok := cli.Size(text)
				if !ok {
					return cmpSpec.Misuse(inv, "invalid --ignore-initial value %s", cli.Quote(o.Value))
				}
				skip[i] = n
			}
		}
	}
	if list && quiet {
		return cmpSpec.Misuse(inv, "options -l and -s are incompatible")
	}
	names := p.Operands
	switch {
	case len(names) == 0:
		return cmpSpec.Misuse(inv, "missing operand after 'cmp'")
	case len(names) > 4:
		return cmpSpec.Misuse(inv, "extra operand %s", cli.Quote(names[4]))
	case len(names) == 1:
		names = append(names, "-")
	}
	for i, text := range names[2:] {
		n, ok := cli.Size(text)
		if !ok {
			return cmpSpec.Misuse(inv, "invalid --ignore-initial value %s", cli.Quote(text))
		}
		skip[i] = n
	}
	var in [2]*bufio.Reader
	for i, name := range names[:2] {
		r, err := cli.Open(inv, name)
		if err != nil {
			if !quiet {
				inv.Errorf("%s: %v", name, err)
			}
			return 2
		}
		defer r.Close()
		in[i] = bufio.NewReaderSize(r, cli.BlockSize)
		if _, err := io.CopyN(io.Discard, in[i], skip[i]); err != nil && err != io.EOF {
			inv.Errorf("%s: %v", name, err)
			return 2
		}
	}
	out := inv.Buffered(inv.Stdout)
	defer out.Flush()
	line, width := int64(1), 1
	if list { // as wide as the number of the last byte there can be
		most := int64(math.MaxInt64)
		if limit >= 0 {
			most = limit
		}
		for i, name := range names[:2] {
			if info, err := inv.FS.Stat(inv.Path(name)); err == nil && info.Mode.IsRegular() {
				most = min(most, max(info.Size-skip[i], 0))
			}
		}
		width = len(strconv.FormatInt(most, 10))
	}
	last := byte('\n')
	for at := int64(1); limit < 0 || at <= limit; at++ {
		if at&4095 == 0 && (inv.Budget.Work(4096) != nil || ctx.Err() != nil) {
			return 2
		}
		a, errA := in[0].ReadByte()
		b, errB := in[1].ReadByte()
		for i, err := range []error{errA, errB} {
			if err != nil && err != io.EOF {
				inv.Errorf("%s: %v", names[i], err)
				return 2
			}
		}
		switch {
		case errA != nil && errB != nil:
			return status
		case errA != nil || errB != nil:
			if !quiet {
				out.Flush()
				name := names[0]
				if errB != nil {
					name = names[1]
				}
				switch {
				case at == 1:
					inv.Errorf("EOF on %s which is empty", name)
				case list:
					inv.Errorf("EOF on %s after byte %d", name, at-1)
				case last == '\n':
					inv.Errorf("EOF on %s after byte %d, line %d", name, at-1, line-1)
				default:
					inv.Errorf("EOF on %s after byte %d, in line %d", name, at-1, line)
				}
			}
			return 1
		case a != b && quiet:
			return 1
		case a != b && list && show:
			fmt.Fprintf(out, "%*d %3o %-4s %3o %s\n", width, at, a, visibleByte(a), b, visibleByte(b))
			status = 1
		case a != b && list:
			fmt.Fprintf(out, "%*d %3o %3o\n", width, at, a, b)
			status = 1
		case a != b:
			fmt.Fprintf(out, "%s %s differ: byte %d, line %d", names[0], names[1], at, line)
			if show {
				fmt.Fprintf(out, " is %3o %s %3o %s", a, visibleByte(a), b, visibleByte(b))
			}
			out.WriteByte('\n')
			return 1
		}
		if last = a; a == '\n' {
			line++
		}
	}
	return status
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
