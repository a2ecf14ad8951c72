package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const cpioUsage = `-o [OPTION]... < NAMES > ARCHIVE
       cpio -i [OPTION]... [PATTERN]... < ARCHIVE
       cpio -p [OPTION]... DIRECTORY < NAMES
Keep files in an archive, or copy them.

  -o, --create   -i, --extract   -t, --list   -p, --pass-through
  -H, --format=FORMAT   bin, the default, odc, newc or crc   -c  odc
  -F, --file=ARCHIVE   -I, -O ARCHIVE   of input, output
  -d, --make-directories   -m, --preserve-modification-time   -u, --unconditional   -l, --link
  -f, --nonmatching   -E, --pattern-file=FILE   -L, --dereference   -0, --null   -D, --directory=DIR
  -v, --verbose   -V, --dot   --quiet   -n, --numeric-uid-gid   --to-stdout   --absolute-filenames   -B   -C SIZE
`

// cpioCall is one call of cpio.
type cpioCall struct {
	ctx  context.Context
	inv  *shell.Invocation
	mode byte // o, i or p
	dir  string

	format, file                               string
	list, dirs, times, unconditional, link     bool
	others, follow, null, verbose, dots, quiet bool
	numeric, toStdout, absolute                bool
	patterns                                   []func(string) bool
	block                                      int64
	bytes                                      int64 // of the archive
	warned                                     bool
	linked                                     map[uint32]string        // where a file with several names was extracted to
	waiting                                    map[uint32][]*cpioHeader // names of a file whose content is still to come
	status                                     int
}

func cpio(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: cpioUsage, Fail: 2, Hint: "Try 'cpio --help' or 'cpio --usage' for more information.", Short: "oitpH:cF:I:O:AdmulfE:L0D:vVnBC:R:akrsSbM:W:",
		Long: "create=o extract=i list=t pass-through=p format:=H file:=F append=A make-directories=d preserve-modification-time=m unconditional=u link=l " +
			"nonmatching=f pattern-file:=E dereference=L null=0 directory:=D verbose=v dot=V quiet numeric-uid-gid=n to-stdout absolute-filenames " +
			"no-absolute-filenames io-size:=C owner:=R reset-access-time=a no-preserve-owner sparse renumber-inodes ignore-devno device-independent reproducible rename=r swap=b swap-bytes=s swap-halfwords=S only-verify-crc force-local"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	c := &cpioCall{ctx: ctx, inv: inv, dir: inv.Dir, format: "bin", block: 512, linked: map[uint32]string{}, waiting: map[uint32][]*cpioHeader{}}
	for _, o := range p.Options {
		if status := c.option(spec, o); status != 0 {
			return status
		}
	}
	var err error
	switch {
	case c.mode == 0:
		return spec.Misuse(inv, "You must specify one of -oipt options.")
	case c.mode == 'i':
		for _, pattern := range p.Operands {
			c.patterns = append(c.patterns, cli.Glob(pattern))
		}
		err = c.extract()
	case c.mode == 'p':
		if len(p.Operands) != 1 {
			return spec.Misuse(inv, "Mode requires one argument: the directory")
		}
		err = c.pass(p.Operands[0])
	case len(p.Operands) > 0:
		return spec.Misuse(inv, "Too many arguments")
	default:
		err = c.create()
	}
	switch {
	case errors.Is(err, cli.ErrStop) || inv.Budget.Err() != nil:
		return 2
	case err != nil:
		inv.Errorf("%v", err)
		return 2
	}
	if c.dots {
		fmt.Fprintln(inv.Stderr)
	}
	if !c.quiet {
		blocks := (c.bytes + c.block - 1) / c.block
		fmt.Fprintf(inv.Stderr, "%d block%s\n", blocks, map[bool]string{false: "s"}[blocks == 1])
	}
	return c.status
}

func (c *cpioCall) option(spec *cli.Spec, o cli.Option) int {
	switch o.Key {
	case "o", "i", "p", "t":
		mode := o.Key[0]
		if mode == 't' {
			c.list, mode = true, 'i'
		}
		if c.mode != 0 && c.mode != mode {
			return spec.Misuse(c.inv, "Mode already defined")
		}
		c.mode = mode
	case "H":
		c.format = strings.ToLower(o.Value)
		if cpioFormats[c.format] == 0 {
			return spec.Misuse(c.inv, "invalid archive format '%s'; valid formats are:\nbin odc newc crc (all lower case)", o.Value)
		}
	case "c":
		c.format = "odc"
	case "F", "I", "O":
		c.file = o.Value
	case "A":
		return spec.Misuse(c.inv, "--append is not available here: make a new archive")
	case "d":
		c.dirs = true
	case "m":
		c.times = true
	case "u":
		c.unconditional = true
	case "l":
		c.link = true
	case "f":
		c.others = true
	case "E":
		return c.patternFile(o.Value)
	case "L":
		c.follow = true
	case "0":
		c.null = true
	case "D":
		c.dir = c.inv.Path(o.Value)
		if i, err := c.inv.FS.Stat(c.dir); err != nil || !i.IsDir() {
			c.inv.Errorf("cannot change to directory '%s': %s", o.Value, dirError(err))
			return 2
		}
	case "v":
		c.verbose = true
	case "V":
		c.dots = true
	case "quiet":
		c.quiet = true
	case "n":
		c.numeric = true
	case "to-stdout":
		c.toStdout = true
	case "absolute-filenames":
		c.absolute = true
	case "B":
		c.block = 5120
	case "C":
		n, err := strconv.ParseInt(o.Value, 10, 32)
		if err != nil || n <= 0 {
			return spec.Misuse(c.inv, "invalid block size")
		}
		c.block = n
	}
	return 0
}

func (c *cpioCall) patternFile(name string) int {
	f, err := cli.Open(c.inv, name)
	if err != nil {
		c.inv.Errorf("%s: %v", name, err)
		return 2
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if c.inv.Budget.Work(1) != nil {
			return 2
		}
		c.patterns = append(c.patterns, cli.Glob(lines.Text()))
	}
	return 0
}

// path is where a file is, below the directory of -D.
func (c *cpioCall) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimSuffix(c.dir, "/") + "/" + name
}

func (c *cpioCall) fail(format string, args ...any) {
	c.inv.Errorf(format, args...)
	c.status = 2
}

// tell is -v and -V.
func (c *cpioCall) tell(name string) {
	switch {
	case c.dots:
		io.WriteString(c.inv.Stderr, ".")
	case c.verbose:
		fmt.Fprintln(c.inv.Stderr, name)
	}
}
