// Package diff is the commands diff and diff3. Run reads diff's options, compare.go goes through directories and files,
// lines.go and matcher.go find what has changed, and a file for each kind of format writes it.
package diff

import (
	"bufio"
	"context"

	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

type differ struct {
	ctx    context.Context
	inv    *shell.Invocation
	out    *bufio.Writer
	format byte // '<' normal, 'c', 'u', 'e', 'n', 'y', 'q', '%' for formats
	around int  // lines of context
	width  int
	labels []string

	same, recursive, newFile, asText, onlyChanges bool
	ignoreCase, stripCR, minimal                  bool
	space                                         byte // 'w' all, 'b' its amount, 'Z' at the end
	blankLines                                    bool
	ignore                                        *regex.Regexp
	excluded                                      []func(string) bool
	starting                                      string // names before it in a directory are left out
	color                                         bool
	from, to                                      string // --from-file and --to-file
	initialTab, expandTabs, leftColumn            bool
	functions                                     *regex.Regexp // lines that headings show
	formats                                       formats
	args                                          []string // options, for the heading of recursive output
	held                                          int
}

// Run is diff.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	d := &differ{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), format: '<', around: 3, width: 130}
	for _, o := range p.Options {
		if status := d.option(o); status != 0 {
			return status
		}
	}
	operands := p.Operands
	for _, a := range inv.Args[1:] { // what is not an operand is shown before what differs in directories
		if len(operands) > 0 && a == operands[0] {
			operands = operands[1:]
		} else {
			d.args = append(d.args, a)
		}
	}
	if d.from != "" && d.to != "" {
		inv.Errorf("--from-file and --to-file both specified")
		return 2
	}
	if one := d.from + d.to; one != "" {
		for _, name := range p.Operands {
			a, b := one, name
			if d.to != "" {
				a, b = name, one
			}
			status = max(status, d.compare(a, b, true))
		}
		if d.out.Flush() != nil {
			return 2
		}
		inv.Budget.Release(d.held)
		return status
	}
	switch {
	case len(p.Operands) < 2:
		return spec.Misuse(inv, "missing operand after '%s'", append([]string{"diff"}, p.Operands...)[len(p.Operands)])
	case len(p.Operands) > 2:
		return spec.Misuse(inv, "extra operand '%s'", p.Operands[2])
	}
	status = d.compare(p.Operands[0], p.Operands[1], true)
	if d.out.Flush() != nil {
		return 2
	}
	inv.Budget.Release(d.held)
	return status
}
