package commands

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// partSize reads -n or -c of head and tail: how many lines or bytes; false after a complaint.
func partSize(inv *shell.Invocation, o cli.Option) (n int64, ok bool) {
	number := strings.TrimPrefix(o.Value, "-")
	n, err := cli.Amount(number, "bkKmMGTPEZY0")
	if err != nil || n < 0 {
		inv.Errorf("invalid number of %s: %s%s", map[string]string{"c": "bytes", "n": "lines"}[o.Key], cli.QuoteText(number), cli.Reason(err))
		return 0, false
	}
	return n, true
}

// eachShown calls do for the operands of head and tail, after a header if there are to be some.
func eachShown(inv *shell.Invocation, names []string, headers bool, out *bufio.Writer, do func(r io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	first := true
	for _, name := range names {
		shown := name
		var r io.Reader = inv.Stdin
		if name == "-" {
			shown = "standard input"
		} else {
			f, err := inv.Open(name)
			if err != nil {
				out.Flush()
				inv.Errorf("cannot open %s for reading: %v", cli.Quote(name), err)
				status = 1
				continue
			}
			defer f.Close()
			r = f
		}
		if headers {
			if !first {
				out.WriteByte('\n')
			}
			out.WriteString("==> " + shown + " <==\n")
		}
		first = false
		err := do(r)
		if errors.Is(err, cli.ErrStop) {
			return 1
		}
		if err != nil && err != io.EOF {
			out.Flush()
			inv.Errorf("error reading %s: %v", cli.Quote(shown), err)
			status = 1
		}
	}
	return status
}
