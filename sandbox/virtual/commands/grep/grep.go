// Package grep is the commands grep, egrep, fgrep and rg. Start at Run or RunRg; files.go and walk.go, for rg rg_walk.go,
// find the files, search.go goes through one, and print.go writes what is found.
package grep

import (
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var spec = cli.Spec{
	Usage: `[OPTION]... PATTERNS [FILE]...
Search for PATTERNS in each FILE.

  -E, -F, -G, -P            PATTERNS are extended, fixed, basic (default) or Perl expressions
  -e, --regexp=PATTERNS     use PATTERNS for matching     -f, --file=FILE     take PATTERNS from FILE
  -i, --ignore-case         ignore case                   -w, --word-regexp   match only whole words
  -x, --line-regexp         match only whole lines        -z, --null-data     lines end in NUL
  -v, --invert-match        select non-matching lines     -m, --max-count=NUM stop after NUM lines
  -s, --no-messages         suppress error messages       -q, --quiet         suppress all output
  -n, --line-number         print line numbers            -b, --byte-offset   print byte offsets
  -H, --with-filename       print file names              -h, --no-filename   print no file names
  -o, --only-matching       show only what matches        -T, --initial-tab   align with a tab
  -L, --files-without-match print names of FILEs without  -l, --files-with-matches  print names of FILEs with
  -c, --count               print a count per FILE        -Z, --null          NUL after file names
  -r, --recursive           go through directories        -R                  likewise, and follow all links
      --include=GLOB, --exclude=GLOB, --exclude-dir=GLOB, --exclude-from=FILE
  -A NUM, -B NUM, -C NUM    print NUM lines of trailing, leading, both context
  -a, --text                treat binary files as text    -I                  ignore binary files
      --color[=WHEN]        mark what matches: always, never or auto
When FILE is '-', read standard input. Exit status is 0 if a line is selected, 1 otherwise, 2 if an error occurs.
`,
	Short: "#EFGPe:f:iywxzsvVm:bnHhLlqoaIUd:D:rRcTZA:B:C:u",
	Long: "extended-regexp=E fixed-strings=F basic-regexp=G perl-regexp=P regexp:=e file:=f ignore-case=i no-ignore-case " +
		"word-regexp=w line-regexp=x null-data=z no-messages=s invert-match=v max-count:=m byte-offset=b line-number=n " +
		"with-filename=H no-filename=h files-without-match=L files-with-matches=l quiet=q silent=q only-matching=o text=a " +
		"binary=U binary-files: directories:=d devices:=D recursive=r dereference-recursive=R count=c initial-tab=T null=Z " +
		"after-context:=A before-context:=B context:=C color:: colour::=color include: exclude: exclude-dir: exclude-from: " +
		"label: line-buffered group-separator: no-group-separator",
	Fail: 2,
	Hint: "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'NAME --help' for more information.",
}

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
	skipDevices, readDevices    bool
	label                       string
	skipZero                    bool    // -c prints only files with matches
	replace                     *string // rg -r: what to print for what matches
	filters, dirFilters         []filter
	selected, failed, stopped   bool
}

// Run is grep; called as egrep or fgrep it starts with -E or -F.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	g := &grep{ctx: ctx, inv: inv, max: -1, delim: '\n', binary: 'b', label: "(standard input)", utf8: cli.UTF8(inv)}
	g.out = newOutput(inv)
	defer g.close()
	syntax, explicit := regex.BRE, false
	switch path.Base(inv.Args[0]) {
	case "egrep":
		syntax, explicit = regex.ERE, true
	case "fgrep":
		syntax, explicit = regex.Literal, true
	}
	var flags regex.Flags
	var patterns []string
	var withName, given bool
	nameSet, context := false, -1
	g.before, g.after = -1, -1
	for _, o := range p.Options {
		switch o.Key {
		case "E", "F", "G", "P":
			chosen := map[string]regex.Syntax{"E": regex.ERE, "F": regex.Literal, "G": regex.BRE, "P": regex.Perl}[o.Key]
			if explicit && chosen != syntax {
				inv.Errorf("conflicting matchers specified")
				return 2
			}
			syntax, explicit = chosen, true
		case "u":
			inv.Errorf("warning: --unix-byte-offsets (-u) is obsolete")
		case "e":
			patterns, given = append(patterns, strings.Split(o.Value, "\n")...), true
		case "f":
			lines, err := g.readLines(o.Value)
			if err != nil {
				inv.Errorf("%s: %v", o.Value, err)
				return 2
			}
			patterns, given = append(patterns, lines...), true
		case "i", "y":
			flags |= regex.IgnoreCase
		case "no-ignore-case":
			flags &^= regex.IgnoreCase
		case "w":
			flags |= regex.Words
		case "x":
			flags |= regex.Lines
		case "z":
			g.delim = 0
		case "s":
			g.silent = true
		case "v":
			g.invert = true
		case "V":
			io.WriteString(inv.Stdout, "grep (flue, compatible with GNU)\n")
			return 0
		case "m":
			n, err := strconv.Atoi(o.Value)
			if err != nil {
				inv.Errorf("invalid max count")
				return 2
			}
			g.max = n
		case "b":
			g.offsets = true
		case "n":
			g.numbers = true
		case "H", "h":
			withName, nameSet = o.Key == "H", true
		case "L", "l":
			g.listOthers, g.list = o.Key == "L", o.Key == "l"
		case "q":
			g.quiet = true
		case "o":
			g.only = true
		case "c":
			g.count = true
		case "a":
			g.binary = 't'
		case "I":
			g.binary = 'w'
		case "binary-files":
			switch o.Value {
			case "binary":
				g.binary = 'b'
			case "text":
				g.binary = 't'
			case "without-match":
				g.binary = 'w'
			default:
				inv.Errorf("unknown binary-files type")
				return 2
			}
		case "d":
			word, wrong := spec.Choose(inv, "directories", o.Value, "read", "recurse", "skip")
			if wrong != 0 {
				return 1 // as if nothing had matched
			}
			g.recursive, g.skipDirs = word == "recurse", word == "skip"
		case "D":
			if o.Value != "read" && o.Value != "skip" {
				inv.Errorf("unknown devices method")
				return 2
			}
			g.skipDevices, g.readDevices = o.Value == "skip", o.Value == "read"
		case "r", "R":
			g.recursive, g.follow = true, o.Key == "R"
		case "T":
			g.out.tab = true
		case "Z":
			g.out.null = true
		case "#", "A", "B", "C":
			n, err := strconv.Atoi(o.Value)
			if (err != nil && !strings.Contains(err.Error(), "range")) || n < 0 {
				inv.Errorf("%s: invalid context length argument", o.Value)
				return 2
			}
			g.grouped = true
			switch o.Key {
			case "A":
				g.after = n
			case "B":
				g.before = n
			default:
				context = n
			}
		case "color":
			g.out.color = o.Value == "always" || o.Value == "yes" || o.Value == "force"
		case "include", "exclude":
			g.filters = append(g.filters, newFilter(o.Value, o.Key == "include"))
		case "exclude-dir":
			g.dirFilters = append(g.dirFilters, newFilter(strings.TrimRight(o.Value, "/"), false))
		case "exclude-from":
			lines, err := g.readLines(o.Value)
			if err != nil {
				inv.Errorf("%s: %v", o.Value, err)
				return 2
			}
			for _, l := range lines {
				if l != "" {
					g.filters = append(g.filters, newFilter(l, false))
				}
			}
		case "label":
			g.label = o.Value
		case "group-separator":
			g.out.group = &o.Value
		case "no-group-separator":
			g.out.group = nil
		}
	}
	if g.before < 0 {
		g.before = max(context, 0)
	}
	if g.after < 0 {
		g.after = max(context, 0)
	}
	files := p.Operands
	if !given {
		if len(files) == 0 {
			fmt.Fprint(inv.Stderr, "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")
			return 2
		}
		patterns, files = strings.Split(files[0], "\n"), files[1:]
	}
	if !g.utf8 {
		flags |= regex.Bytes
	}
	if g.out.color && g.out.old != "" {
		inv.Errorf("warning: GREP_COLOR='%s' is deprecated; use GREP_COLORS='mt=%s'", g.out.old, g.out.old)
	}
	if len(patterns) > 0 {
		if syntax == regex.Perl && len(patterns) > 1 {
			inv.Errorf("the -P option only supports a single pattern")
			return 2
		}
		var err error
		if g.re, err = regex.CompileAny(unique(patterns), syntax, flags); err != nil {
			inv.Errorf("%v", err)
			return 2
		}
		for _, w := range g.re.Warnings {
			inv.Errorf("warning: %s", w)
		}
	}
	g.names = len(files) > 1 || g.recursive
	if nameSet {
		g.names = withName
	}
	if g.max == 0 && !g.listOthers {
		return 1
	}
	g.files(files, nameSet)
	if err := g.out.Flush(); err != nil {
		return 2
	}
	switch {
	case g.failed && !(g.quiet && g.selected):
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

func (g *grep) readLines(name string) ([]string, error) {
	r, err := cli.Open(g.inv, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := cli.ReadAll(g.ctx, g.inv.Budget, r)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

func unique(patterns []string) []string {
	seen := map[string]bool{}
	var list []string
	for _, p := range patterns {
		if !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}
