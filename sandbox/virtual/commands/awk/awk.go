// Package awk is the language AWK with gawk's common extensions. Run reads the options; lex.go, parse.go and
// parse_expr.go make the tree of ast.go, which eval.go and exec.go run on the records of record.go and io.go.
package awk

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
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
  -i, --include=FILE          read a library; inplace edits the files that are read
  -n, --non-decimal-data      (ignored)
  -S, --sandbox               nothing is started, and no file opened but those on the command line
  -c, --traditional           none of gawk's own functions and variables
  -P, --posix                 as the standard says: besides, no ** and no func
  -l, --load=LIBRARY          load filefuncs, fnmatch, inplace, intdiv, ordchr, readfile or time
Other options of gawk (--re-interval, --lint and so on) are accepted and change nothing.
`,
	Short: "f:F:v:e:bcCE:i:l:nNOPrSstL::o::p::d::D::hV",
	Long: "file:=f field-separator:=F assign:=v source:=e characters-as-bytes=b traditional=c re-interval=r posix=P " +
		"non-decimal-data=n sandbox=S lint::=L optimize=O use-lc-numeric=N exec:=E no-optimize=s include:=i load:=l lint-old=t",
	Posix: true,
	Fail:  1,
}

// Run is awk.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var sources []Source
	var assignments []string
	var options Options
	options.Include = func(name string) (Source, error) { return library(ctx, inv, name) }
	var included []Source
	editing, posix := false, false
	bytewise := !cli.UTF8(inv)
	operands := p.Operands
	for _, o := range p.Options {
		switch o.Key {
		case "f", "E":
			source, err := library(ctx, inv, o.Value)
			if err != nil {
				inv.Errorf("fatal: cannot open source file `%s' for reading: %v", o.Value, err)
				return 2
			}
			sources = append(sources, source)
		case "e":
			sources = append(sources, Source{Text: o.Value})
		case "i":
			if o.Value == "inplace" {
				editing = true
				continue
			}
			source, err := library(ctx, inv, o.Value)
			if err != nil {
				inv.Errorf("fatal: cannot open source file `%s' for reading: %v", o.Value, err)
				return 2
			}
			included = append(included, source)
		case "S":
			options.Sandbox = true
		case "F":
			assignments = append(assignments, "FS="+o.Value)
		case "P":
			posix, options.Posix = true, true
		case "c":
			options.Traditional = true
		case "l":
			if _, ok := extension(o.Value); !ok {
				inv.Errorf("fatal: cannot open shared library `%s' for reading: No such file or directory", o.Value)
				return 2
			}
			options.Load = append(options.Load, o.Value)
		case "h":
			io.WriteString(inv.Stdout, "Usage: "+path.Base(inv.Args[0])+" "+spec.Usage)
			return 0
		case "v":
			if !strings.Contains(o.Value, "=") {
				inv.Errorf("`%s' argument to `-v' not in `var=value' form\n", o.Value)
				usage(inv)
				return 1
			}
			assignments = append(assignments, o.Value)
		case "b":
			bytewise = true
		}
	}
	if len(sources) == 0 {
		if len(operands) == 0 {
			usage(inv)
			return 1
		}
		sources, operands = []Source{{Text: operands[0]}}, operands[1:]
	}
	if bytewise {
		options.Flags |= regex.Bytes
	}
	if i := slices.Index(assignments, "FS=t"); posix && i >= 0 {
		assignments[i] = `FS=\t`
	}
	prog, err := Parse(append(included, sources...), options)
	if err != nil {
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			for _, message := range syntax.Messages {
				inv.Errorf("%s: %s", syntax.Place, message)
			}
			if !syntax.Fatal {
				return 1
			}
		}
		return 2
	}
	if editing {
		prog.global("inplace::suffix")
	}
	in := newInterp(ctx, inv, prog, append([]string{path.Base(inv.Args[0])}, operands...))
	in.utf8 = !bytewise
	in.sandboxed = options.Sandbox
	if editing {
		in.inplace = &inplace{}
	}
	return in.run(assignments)
}

func usage(inv *shell.Invocation) {
	io.WriteString(inv.Stderr, "Usage: "+path.Base(inv.Args[0])+" "+spec.Usage)
}

// library reads a file of a program. A name without a slash is looked for in AWKPATH too, and with ".awk" behind it.
func library(ctx context.Context, inv *shell.Invocation, name string) (Source, error) {
	text, err := readProgram(ctx, inv, name)
	if err == nil || strings.Contains(name, "/") {
		return Source{Name: name, Text: text}, err
	}
	dirs, _ := inv.Env.Get("AWKPATH")
	for _, suffix := range []string{"", ".awk"} {
		for _, dir := range strings.Split("."+":"+dirs, ":") {
			file := path.Join(dir, name+suffix)
			if text, err := readProgram(ctx, inv, file); err == nil {
				return Source{Name: file, Text: text}, nil
			}
		}
	}
	return Source{}, err
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
