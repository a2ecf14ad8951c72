// Package grep is the commands grep, egrep, fgrep and rg. Start at Run or RunRg; files.go and walk.go, for rg rg_walk.go,
// find the files, search.go goes through one, and print.go writes what is found.
package grep

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

type grep struct {
	ctx context.Context
	inv *shell.Invocation
	re  *regex.Regexp // nil when there are no patterns: nothing matches
	out *output

	lines *cli.Lines // of the file being read

	names                       bool // print file names
	invert, only, quiet         bool
	count, list, listOthers     bool
	numbers, offsets, silent    bool
	max                         int  // lines to select of a file; -1 for all
	before, after               int  // context
	grouped                     bool // a context was asked for, if only of no lines
	delim                       byte
	binary                      byte // 'b' binary files only match, 't' they are text, 'w' they never match
	utf8                        bool
	recursive, follow, skipDirs bool
	skipDevices                 bool
	label                       string
	skipZero                    bool    // -c prints only files with matches
	replace                     *string // rg -r: what to print for what matches
	filters, dirFilters         []filter
	selected, failed, stopped   bool
}

// Run is grep; called as egrep or fgrep it starts with -E or -F.
func Run(ctx context.Context, inv *shell.Invocation) int {
	called := path.Base(inv.Args[0])
	if called == "egrep" || called == "fgrep" { // scripts that call grep
		copied := *inv
		copied.Args = append([]string{"grep"}, inv.Args[1:]...)
		inv = &copied
	}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	g := &grep{ctx: ctx, inv: inv, max: -1, delim: '\n', binary: 'b', label: "(standard input)", utf8: cli.UTF8(inv)}
	g.out = newOutput(inv)
	defer g.close()
	r := &request{syntax: regex.BRE, context: -1}
	switch called {
	case "egrep":
		r.syntax, r.chosen = regex.ERE, true
	case "fgrep":
		r.syntax, r.chosen = regex.Literal, true
	}
	g.before, g.after = -1, -1
	for _, o := range p.Options {
		if status, done := g.option(r, o); done {
			return status
		}
	}
	if g.before < 0 {
		g.before = max(r.context, 0)
	}
	if g.after < 0 {
		g.after = max(r.context, 0)
	}
	files := p.Operands
	if !r.given {
		if len(files) == 0 {
			fmt.Fprint(inv.Stderr, "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")
			return 2
		}
		r.patterns, files = strings.Split(files[0], "\n"), files[1:]
	}
	if g.out.color && g.out.old != "" {
		inv.Errorf("warning: GREP_COLOR='%s' is deprecated; use GREP_COLORS='mt=%s'", g.out.old, g.out.old)
	}
	if !g.compile(r) {
		return 2
	}
	g.names = len(files) > 1 || g.recursive
	if r.withNames != 0 {
		g.names = r.withNames == 'H'
	}
	if g.max == 0 && !g.listOthers {
		return 1
	}
	g.files(files, r.withNames != 0)
	return g.end()
}

// end is grep's status once all was searched.
func (g *grep) end() int {
	switch {
	case g.out.Flush() != nil, g.failed && !(g.quiet && g.selected):
		return 2
	case g.selected:
		return 0
	}
	return 1
}

// fail reports a file that cannot be read.
func (g *grep) fail(name string, err any) {
	if !g.silent {
		g.out.Flush()
		g.inv.Errorf("%s: %v", name, err)
	}
	g.failed = true
}
