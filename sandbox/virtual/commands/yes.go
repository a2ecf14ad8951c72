package commands

import (
	"context"
	"math"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func yes(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "[STRING]...\nWrite a line with the STRINGs, or y, over and over.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	line := "y"
	if len(p.Operands) > 0 {
		line = strings.Join(p.Operands, " ")
	}
	block := []byte(strings.Repeat(line+"\n", max(1, 4096/(len(line)+1))))
	for inv.Budget.Work(len(block)) == nil && ctx.Err() == nil {
		if _, err := inv.Stdout.Write(block); err != nil {
			break
		}
	}
	return 1
}

func nproc(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Long: "all ignore:", Usage: "[OPTION]...\nPrint the number of processors.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) > 0 {
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[0]))
	}
	for _, o := range p.Options {
		if _, err := cli.Count(o.Value, "", 0, math.MaxInt64); err != nil && o.Key == "ignore" {
			inv.Errorf("invalid number: %s%v", cli.QuoteText(o.Value), err)
			return 1
		}
	}
	inv.Stdout.Write([]byte("1\n"))
	return 0
}

// tty: nothing here is a terminal.
func tty(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "s", Long: "silent=s quiet=s", Fail: 2, Usage: "[-s]\nPrint the name of the terminal on standard input.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) > 0 {
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[0]))
	}
	if len(p.Options) == 0 {
		inv.Stdout.Write([]byte("not a tty\n"))
	}
	return 1
}

// clearScreen writes what makes a terminal empty.
func clearScreen(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "T:Vx", Usage: "[-x] [-T TYPE]\nClear the terminal's screen.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	inv.Stdout.Write([]byte("\x1b[H\x1b[2J\x1b[3J"))
	return 0
}

// syncFiles has nothing to do: files are in memory.
func syncFiles(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "df", Long: "data=d file-system=f", Usage: "[OPTION] [FILE]...\nWrite cached data to storage.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	data, system := false, false
	for _, o := range p.Options {
		data, system = data || o.Key == "d", system || o.Key == "f"
	}
	switch {
	case data && system:
		inv.Errorf("cannot specify both --data and --file-system")
		return 1
	case data && len(p.Operands) == 0:
		inv.Errorf("--data needs at least one argument")
		return 1
	}
	for _, name := range p.Operands {
		if _, err := inv.FS.Stat(inv.Path(name)); err != nil {
			inv.Errorf("error opening %s: %v", cli.Quote(name), err)
			status = 1
		}
	}
	return status
}
