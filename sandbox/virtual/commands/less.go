package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var lessSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Show FILEs, or standard input. There is no terminal to page on, so they are copied; the options, which are about
paging, change nothing.
`,
	Short: "#aABcCdeEfFgGiIJKLlmMnNqQrRsSuUVwWXb:h:j:k:o:O:p:P:t:T:x:y:z:",
	Long:  "RAW-CONTROL-CHARS=R quit-if-one-screen=F no-init=X chop-long-lines=S LINE-NUMBERS=N ignore-case=i quit-at-eof=e pattern:=p",
}

// less is also more.
func less(ctx context.Context, inv *shell.Invocation) int {
	p, status := lessSpec.Parse(inv)
	if p == nil {
		return status
	}
	copied := *inv
	copied.Args = []string{inv.Args[0], "--"}
	for _, name := range p.Operands {
		if !strings.HasPrefix(name, "+") { // a command for the start
			copied.Args = append(copied.Args, name)
		}
	}
	return cat(ctx, &copied)
}
