// Package awk is the language AWK with gawk's common extensions. Run begins in options.go; lex.go and the parse files make
// the tree of ast.go, which eval.go and exec.go run on the records of record.go and input.go.
package awk

import (
	"context"
	"errors"
	"io"
	"path"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Run is awk.
func Run(ctx context.Context, inv *shell.Invocation) int {
	set, status := readOptions(ctx, inv)
	if set == nil {
		return status
	}
	prog, err := Parse(set.sources, set.options)
	for _, message := range prog.warnings {
		inv.Errorf("%s", message)
	}
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Fatal:
		return 2
	case err != nil:
		return 1
	case set.potFile:
		writeMessages(inv.Stdout, prog)
		return 0
	}
	if set.pretty != "" && !set.profile {
		return set.write(inv, set.pretty, func(w io.Writer) { prettyPrint(w, prog, time.Time{}) })
	}
	if set.editing {
		prog.global("inplace::suffix")
		prog.global("INPLACE_SUFFIX")
	}
	in := newInterp(ctx, inv, prog, append([]string{path.Base(inv.Args[0])}, set.operands...))
	in.configure(set)
	status = in.run(set.assignments)
	if set.profile {
		set.write(inv, set.pretty, func(w io.Writer) { prettyPrint(w, prog, inv.Now().In(in.zone(false))) })
	}
	if set.variables != "" {
		set.write(inv, set.variables, in.dumpVariables)
	}
	return status
}

// write makes a file that an option names; "-" is standard output.
func (set *settings) write(inv *shell.Invocation, name string, write func(io.Writer)) int {
	switch name {
	case "-", "/dev/stdout":
		write(inv.Stdout)
		return 0
	case "/dev/stderr":
		write(inv.Stderr)
		return 0
	}
	f, err := inv.Create(name)
	if err != nil {
		inv.Errorf("warning: could not open `%s' for writing: %v", name, err)
		write(inv.Stderr)
		return 0
	}
	write(f)
	f.Close()
	return 0
}

func usage(inv *shell.Invocation) {
	io.WriteString(inv.Stderr, "Usage: "+path.Base(inv.Args[0])+" "+spec.Usage)
}

func readProgram(ctx context.Context, inv *shell.Invocation, name string) (string, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := cli.ReadAll(ctx, inv.Budget, r)
	return string(text), err
}
