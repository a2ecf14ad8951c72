package commands

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// parseDuration reads a number with s, m, h or d behind it.
func parseDuration(text string) (d time.Duration, ok bool) {
	number, unit := text, 1.0
	if text != "" {
		if i := strings.IndexByte("smhd", text[len(text)-1]); i >= 0 {
			number, unit = text[:len(text)-1], []float64{1, 60, 3600, 86400}[i]
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !math.IsInf(f, 1) || math.IsNaN(f) || f < 0 || strings.Contains(number, "_") {
		return 0, false
	}
	if f *= unit; f > 1e9 {
		f = 1e9
	}
	return time.Duration(f * float64(time.Second)), true
}

func sleep(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "NUMBER[SUFFIX]...\nPause for the sum of the NUMBERs: of seconds, or with a SUFFIX of s, m, h or d.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	var total time.Duration
	bad := false
	for _, text := range p.Operands {
		d, ok := parseDuration(text)
		if !ok {
			inv.Errorf("invalid time interval %s", cli.QuoteText(text))
			bad = true
		}
		total += d
	}
	if bad {
		inv.Stderr.Write([]byte("Try 'sleep --help' for more information.\n"))
		return 1
	}
	timer := time.NewTimer(total)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0
	case <-ctx.Done():
		return 143
	}
}
