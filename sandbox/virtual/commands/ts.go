package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// ts puts the time before each line of its input.
func ts(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "ism", Usage: "[OPTION]... [FORMAT]\nPut the time, as FORMAT of date(1) says, before each line of standard input.\n\n  -i  the time since the line before  -s  the time since the start\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	format, since := "%b %d %H:%M:%S", ""
	for _, o := range p.Options {
		if o.Key != "m" {
			since, format = o.Key, "%H:%M:%S"
		}
	}
	if len(p.Operands) > 0 {
		format = p.Operands[0]
	}
	tz, _ := inv.Env.Get("TZ")
	zone := datetime.Zone(tz)
	began := inv.Now()
	out := bufio.NewWriter(inv.Stdout)
	lines := cli.NewLines(ctx, inv.Budget, inv.Stdin, '\n')
	defer lines.Close()
	for {
		line, _, err := lines.Next()
		if err == io.EOF {
			return 0
		}
		if err != nil {
			return 1
		}
		now := inv.Now()
		at := now.In(zone)
		if since != "" {
			at = time.Unix(0, 0).UTC().Add(now.Sub(began))
		}
		if since == "i" {
			began = now
		}
		micros := fmt.Sprintf("%06d", at.Nanosecond()/1000)
		f := strings.NewReplacer("%.S", "%S."+micros, "%.s", "%s."+micros, "%.T", "%T."+micros).Replace(format)
		fmt.Fprintf(out, "%s %s\n", datetime.Format(at, f), line)
		if out.Flush() != nil {
			return 1
		}
	}
}
