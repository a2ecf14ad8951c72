package commands

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const tarUsage = `[OPTION...] [FILE]...
Keep files in an archive.

  -c, --create  -x, --extract  -t, --list  -r, --append
  -f, --file=ARCHIVE  - is standard input or output, the default
  -z, --gzip  -j, --bzip2  -J, --xz  --lzma  --zstd  -a, --auto-compress
  -v, --verbose  -C, --directory=DIR
  -O, --to-stdout  -k, --keep-old-files  -p  -h, --dereference  -m, --touch
  -T, --files-from=FILE  -X, --exclude-from=FILE  --exclude=PATTERN
  --strip-components=N  -P, --absolute-names  --no-recursion  --remove-files
`

// archiver is one call of tar.
type archiver struct {
	ctx  context.Context
	inv  *shell.Invocation
	spec *cli.Spec
	dir  string // where files are read and written

	mode                                    byte
	file                                    string
	format                                  *codec.Format // of the archive; nil: not compressed, or found out
	verbose, toStdout, keep, follow, noTime bool
	absolute, flat, wildcards, auto, remove bool
	strip                                   int
	exclude                                 []func(string) bool
	names                                   []string
	messages                                io.Writer // of -v
	warned                                  bool
	added                                   []string // what --remove-files removes once it is archived
	inodes                                  map[uint64]string
	status                                  int
}

func tarCommand(ctx context.Context, inv *shell.Invocation) int {
	a := &archiver{ctx: ctx, inv: inv, dir: inv.Dir, file: "-", messages: inv.Stdout, inodes: map[uint64]string{},
		spec: &cli.Spec{Usage: tarUsage, Fail: 64, Hint: "Try 'tar --help' or 'tar --usage' for more information.", Short: "cxtruf:zajJZvC:OkphmT:X:PSUwWlBinsb:",
			Long: "create=c extract=x get=x list=t append=r update=u file:=f gzip=z gunzip=z ungzip=z auto-compress=a no-auto-compress bzip2=j xz=J lzma zstd " +
				"verbose=v directory:=C to-stdout=O keep-old-files=k preserve-permissions=p same-permissions=p dereference=h touch=m " +
				"files-from:=T exclude-from:=X exclude: strip-components: strip:=strip-components absolute-names=P no-recursion recursion " +
				"compress=Z uncompress=Z numeric-owner owner: group: mtime: mode: sort: format: wildcards no-wildcards no-same-owner no-same-permissions overwrite " +
				"remove-files anchored no-anchored null totals"}}
	call := *inv
	call.Args = oldTarArgs(inv.Args)
	p, status := a.spec.Parse(&call)
	if p == nil {
		return status
	}
	for _, o := range p.Options {
		if status := a.option(o); status != 0 {
			return status
		}
	}
	a.names = append(a.names, p.Operands...)
	var err error
	switch a.mode {
	case 'c':
		if len(a.names) == 0 {
			inv.Errorf("Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.")
			return 2
		}
		err = a.create()
	case 'x', 't':
		err = a.read()
	case 'r', 'u':
		err = a.extend()
	default:
		inv.Errorf("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.")
		return 2
	}
	switch {
	case errors.Is(err, cli.ErrStop) || inv.Budget.Err() != nil:
		return 2
	case err != nil:
		inv.Errorf("%v\ntar: Error is not recoverable: exiting now", err)
		return 2
	}
	if a.status != 0 {
		inv.Errorf("Exiting with failure status due to previous errors")
	}
	return a.status
}

// oldTarArgs turns "tar cvf A" into "tar -c -v -f A".
func oldTarArgs(args []string) []string {
	if len(args) < 2 || args[1] == "" || args[1][0] == '-' {
		return args
	}
	out, rest := []string{args[0]}, args[2:]
	for _, c := range args[1] {
		out = append(out, "-"+string(c))
		if strings.ContainsRune("fCTXb", c) && len(rest) > 0 {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return append(out, rest...)
}

func (a *archiver) option(o cli.Option) int {
	switch o.Key {
	case "c", "x", "t", "r", "u":
		if a.mode != 0 && a.mode != o.Key[0] {
			a.inv.Errorf("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option\nTry 'tar --help' or 'tar --usage' for more information.")
			return 2
		}
		a.mode = o.Key[0]
	case "f":
		a.file = o.Value
	case "z":
		a.format = codec.Gzip
	case "j":
		a.format = codec.Bzip2
	case "J":
		a.format = codec.Xz
	case "lzma":
		a.format = codec.Lzma
	case "zstd":
		a.format = codec.Zstd
	case "Z":
		a.format = codec.Compress
	case "a":
		a.auto = true
	case "no-auto-compress":
		a.auto = false
	case "v":
		a.verbose = true
	case "C":
		if strings.HasPrefix(o.Value, "/") {
			a.dir = o.Value
		} else {
			a.dir = strings.TrimSuffix(a.dir, "/") + "/" + o.Value
		}
		if i, err := a.inv.FS.Stat(a.dir); err != nil || !i.IsDir() {
			a.inv.Errorf("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", o.Value, dirError(err))
			return 2
		}
	case "O":
		a.toStdout = true
	case "k":
		a.keep = true
	case "h":
		a.follow = true
	case "m":
		a.noTime = true
	case "P":
		a.absolute = true
	case "remove-files":
		a.remove = true
	case "no-recursion":
		a.flat = true
	case "wildcards":
		a.wildcards = true
	case "exclude":
		a.excludePattern(o.Value)
	case "T", "X":
		f, err := cli.Open(a.inv, o.Value)
		if err != nil {
			a.inv.Errorf("%s: Cannot open: %v\ntar: Error is not recoverable: exiting now", o.Value, err)
			return 2
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if o.Key == "X" {
				a.excludePattern(lines.Text())
			} else if lines.Text() != "" {
				a.names = append(a.names, lines.Text())
			}
		}
	case "strip-components":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			a.inv.Errorf("%s: Invalid number of elements", o.Value)
			return 2
		}
		a.strip = n
	}
	return 0
}

// excludePattern matches a whole name or the end of one that begins after a slash.
func (a *archiver) excludePattern(pattern string) {
	match := cli.Glob(strings.TrimSuffix(pattern, "/"))
	a.exclude = append(a.exclude, func(name string) bool {
		name = strings.TrimSuffix(name, "/")
		for {
			if match(name) {
				return true
			}
			_, rest, ok := strings.Cut(name, "/")
			if !ok {
				return false
			}
			name = rest
		}
	})
}

func (a *archiver) excluded(name string) bool {
	for _, match := range a.exclude {
		if match(name) {
			return true
		}
	}
	return false
}

func (a *archiver) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimSuffix(a.dir, "/") + "/" + name
}

func (a *archiver) fail(format string, args ...any) {
	a.inv.Errorf(format, args...)
	a.status = 2
}
