package commands

import (
	"context"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var revSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Reverse the characters of each line.

  -0, --zero  line delimiter is NUL, not newline
`,
	Short: "0",
	Long:  "zero=0",
}

func rev(ctx context.Context, inv *shell.Invocation) int {
	p, status := revSpec.Parse(inv)
	if p == nil {
		return status
	}
	delim := byte('\n')
	if len(p.Options) > 0 {
		delim = 0
	}
	out := inv.Buffered(inv.Stdout)
	return eachLine(ctx, inv, p.Operands, delim, out, func(line []byte, ended bool) {
		for end := len(line); end > 0; {
			_, size := utf8.DecodeLastRune(line[:end])
			out.Write(line[end-size : end])
			end -= size
		}
		if ended {
			out.WriteByte(delim)
		}
	})
}
