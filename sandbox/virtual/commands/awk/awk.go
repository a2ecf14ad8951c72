// Package awk is the language AWK with gawk's common extensions. Run reads the options; lex.go, parse.go and
// parse_expr.go make the tree of ast.go, which eval.go and exec.go run on the records of record.go and io.go.
package awk

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var spec = cli.Spec{
	Usage: `[OPTION]... [--] 'PROGRAM' [FILE]...
       awk [OPTION]... -f PROGFILE [--] [FILE]...

  -f, --file=PROGFILE         read the program from a file
  -F, --field-separator=FS    set FS
  -v, --assign=VAR=VALUE      set a variable before the program begins
  -e, --source='PROGRAM'      a part of the program
  -b, --characters-as-bytes   every byte is a character
Other options of gawk (--posix, --re-interval, --sandbox, --lint and so on) are accepted and change nothing.
`,
	Short: "f:F:v:e:bcCE:i:l:nNOPrSst::L::o::p::d::D::hV",
	Long: "file:=f field-separator:=F assign:=v source:=e characters-as-bytes=b traditional=c re-interval=r posix=P " +
		"non-decimal-data=n sandbox=S lint::=L optimize=O use-lc-numeric=N exec:=E no-optimize=s",
	Posix: true,
	Fail:  2,
}

// Run is awk.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var sources, assignments []string
	var flags regex.Flags
	bytewise := !cli.UTF8(inv)
	operands := p.Operands
	for _, o := range p.Options {
		switch o.Key {
		case "f", "E":
			text, err := readProgram(ctx, inv, o.Value)
			if err != nil {
				inv.Errorf("fatal: cannot open source file `%s' for reading: %v", o.Value, err)
				return 2
			}
			sources = append(sources, text)
		case "e":
			sources = append(sources, o.Value)
		case "F":
			fs := o.Value
			if fs == "t" {
				fs = `\t`
			}
			assignments = append(assignments, "FS="+fs)
		case "v":
			assignments = append(assignments, o.Value)
		case "b":
			bytewise = true
		}
	}
	if len(sources) == 0 {
		if len(operands) == 0 {
			inv.Stderr.Write([]byte("Usage: " + path.Base(inv.Args[0]) + " " + spec.Usage))
			return 1
		}
		sources, operands = operands[:1], operands[1:]
	}
	if bytewise {
		flags |= regex.Bytes
	}
	prog, err := Parse(strings.Join(sources, "\n"), flags)
	if err != nil {
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			inv.Errorf("%v", err)
			if !syntax.Fatal {
				return 1
			}
		}
		return 2
	}
	in := newInterp(ctx, inv, prog, append([]string{path.Base(inv.Args[0])}, operands...))
	in.utf8 = !bytewise
	return in.run(assignments)
}

func readProgram(ctx context.Context, inv *shell.Invocation, name string) (string, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b bytes.Buffer
	err = cli.Copy(ctx, inv.Budget, &b, r)
	return b.String(), err
}
