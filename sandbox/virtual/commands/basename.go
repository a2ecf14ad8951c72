package commands

import (
	"bufio"
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func basename(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "as:z", Long: "multiple=a suffix:=s zero=z", Posix: true,
		Usage: "NAME [SUFFIX]\n  or:  basename OPTION... NAME...\nPrint NAME without directories and SUFFIX.\n\n  -a, --multiple  -s, --suffix=SUFFIX  -z, --zero\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	many, suffix, end := false, "", byte('\n')
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			many = true
		case "s":
			many, suffix = true, o.Value
		case "z":
			end = 0
		}
	}
	names := p.Operands
	switch {
	case len(names) == 0:
		return spec.Misuse(inv, "missing operand")
	case !many && len(names) > 2:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(names[2]))
	case !many && len(names) == 2:
		names, suffix = names[:1], names[1]
	}
	out := bufio.NewWriter(inv.Stdout)
	for _, name := range names {
		base := strings.TrimRight(name, "/")
		base = base[strings.LastIndexByte(base, '/')+1:]
		if base == "" && name != "" {
			base = "/"
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		out.WriteString(base)
		out.WriteByte(end)
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

func dirname(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "z", Long: "zero=z", Usage: "[OPTION] NAME...\nPrint each NAME without its last component.\n\n  -z, --zero\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	end := byte('\n')
	if len(p.Options) > 0 {
		end = 0
	}
	out := bufio.NewWriter(inv.Stdout)
	for _, name := range p.Operands {
		dir := strings.TrimRight(name, "/")
		i := strings.LastIndexByte(dir, '/')
		switch {
		case dir == "" && name != "":
			dir = "/"
		case i < 0:
			dir = "."
		default:
			if dir = strings.TrimRight(dir[:i], "/"); dir == "" {
				dir = "/"
			}
		}
		out.WriteString(dir)
		out.WriteByte(end)
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}
