package commands

import (
	"bytes"
	"context"
	"io"
	"slices"

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
		sep, syntax = regex.FromEmacs(sep), regex.BRE
	}
	re, err := regex.Compile(sep, syntax, regex.Bytes|regex.Multiline)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	out := inv.Buffered(inv.Stdout)
	status = cli.EachWorded(inv, p.Operands, func(name string, opened bool, err error) {
		if opened {
			inv.Errorf("%s: read error: %v", cli.QuoteNeeded(name), err)
		} else {
			inv.Errorf("failed to open %s for reading: %v", cli.Quote(name), err)
		}
	}, func(_ string, r io.Reader) error {
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
		end := len(text)
		for _, m := range separators(re, text) {
			from := m[1]
			if before {
				from = m[0]
			}
			if _, err := out.Write(text[from:end]); err != nil {
				return cli.ErrStop
			}
			end = from
		}
		if _, err := out.Write(text[:end]); err != nil {
			return cli.ErrStop
		}
		return nil
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}

// separators finds the matches from the end of the text, none of which overlaps the one behind it: each begins as late as it can.
func separators(re *regex.Regexp, text []byte) [][2]int {
	var found [][2]int // all that there are, with overlaps
	for at := 0; at < len(text); {
		m := re.Find(text, at)
		if m == nil || m[0] == len(text) {
			break
		}
		found = append(found, [2]int{m[0], m[1]})
		at = m[0] + 1
	}
	list, limit := found[:0:0], len(text)
	for _, m := range slices.Backward(found) {
		if m[0] >= limit {
			continue
		}
		if m[1] > limit {
			shorter := re.Find(text[m[0]:limit], 0)
			if shorter == nil || shorter[0] > 0 {
				continue
			}
			m[1] = m[0] + shorter[1]
		}
		list = append(list, m)
		limit = m[0]
	}
	return list
}
