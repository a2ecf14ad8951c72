package awk

import (
	"cmp"
	"context"
	"io"
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
  -E, --exec=PROGFILE         like -f, and the last option; operands are no assignments
  -i, --include=FILE          read a library; inplace edits the files that are read
  -l, --load=LIBRARY          load filefuncs, fnmatch, inplace, intdiv, ordchr, readdir, readfile, revoutput, revtwoway,
                              rwarray or time
  -b, --characters-as-bytes   every byte is a character
  -c, --traditional           none of gawk's own functions and variables
  -P, --posix                 as the standard says: besides, no ** and no func
  -k, --csv                   records and fields are comma-separated values
  -M, --bignum                numbers of any size
  -n, --non-decimal-data      0x11 and 011 are numbers in the input, too
  -S, --sandbox               nothing is started, and no file opened but those on the command line
  -L, --lint[=fatal|invalid|no-ext]  warn of what is doubtful or not portable
  -t, --lint-old              warn of what old awks do not have
  -o, --pretty-print[=FILE]   write the program, well laid out, to FILE (awkprof.out) and end
  -p, --profile[=FILE]        write it with how often each part ran
  -d, --dump-variables[=FILE] write the variables at the end to FILE (awkvars.out)
  -g, --gen-pot               write the strings that can be translated
  -h, --help                  show this
  -V, --version               show the version
Accepted without effect: -C, -D, -I, -N, -O, -r, -s.
`,
	Short: "bcCd::D::e:E:f:F:ghi:Ikl:L::MnNo::Op::PrsStv:V",
	Long: "assign:=v bignum=M characters-as-bytes=b copyright=C csv=k debug::=D dump-variables::=d exec:=E field-separator:=F file:=f gen-pot=g " +
		"include:=i lint::=L lint-old=t load:=l no-optimize=s non-decimal-data=n optimize=O posix=P pretty-print::=o profile::=p " +
		"re-interval=r sandbox=S source:=e trace=I traditional=c use-lc-numeric=N help=h",
	Posix:   true,
	Last:    "E",
	Lenient: true,
}

// settings are what the options say.
type settings struct {
	sources     []Source
	options     Options
	assignments []string
	operands    []string // none is an assignment after -E
	noAssign    bool
	editing     bool // -i inplace
	csv         bool
	potFile     bool
	pretty      string // the file for -o or -p
	profile     bool
	variables   string // the file for -d
	fsTab       bool
}

// readOptions reads the command line and the program's sources. It is nil when there is nothing to run.
func readOptions(ctx context.Context, inv *shell.Invocation) (set *settings, status int) {
	p, status := spec.Parse(inv)
	if p == nil {
		return nil, status
	}
	if p.Missing != "" {
		inv.Errorf("option requires an argument -- %s", p.Missing)
		usage(inv)
		return nil, 1
	}
	set = &settings{operands: p.Operands}
	o := &set.options
	o.Precision = precision{bits: 53}
	o.Include = func(name string) (Source, error) { return library(ctx, inv, name) }
	bytewise := !cli.UTF8(inv)
	given := false             // a program
	files := map[string]bool{} // that are read: whether as libraries
	separator := ""
	if _, strict := inv.Env.Get("POSIXLY_CORRECT"); strict {
		o.Posix = true
	}
	for _, option := range p.Options {
		switch option.Key {
		case "f", "E", "i":
			given = given || option.Key != "i"
			set.noAssign = set.noAssign || option.Key == "E"
			set.editing = set.editing || option.Key == "i" && option.Value == "inplace"
			if option.Key == "i" && option.Value == "inplace" {
				continue
			}
			source, err := library(ctx, inv, option.Value)
			if err != nil {
				inv.Errorf("fatal: cannot open source file `%s' for reading: %v", option.Value, err)
				return nil, 2
			}
			source.library = option.Key == "i"
			if before, twice := files[path.Clean(source.Name)]; twice && (before || source.library) {
				if before && source.library {
					continue // a library is read once
				}
				inv.Errorf("fatal: cannot include `%s' and use it as a program file", option.Value)
				return nil, 2
			}
			files[path.Clean(source.Name)] = source.library
			set.sources = append(set.sources, source)
		case "e":
			given = true
			set.sources = append(set.sources, Source{Text: option.Value})
		case "l":
			set.sources = append(set.sources, Source{load: option.Value})
		case "F":
			separator = option.Value
			set.fsTab = separator == "t"
			set.assignments = append(set.assignments, "FS="+separator)
		case "v":
			if !strings.Contains(option.Value, "=") {
				inv.Errorf("`%s' argument to `-v' not in `var=value' form\n", option.Value)
				usage(inv)
				return nil, 1
			}
			set.assignments = append(set.assignments, option.Value)
			name, value, _ := strings.Cut(option.Value, "=")
			o.Precision.assign(name, field(value))
		case "b":
			bytewise = true
		case "c":
			o.Traditional = true
		case "P":
			o.Posix = true
		case "M":
			o.Bignum = true
		case "k":
			set.csv = true
		case "n":
			o.NonDecimal = true
		case "S":
			o.Sandbox = true
		case "t":
			o.LintOld = true
		case "L":
			o.Lint = lintLevel{on: true, extensions: true}
			switch option.Value {
			case "fatal":
				o.Lint.fatal = true
			case "invalid":
				o.Lint = lintLevel{on: true}
			case "no-ext":
				o.Lint.extensions = false
			}
		case "o":
			if !set.profile {
				set.pretty = cmp.Or(option.Value, "awkprof.out")
			}
			o.Pretty = true
		case "p":
			set.profile, o.Pretty, o.Profile = true, true, true
			set.pretty = cmp.Or(option.Value, "awkprof.out")
		case "d":
			set.variables = cmp.Or(option.Value, "awkvars.out")
		case "g":
			set.potFile, o.Pretty = true, true
		case "h":
			io.WriteString(inv.Stdout, "Usage: "+path.Base(inv.Args[0])+" "+spec.Usage)
			return nil, 0
		case "C", "V":
			io.WriteString(inv.Stdout, path.Base(inv.Args[0])+" (flue, compatible with GNU Awk 5.2.1)\n")
			return nil, 0
		}
	}
	if !given {
		if p.Problem != "" {
			return nil, spec.Misuse(inv, "%s", p.Problem)
		}
		if len(set.operands) == 0 {
			usage(inv)
			return nil, 1
		}
		set.sources, set.operands = append(set.sources, Source{Text: set.operands[0]}), set.operands[1:]
	}
	if o.Posix && set.fsTab {
		for i, a := range set.assignments {
			if a == "FS=t" {
				set.assignments[i] = `FS=\t`
			}
		}
	}
	if bytewise && !o.Posix {
		o.Flags |= regex.Bytes
	}
	return set, 0
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
