package grep

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var rgSpec = cli.Spec{
	Usage: `[OPTION]... PATTERN [PATH]...
       rg [OPTION]... --files [PATH]...
Search directories recursively for a pattern; hidden files and those of .gitignore, .ignore and .rgignore are left out.

  -e PATTERN, -f FILE         patterns            -F  the pattern is a literal     -P  Perl expressions
  -i, -s, -S                  ignore case, mind it, ignore it if the pattern has no capital
  -v  invert   -w  words      -x  whole lines     -U  (accepted)
  -A NUM, -B NUM, -C NUM      context             -m NUM  stop after NUM lines of a file
  -c, --count-matches         counts              -l, --files-without-match  names only
  -o  only what matches       -q  nothing         -n, -N  line numbers or none
  -H, -I                      file names or none  -0  NUL after file names
  -r TEXT                     replace what matches by TEXT, where $1 is a group
  -g GLOB, -t TYPE, -T TYPE   only files of a glob ('!' before it: none of it) or type, or none of a type
  -., --hidden, --no-ignore, -u, -L, -d NUM   what is searched
      --files, --type-list    print what would be searched; the types
      --color=WHEN            always, never or auto; --sort, --heading, -j, -p and --trim are accepted
`,
	Short: "A:B:C:cd:e:E:f:Fg:HiIj:lLm:M:nNoPpqr:sSt:T:uUvwxz0.",
	Long: "after-context:=A before-context:=B context:=C count=c count-matches max-depth:=d maxdepth:=d regexp:=e encoding:=E file:=f fixed-strings=F " +
		"glob:=g iglob:=g with-filename=H ignore-case=i no-filename=I threads:=j files-with-matches=l follow=L max-count:=m " +
		"max-columns:=M line-number=n no-line-number=N only-matching=o pcre2=P pretty=p quiet=q replace:=r case-sensitive=s " +
		"smart-case=S type:=t type-not:=T unrestricted=u multiline=U invert-match=v word-regexp=w line-regexp=x null=0 hidden=. " +
		"files files-without-match no-ignore no-ignore-vcs sort: sortr: color: colors: heading no-heading no-messages text=a " +
		"type-list trim json stats no-config column vimgrep",
	Fail: 2,
}

// ripgrep is what rg adds to grep.
type ripgrep struct {
	*grep
	globs, types           []filter
	hidden, noIgnore, list bool
	depth                  int
}

// RunRg is rg.
func RunRg(ctx context.Context, inv *shell.Invocation) int {
	p, status := rgSpec.Parse(inv)
	if p == nil {
		return status
	}
	g := &grep{ctx: ctx, inv: inv, max: -1, delim: '\n', binary: 'b', label: "<stdin>", utf8: true, skipZero: true, out: newOutput(inv)}
	defer g.close()
	r := &ripgrep{grep: g, depth: -1}
	syntax := regex.Perl
	var flags regex.Flags
	var patterns []string
	smart, given, names, unrestricted := false, false, byte(0), 0
	for _, o := range p.Options {
		number := 0
		if strings.Contains("ABCmd", o.Key) {
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				inv.Errorf("error parsing flag -%s: value is not a valid number: invalid digit found in string", o.Key)
				return 2
			}
			number = n
		}
		switch o.Key {
		case "A":
			g.after = number
		case "B":
			g.before = number
		case "C":
			g.after, g.before = number, number
		case "m":
			g.max = number
		case "d":
			r.depth = number
		case "c", "count-matches":
			g.count = true
		case "e":
			patterns, given = append(patterns, o.Value), true
		case "f":
			lines, err := g.readLines(o.Value)
			if err != nil {
				inv.Errorf("%s: %v", o.Value, err)
				return 2
			}
			patterns, given = append(patterns, lines...), true
		case "F":
			syntax = regex.Literal
		case "i":
			flags, smart = flags|regex.IgnoreCase, false
		case "s":
			flags, smart = flags&^regex.IgnoreCase, false
		case "S":
			smart = true
		case "v":
			g.invert = true
		case "w":
			flags |= regex.Words
		case "x":
			flags |= regex.Lines
		case "g":
			glob, not := strings.CutPrefix(o.Value, "!")
			r.globs = append(r.globs, newFilter(strings.TrimPrefix(glob, "**/"), !not))
		case "t", "T":
			list, ok := rgTypes[o.Value]
			if !ok {
				inv.Errorf("unrecognized file type: %s", o.Value)
				return 2
			}
			for _, glob := range strings.Fields(list) {
				r.types = append(r.types, newFilter(glob, o.Key == "t"))
			}
		case "H", "I":
			names = o.Key[0]
		case "l":
			g.list = true
		case "files-without-match":
			g.listOthers = true
		case "L":
			g.follow = true
		case "n", "column", "vimgrep":
			g.numbers = true
		case "N":
			g.numbers = false
		case "o":
			g.only = true
		case "q":
			g.quiet = true
		case "r":
			g.replace = &o.Value
		case "u":
			unrestricted++
		case "no-ignore", "no-ignore-vcs":
			r.noIgnore = true
		case ".":
			r.hidden = true
		case "0":
			g.out.null = true
		case "a":
			g.binary = 't'
		case "files":
			r.list = true
		case "type-list":
			return listTypes(inv)
		case "color":
			g.out.color = o.Value == "always" || o.Value == "ansi"
		case "no-messages":
			g.silent = true
		}
	}
	r.noIgnore = r.noIgnore || unrestricted > 0
	r.hidden = r.hidden || unrestricted > 1
	if unrestricted > 2 {
		g.binary = 't'
	}
	paths := p.Operands
	if !given && !r.list {
		if len(paths) == 0 {
			inv.Errorf("the following required arguments were not provided:\n  <PATTERN>")
			return 2
		}
		patterns, paths = paths[:1], paths[1:]
	}
	if !r.list {
		if smart && !strings.ContainsFunc(strings.Join(patterns, ""), unicode.IsUpper) {
			flags |= regex.IgnoreCase
		}
		if syntax == regex.Perl && len(patterns) > 1 {
			patterns = []string{"(?:" + strings.Join(patterns, ")|(?:") + ")"}
		}
		var err error
		if g.re, err = regex.CompileAny(patterns, syntax, flags); err != nil {
			inv.Errorf("regex parse error:\n    %s\nerror: %v", patterns[0], err)
			return 2
		}
	}
	g.names = names == 'H' || names == 0 && len(paths) != 1
	if len(paths) == 1 && names == 0 {
		info, err := cli.Stat(inv, paths[0])
		g.names = err == nil && info.IsDir()
	}
	if g.max == 0 {
		return 1
	}
	r.paths(paths)
	if g.out.Flush() != nil {
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
