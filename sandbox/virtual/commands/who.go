package commands

import (
	"context"
	"fmt"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// who is also users: nobody is logged in, since there is no terminal.
func who(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "abdHlmpqrstTuw", Long: "all=a boot=b dead=d heading=H login=l lookup process=p count=q runlevel=r short=s time=t mesg=w message=w writable=w users=u",
		Usage: "[OPTION]... [FILE]\nPrint who is logged in: nobody.\n\n  -H, --heading  print a line of column headings\n  -q, --count    all login names and their number\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	for _, o := range p.Options {
		switch o.Key {
		case "H":
			fmt.Fprintln(inv.Stdout, "NAME     LINE         TIME             COMMENT")
		case "q":
			fmt.Fprintln(inv.Stdout, "# users=0")
		}
	}
	return 0
}

// uptime says the time; the machine has just been started.
func uptime(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "ps", Long: "pretty=p since=s", Usage: "[OPTION]...\nPrint how long the sandbox has run.\n\n  -p, --pretty  in words\n  -s, --since   the time of its start\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	now := inv.Now().UTC()
	switch {
	case len(p.Options) == 0:
	case p.Options[0].Key == "s":
		fmt.Fprintln(inv.Stdout, now.Format("2006-01-02 15:04:05"))
		return 0
	default:
		fmt.Fprintln(inv.Stdout, "up 0 minutes")
		return 0
	}
	fmt.Fprintf(inv.Stdout, " %s up 0 min,  0 users,  load average: 0.00, 0.00, 0.00\n", now.Format("15:04:05"))
	return 0
}
