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
	request
	smart            bool // capitals of a pattern say whether case counts
	globs, types     []filter
	hidden, noIgnore bool
	unrestricted     int  // how many -u there were
	onlyFiles        bool // --files: print what would be searched
	listTypes        bool
	depth            int
}

// RunRg is rg.
func RunRg(ctx context.Context, inv *shell.Invocation) int {
	p, status := rgSpec.Parse(inv)
	if p == nil {
		return status
	}
	g := &grep{ctx: ctx, inv: inv, max: -1, delim: '\n', binary: 'b', label: "<stdin>", utf8: true, skipZero: true, out: newOutput(inv)}
	defer g.close()
	r := &ripgrep{grep: g, depth: -1, request: request{syntax: regex.Perl}}
	for _, o := range p.Options {
		if !r.option(o) {
			return 2
		}
	}
	if r.listTypes {
		return listTypes(inv)
	}
	paths := p.Operands
	if !r.onlyFiles {
		if !r.given && len(paths) == 0 {
			inv.Errorf("the following required arguments were not provided:\n  <PATTERN>")
			return 2
		}
		if !r.given {
			r.patterns, paths = paths[:1], paths[1:]
		}
		if !r.compile() {
			return 2
		}
	}
	g.names = r.withNames == 'H' || r.withNames == 0 && len(paths) != 1
	if len(paths) == 1 && r.withNames == 0 {
		info, err := cli.Stat(inv, paths[0])
		g.names = err == nil && info.IsDir()
	}
	if g.max == 0 {
		return 1
	}
	r.paths(paths)
	return g.end()
}

// option takes an option; false after a complaint.
func (r *ripgrep) option(o cli.Option) bool {
	number := 0
	if strings.Contains("ABCmd", o.Key) {
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			r.inv.Errorf("error parsing flag -%s: value is not a valid number: invalid digit found in string", o.Key)
			return false
		}
		number = n
	}
	switch o.Key {
	case "A":
		r.after = number
	case "B":
		r.before = number
	case "C":
		r.after, r.before = number, number
	case "m":
		r.max = number
	case "d":
		r.depth = number
	case "c", "count-matches":
		r.count = true
	case "e":
		r.add([]string{o.Value})
	case "f":
		lines, ok := r.readLines(o.Value)
		if !ok {
			return false
		}
		r.add(lines)
	case "F":
		r.syntax = regex.Literal
	case "i":
		r.flags, r.smart = r.flags|regex.IgnoreCase, false
	case "s":
		r.flags, r.smart = r.flags&^regex.IgnoreCase, false
	case "S":
		r.smart = true
	case "v":
		r.invert = true
	case "w":
		r.flags |= regex.Words
	case "x":
		r.flags |= regex.Lines
	case "g":
		glob, not := strings.CutPrefix(o.Value, "!")
		r.globs = append(r.globs, newFilter(strings.TrimPrefix(glob, "**/"), !not))
	case "t", "T":
		list, ok := rgTypes[o.Value]
		if !ok {
			r.inv.Errorf("unrecognized file type: %s", o.Value)
			return false
		}
		for _, glob := range strings.Fields(list) {
			r.types = append(r.types, newFilter(glob, o.Key == "t"))
		}
	case "H", "I":
		r.withNames = o.Key[0]
	case "l":
		r.list = true
	case "files-without-match":
		r.listOthers = true
	case "L":
		r.follow = true
	case "n", "column", "vimgrep":
		r.numbers = true
	case "N":
		r.numbers = false
	case "o":
		r.only = true
	case "q":
		r.quiet = true
	case "r":
		r.replace = &o.Value
	case "u":
		switch r.unrestricted++; r.unrestricted {
		case 1:
			r.noIgnore = true
		case 2:
			r.hidden = true
		case 3:
			r.binary = 't'
		}
	case "no-ignore", "no-ignore-vcs":
		r.noIgnore = true
	case ".":
		r.hidden = true
	case "0":
		r.out.null = true
	case "a":
		r.binary = 't'
	case "files":
		r.onlyFiles = true
	case "type-list":
		r.listTypes = true
	case "color":
		r.out.color = o.Value == "always" || o.Value == "ansi"
	case "no-messages":
		r.silent = true
	}
	return true
}

// compile makes the expression; false after a complaint.
func (r *ripgrep) compile() bool {
	patterns, flags := r.patterns, r.flags
	if r.smart && !strings.ContainsFunc(strings.Join(patterns, ""), unicode.IsUpper) {
		flags |= regex.IgnoreCase
	}
	if r.syntax == regex.Perl && len(patterns) > 1 {
		patterns = []string{"(?:" + strings.Join(patterns, ")|(?:") + ")"}
	}
	var err error
	if r.re, err = regex.CompileAny(patterns, r.syntax, flags); err != nil {
		r.inv.Errorf("regex parse error:\n    %s\nerror: %v", patterns[0], err)
		return false
	}
	return true
}
