package commands

import (
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func which(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "as", Fail: 2, Usage: "[-a] NAME...\nPrint the path of each program NAME.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	quiet := false
	for _, o := range p.Options {
		quiet = quiet || o.Key == "s"
	}
	if len(p.Operands) == 0 {
		return 1
	}
	for _, name := range p.Operands {
		found := ""
		if strings.Contains(name, "/") {
			if i, err := inv.FS.Stat(inv.Path(name)); err == nil && !i.IsDir() && i.Mode&0o111 != 0 {
				found = name
			}
		} else {
			found = inv.Lookup(name)
		}
		if found == "" {
			status = 1
		} else if !quiet {
			fmt.Fprintln(inv.Stdout, found)
		}
	}
	return status
}
