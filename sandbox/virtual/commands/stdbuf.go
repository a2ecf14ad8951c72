package commands

import (
	"context"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// stdbuf runs a command. Programs here write in blocks and at their end, and a pipe passes on at once what it gets, so
// that its modes are only checked.
func stdbuf(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "i:o:e:", Long: "input:=i output:=o error:=e", Posix: true, Fail: 125, Usage: `OPTION... COMMAND
Run COMMAND, with buffering operations for its streams that change nothing here.

  -i, --input=MODE   -o, --output=MODE   -e, --error=MODE
MODE is L for lines, 0 for no buffer, or a size.
`}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	for _, o := range p.Options {
		switch _, ok := cli.Size(o.Value); {
		case o.Value == "L" && o.Key == "i":
			return spec.Misuse(inv, "line buffering stdin is meaningless")
		case o.Value != "L" && !ok:
			inv.Errorf("invalid mode %s", cli.QuoteText(o.Value))
			return 125
		}
	}
	switch {
	case len(p.Operands) == 0:
		return spec.Misuse(inv, "missing operand")
	case len(p.Options) == 0:
		return spec.Misuse(inv, "you must specify a buffering mode option")
	}
	if status, err := cannotStart(inv, p.Operands[0]); err != nil {
		inv.Errorf("failed to run command %s: %v", cli.QuoteText(p.Operands[0]), err)
		return status
	}
	return inv.Exec(ctx, shell.Nested{Args: p.Operands})
}
