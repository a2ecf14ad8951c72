package commands

import (
	"context"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// setsid runs a command; there are no sessions and terminals to be set.
func setsid(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "cfwhV", Long: "ctty=c fork=f wait=w", Posix: true, Usage: "[OPTION]... COMMAND [ARG]...\nRun COMMAND in a session of its own.\n\n  -c, --ctty  -f, --fork  -w, --wait\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "no command specified")
	}
	if status, err := cannotStart(inv, p.Operands[0]); err != nil {
		inv.Errorf("failed to execute %s: %v", p.Operands[0], err)
		return status
	}
	return inv.Exec(ctx, shell.Nested{Args: p.Operands})
}
