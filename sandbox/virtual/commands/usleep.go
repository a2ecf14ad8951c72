package commands

import (
	"context"
	"strconv"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func usleep(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "NUMBER\nPause for NUMBER microseconds.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) != 1 {
		return spec.Misuse(inv, "one operand is needed")
	}
	n, err := strconv.ParseUint(p.Operands[0], 10, 32)
	if err != nil {
		inv.Errorf("invalid number %s", cli.QuoteText(p.Operands[0]))
		return 1
	}
	timer := time.NewTimer(time.Duration(n) * time.Microsecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0
	case <-ctx.Done():
		return 143
	}
}
