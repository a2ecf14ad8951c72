package commands

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var stringsSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Print the sequences of printable characters in each FILE.

  -a, --all, -d, --data  accepted; the whole file is always searched
  -f, --print-file-name  print the name of the file before each string
  -n NUM, -NUM, --bytes=NUM  print sequences of at least NUM characters, 4 by default
  -t, --radix={o,d,x}    print the offset of each string in octal, decimal or hexadecimal
  -o                     like -t o
  -w, --include-all-whitespace  treat all white space as part of strings
  -s, --output-separator=STR    what ends each string, a newline by default
  -e, --encoding={s,S}   7-bit or 8-bit characters
`,
	Short: "#adfn:t:oe:ws:T:U:",
	Long:  "all=a data=d print-file-name=f bytes:=n radix:=t encoding:=e include-all-whitespace=w output-separator:=s target:=T unicode:=U",
}

func stringsCommand(ctx context.Context, inv *shell.Invocation) int {
	p, status := stringsSpec.Parse(inv)
	if p == nil {
		return status
	}
	least, radix, names, spaces, eight, sep := 4, "", false, false, false, "\n"
	for _, o := range p.Options {
		switch o.Key {
		case "n", "#":
			n, err := strconv.Atoi(o.Value)
			if err != nil {
				inv.Errorf("invalid integer argument %s", o.Value)
				return 1
			}
			if n < 1 {
				inv.Errorf("invalid minimum string length %d", n)
				return 1
			}
			least = n
		case "t":
			format, ok := map[string]string{"o": "%7o ", "d": "%7d ", "x": "%7x "}[o.Value]
			if !ok {
				return stringsSpec.Misuse(inv, "invalid radix %s", cli.QuoteText(o.Value))
			}
			radix = format
		case "o":
			radix = "%7o "
		case "f":
			names = true
		case "w":
			spaces = true
		case "s":
			sep = o.Value
		case "e":
			eight = o.Value == "S"
		}
	}
	out := inv.Buffered(inv.Stdout)
	status = cli.EachInput(inv, p.Operands, func(name string, r io.Reader) error {
		var run []byte
		var offset, start int64
		printing := false
		finish := func() {
			if printing {
				out.WriteString(sep)
			}
			run, printing = run[:0], false
		}
		err := cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
			for _, c := range b {
				if c >= ' ' && c < 0x7f || c == '\t' || spaces && c >= '\n' && c <= '\r' || eight && c >= 0x80 {
					if len(run) == 0 {
						start = offset
					}
					if !printing {
						if run = append(run, c); len(run) >= least {
							printing = true
							if names {
								out.WriteString(name + ": ")
							}
							if radix != "" {
								fmt.Fprintf(out, radix, start)
							}
							out.Write(run)
						}
					} else if err := out.WriteByte(c); err != nil {
						return 0, err
					}
				} else {
					finish()
				}
				offset++
			}
			return len(b), nil
		}), r)
		finish()
		return err
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}
