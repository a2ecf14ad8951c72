package commands

import (
	"bytes"
	"context"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var tacSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Write each FILE to standard output, last line first.

  -b, --before            attach the separator before instead of after
  -r, --regex             interpret the separator as a regular expression
  -s, --separator=STRING  use STRING as the separator instead of newline
`,
	Short: "brs:",
	Long:  "before=b regex=r separator:=s",
}

func tac(ctx context.Context, inv *shell.Invocation) int {
	p, status := tacSpec.Parse(inv)
	if p == nil {
		return status
	}
	sep, before, isRegex := "\n", false, false
	for _, o := range p.Options {
		switch o.Key {
		case "b":
			before = true
		case "r":
			isRegex = true
		case "s":
			sep = o.Value
		}
	}
	switch {
	case sep == "" && isRegex:
		inv.Errorf("separator cannot be empty")
		return 1
	case sep == "":
		sep = "\x00"
	}
	syntax := regex.Literal
	if isRegex {
		syntax = regex.BRE
	}
	re, err := regex.Compile(sep, syntax, regex.Bytes|regex.Multiline)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	out := inv.Buffered(inv.Stdout)
	status = cli.EachInput(inv, p.Operands, func(_ string, r io.Reader) error {
		var b bytes.Buffer
		held := 0
		defer func() { inv.Budget.Release(held) }()
		err := cli.Copy(ctx, inv.Budget, writerFunc(func(p []byte) (int, error) {
			if inv.Budget.Hold(len(p)) != nil {
				return 0, cli.ErrStop
			}
			held += len(p)
			return b.Write(p)
		}), r)
		if err != nil {
			return err
		}
		text := b.Bytes()
		var starts []int // of the pieces but the first
		for at := 0; at < len(text); {
			m := re.Find(text, at)
			if m == nil {
				break
			}
			if m[0] == m[1] {
				if m[0] > 0 && m[0] < len(text) {
					starts = append(starts, m[0])
				}
				at = m[1] + 1
				continue
			}
			if before {
				starts = append(starts, m[0])
			} else {
				starts = append(starts, m[1])
			}
			at = m[1]
		}
		end := len(text)
		for i := len(starts) - 1; i >= -1; i-- {
			from := 0
			if i >= 0 {
				from = starts[i]
			}
			if _, err := out.Write(text[from:end]); err != nil {
				return cli.ErrStop
			}
			end = from
		}
		return nil
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}
