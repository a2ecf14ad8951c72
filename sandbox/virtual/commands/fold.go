package commands

import (
	"bytes"
	"context"
	"math"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var foldSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Wrap input lines in each FILE, writing to standard output.

  -b, --bytes        count bytes rather than columns
  -s, --spaces       break at spaces
  -w, --width=WIDTH  use WIDTH columns instead of 80
`,
	Short: "bsw:0::1::2::3::4::5::6::7::8::9::",
	Long:  "bytes=b spaces=s width:=w",
}

func fold(ctx context.Context, inv *shell.Invocation) int {
	p, status := foldSpec.Parse(inv)
	if p == nil {
		return status
	}
	inBytes, spaces, width := false, false, 80
	for _, o := range p.Options {
		switch o.Key {
		case "b":
			inBytes = true
		case "s":
			spaces = true
		default:
			if o.Key != "w" { // an obsolete -NUM
				o.Value = o.Key + o.Value
			}
			n, err := cli.Count(o.Value, "", 1, math.MaxInt-9)
			if err != nil {
				inv.Errorf("invalid number of columns: %s%v", cli.QuoteText(o.Value), err)
				return 1
			}
			width = int(n)
		}
	}
	out := inv.Buffered(inv.Stdout)
	after := func(column int, c byte) int {
		switch {
		case inBytes:
			return column + 1
		case c == '\b':
			return max(column-1, 0)
		case c == '\r':
			return 0
		case c == '\t':
			return column + 8 - column%8
		}
		return column + 1
	}
	return eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, ended bool) {
		start, column := 0, 0
		for i := 0; i < len(line); i++ {
			next := after(column, line[i])
			if next > width && i > start {
				end := i
				if spaces {
					if blank := bytes.LastIndexAny(line[start:i], " \t"); blank >= 0 {
						end = start + blank + 1
					}
				}
				out.Write(line[start:end])
				out.WriteByte('\n')
				start, column = end, 0
				for _, c := range line[end:i] {
					column = after(column, c)
				}
				i--
				continue
			}
			column = next
		}
		out.Write(line[start:])
		if ended {
			out.WriteByte('\n')
		}
	})
}
