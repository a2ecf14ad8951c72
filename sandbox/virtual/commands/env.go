package commands

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const envUsage = `[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]
Run COMMAND with each NAME set to VALUE, or print the variables.

  -i, --ignore-environment  -u, --unset=NAME  -C, --chdir=DIR
  -0, --null  -S, --split-string=STRING  -v, --debug
`

func env(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: envUsage, Short: "C:iS:u:v0", Posix: true, Fail: 125,
		Long: "ignore-environment=i null=0 unset:=u chdir:=C split-string:=S debug=v block-signal:: default-signal:: ignore-signal:: list-signal-handling"}
	call := *inv
	var split []string
	var err error
	if call.Args, split, err = splitEnvArgs(inv, inv.Args); err != nil {
		inv.Errorf("%v", err)
		return 125
	}
	p, status := spec.Parse(&call)
	if p == nil {
		return status
	}
	n := shell.Nested{}
	end, verbose, dir := byte('\n'), false, ""
	for _, o := range p.Options {
		switch o.Key {
		case "v":
			verbose = true
		case "i":
			n.ClearEnv = true
		case "u":
			if o.Value == "" || strings.Contains(o.Value, "=") {
				inv.Errorf("cannot unset %s: Invalid argument", cli.QuoteText(o.Value))
				return 125
			}
			n.Unset = append(n.Unset, o.Value)
		case "0":
			end = 0
		case "C":
			n.Dir, dir = inv.Path(o.Value), o.Value
		}
	}
	args := p.Operands
	if len(args) > 0 && args[0] == "-" {
		n.ClearEnv, args = true, args[1:]
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		n.Env, args = append(n.Env, args[0]), args[1:]
	}
	if verbose {
		explain(inv, split, n, args)
	}
	if len(args) == 0 {
		if n.Dir != "" {
			return spec.Misuse(inv, "must specify command with --chdir (-C)")
		}
		return printEnv(inv, n, end)
	}
	if end == 0 {
		return spec.Misuse(inv, "cannot specify --null (-0) with command")
	}
	if n.Dir != "" {
		if i, err := inv.FS.Stat(n.Dir); err != nil || !i.IsDir() {
			inv.Errorf("cannot change directory to %s: %v", cli.Quote(dir), dirError(err))
			return 125
		}
	}
	program := args[0]
	if n.Dir != "" && strings.Contains(program, "/") && program[0] != '/' {
		program = n.Dir + "/" + program
	}
	if status, err := cannotStart(inv, program); err != nil {
		inv.Errorf("%s: %v", cli.QuoteText(args[0]), err)
		if status == 127 && strings.ContainsAny(args[0], " \t\n\v\f\r") {
			inv.Errorf("use -[v]S to pass options in shebang lines")
		}
		return status
	}
	n.Args = args
	if n.ClearEnv && !strings.Contains(args[0], "/") {
		// Without a PATH the program is still found where it was.
		n.Args = append([]string{inv.Lookup(args[0])}, args[1:]...)
	}
	return inv.Exec(ctx, n)
}

// printEnv writes the variables that a command would get: the caller's in their order, then the new ones.
func printEnv(inv *shell.Invocation, n shell.Nested, end byte) int {
	out := bufio.NewWriter(inv.Stdout)
	set, order := map[string]string{}, []string{}
	put := func(name, value string) {
		if _, dup := set[name]; !dup {
			order = append(order, name)
		}
		set[name] = value
	}
	if !n.ClearEnv {
		for name, value := range inv.Env.All() {
			put(name, value)
		}
	}
	for _, name := range n.Unset {
		if _, ok := set[name]; ok {
			delete(set, name)
			kept := order[:0]
			for _, o := range order {
				if o != name {
					kept = append(kept, o)
				}
			}
			order = kept
		}
	}
	for _, v := range n.Env {
		name, value, _ := strings.Cut(v, "=")
		put(name, value)
	}
	for _, name := range order {
		fmt.Fprintf(out, "%s=%s%c", name, set[name], end)
	}
	if out.Flush() != nil {
		return 125
	}
	return 0
}

// dirError is why something is no directory to go to.
func dirError(err error) string {
	if err == nil {
		return "Not a directory"
	}
	return err.Error()
}

func printenv(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "0", Long: "null=0", Fail: 2, Posix: true, Usage: "[OPTION]... [VARIABLE]...\nPrint the values of the VARIABLEs, or all.\n\n  -0, --null\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	end := byte('\n')
	if len(p.Options) > 0 {
		end = 0
	}
	if len(p.Operands) == 0 {
		return printEnv(inv, shell.Nested{}, end)
	}
	out := bufio.NewWriter(inv.Stdout)
	for _, name := range p.Operands {
		value, ok := inv.Env.Get(name)
		if !ok {
			status = 1
			continue
		}
		out.WriteString(value)
		out.WriteByte(end)
	}
	if out.Flush() != nil {
		return 2
	}
	return status
}
