package grep

import (
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
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

// option takes an option; done says that it ends grep, with status.
func (g *grep) option(r *request, o cli.Option) (status int, done bool) {
	switch o.Key {
	case "E", "F", "G", "P":
		syntax := map[string]regex.Syntax{"E": regex.ERE, "F": regex.Literal, "G": regex.BRE, "P": regex.Perl}[o.Key]
		if r.chosen && syntax != r.syntax {
			g.inv.Errorf("conflicting matchers specified")
			return 2, true
		}
		r.syntax, r.chosen = syntax, true
	case "u":
		g.inv.Errorf("warning: --unix-byte-offsets (-u) is obsolete")
	case "e":
		r.add(strings.Split(o.Value, "\n"))
	case "f":
		lines, ok := g.readLines(o.Value)
		if !ok {
			return 2, true
		}
		r.add(lines)
	case "i", "y":
		r.flags |= regex.IgnoreCase
	case "no-ignore-case":
		r.flags &^= regex.IgnoreCase
	case "w":
		r.flags |= regex.Words
	case "x":
		r.flags |= regex.Lines
	case "z":
		g.delim = 0
	case "s":
		g.silent = true
	case "v":
		g.invert = true
	case "V":
		io.WriteString(g.inv.Stdout, "grep (flue, compatible with GNU)\n")
		return 0, true
	case "m":
		n, err := strconv.Atoi(o.Value)
		if err != nil {
			g.inv.Errorf("invalid max count")
			return 2, true
		}
		g.max = n
	case "b":
		g.offsets = true
	case "n":
		g.numbers = true
	case "H", "h":
		r.withNames = o.Key[0]
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
			g.inv.Errorf("unknown binary-files type")
			return 2, true
		}
	case "d":
		word, wrong := spec.Choose(g.inv, "directories", o.Value, "read", "recurse", "skip")
		if wrong != 0 {
			return 1, true // as if nothing had matched
		}
		g.recursive, g.skipDirs = word == "recurse", word == "skip"
	case "D":
		if o.Value != "read" && o.Value != "skip" {
			g.inv.Errorf("unknown devices method")
			return 2, true
		}
		g.skipDevices = o.Value == "skip"
	case "r", "R":
		g.recursive, g.follow = true, o.Key == "R"
	case "T":
		g.out.tab = true
	case "Z":
		g.out.null = true
	case "#", "A", "B", "C":
		n, err := strconv.Atoi(o.Value)
		if (err != nil && !strings.Contains(err.Error(), "range")) || n < 0 {
			g.inv.Errorf("%s: invalid context length argument", o.Value)
			return 2, true
		}
		g.grouped = true
		switch o.Key {
		case "A":
			g.after = n
		case "B":
			g.before = n
		default:
			r.context = n
		}
	case "color":
		g.out.color = o.Value == "always" || o.Value == "yes" || o.Value == "force"
	case "include", "exclude":
		g.filters = append(g.filters, newFilter(o.Value, o.Key == "include"))
	case "exclude-dir":
		g.dirFilters = append(g.dirFilters, newFilter(strings.TrimRight(o.Value, "/"), false))
	case "exclude-from":
		lines, ok := g.readLines(o.Value)
		if !ok {
			return 2, true
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
	return 0, false
}
