// Package diff is the command diff: Run reads the options and goes through directories, lines.go reads and compares
// the lines, and print.go writes the formats.
package diff

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"math"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var spec = cli.Spec{
	Usage: `[OPTION]... FILES
Compare FILES line by line.

      --normal                  output a normal diff (the default)
  -q, --brief                   report only when files differ
  -s, --report-identical-files  report when two files are the same
  -c, -C NUM, --context[=NUM]   output NUM (default 3) lines of copied context
  -u, -U NUM, --unified[=NUM]   output NUM (default 3) lines of unified context
  -e, --ed                      output an ed script
  -n, --rcs                     output an RCS format diff
  -D, --ifdef=NAME              output merged file with '#ifdef NAME' diffs
      --GTYPE-group-format=GFMT format GTYPE input groups with GFMT; GTYPE is old, new, unchanged or changed
      --line-format=LFMT        format all input lines with LFMT
      --LTYPE-line-format=LFMT  format LTYPE input lines with LFMT; LTYPE is old, new or unchanged
  -p, --show-c-function         show which C function each change is in
  -F, --show-function-line=RE   show the most recent line matching RE
  -t, --expand-tabs             expand tabs to spaces in output
  -T, --initial-tab             make tabs line up by prepending a tab
  -y, --side-by-side            output in two columns; -W NUM columns wide
      --left-column             output only the left column of common lines
      --suppress-common-lines   do not output common lines in two columns
      --label=LABEL             use LABEL instead of file name and timestamp
  -r, --recursive               recursively compare any subdirectories found
  -N, --new-file                treat absent files as empty
  -x, --exclude=PAT             exclude files that match PAT
  -i, --ignore-case             ignore case differences in file contents
  -E, -Z, -b, -w, -B            ignore tab expansion, trailing space, amount of white space, all white space, blank lines
  -I, --ignore-matching-lines=RE  ignore changes where all lines match RE
  -a, --text                    treat all files as text
      --strip-trailing-cr       strip trailing carriage return on input
      --color[=WHEN]            always, never or auto
FILES are 'FILE1 FILE2' or 'DIR1 DIR2' or 'DIR FILE' or 'FILE DIR'. Exit status is 0 if inputs are the same, 1 if
different, 2 if trouble.
`,
	Short: "#HX:S:fqscC:uU:eyW:rNx:iEZbwBI:aptTdL:nD:F:",
	Long: "normal brief=q report-identical-files=s context::=c unified::=u ed=e side-by-side=y width:=W suppress-common-lines " +
		"label:=L recursive=r new-file=N exclude:=x exclude-from:=X starting-file:=S forward-ed=f ignore-case=i ignore-tab-expansion=E ignore-trailing-space=Z " +
		"ignore-space-change=b ignore-all-space=w ignore-blank-lines=B ignore-matching-lines:=I text=a strip-trailing-cr " +
		"color:: expand-tabs=t initial-tab=T minimal=d horizon-lines: no-ignore-file-name-case ignore-file-name-case speed-large-files=H show-c-function=p no-dereference unidirectional-new-file left-column rcs=n ifdef:=D show-function-line:=F line-format: old-line-format: " +
		"new-line-format: unchanged-line-format: old-group-format: new-group-format: changed-group-format: unchanged-group-format:",
	Fail: 2, Hint: diffutilsHint,
}

type differ struct {
	ctx    context.Context
	inv    *shell.Invocation
	out    *bufio.Writer
	format byte // '<' normal, 'c', 'u', 'e', 'n', 'y', 'q', '%' for formats
	around int  // lines of context
	width  int
	labels []string

	same, recursive, newFile, asText, onlyChanges bool
	ignoreCase, stripCR                           bool
	space                                         byte // 'w' all, 'b' its amount, 'Z' at the end
	blankLines                                    bool
	ignore                                        *regex.Regexp
	excluded                                      []func(string) bool
	starting                                      string // names before it in a directory are left out
	color                                         bool
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
		switch o.Key {
		case "normal":
			d.format = '<'
		case "X":
			if !d.excludeFrom(o.Value) {
				return 2
			}
		case "S":
			d.starting = o.Value
		case "q", "e", "y", "n", "f":
			d.format = o.Key[0]
		case "c", "u", "C", "U", "#":
			if o.Key != "#" {
				d.format = o.Key[0] | 0x20
			}
			if o.Has {
				n, err := strconv.Atoi(o.Value)
				if err != nil || n < 0 {
					return spec.Misuse(inv, "invalid context length '%s'", o.Value)
				}
				d.around = min(n, math.MaxInt32) // no file has more lines
			}
		case "s":
			d.same = true
		case "W":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n <= 0 {
				return spec.Misuse(inv, "invalid width '%s'", o.Value)
			}
			d.width = n
		case "suppress-common-lines":
			d.onlyChanges = true
		case "L":
			d.labels = append(d.labels, o.Value)
		case "r":
			d.recursive = true
		case "N":
			d.newFile = true
		case "x":
			d.excluded = append(d.excluded, cli.Glob(o.Value))
		case "i":
			d.ignoreCase = true
		case "w", "b":
			if d.space != 'w' {
				d.space = o.Key[0]
			}
		case "Z":
			if d.space == 0 {
				d.space = 'Z'
			}
		case "B":
			d.blankLines = true
		case "I", "F", "p":
			if o.Key == "p" {
				o.Value = "^[[:alpha:]$_]"
			}
			re, err := regex.Compile(o.Value, regex.BRE, 0)
			if err != nil {
				inv.Errorf("%s: %v", o.Value, err)
				return 2
			}
			if o.Key == "I" {
				d.ignore = re
			} else if d.functions = re; o.Key == "p" && d.format == '<' {
				d.format = 'c'
			}
		case "t":
			d.expandTabs = true
		case "T":
			d.initialTab = true
		case "left-column":
			d.leftColumn = true
		case "D":
			d.format = '%'
			d.formats.ifdef(o.Value)
		case "line-format":
			d.format = '%'
			for _, kind := range []string{"old", "new", "unchanged"} {
				d.formats.set(&d.formats.lines, kind, o.Value)
			}
		case "old-line-format", "new-line-format", "unchanged-line-format":
			d.format = '%'
			d.formats.set(&d.formats.lines, strings.TrimSuffix(o.Key, "-line-format"), o.Value)
		case "old-group-format", "new-group-format", "changed-group-format", "unchanged-group-format":
			d.format = '%'
			d.formats.set(&d.formats.groups, strings.TrimSuffix(o.Key, "-group-format"), o.Value)
		case "a":
			d.asText = true
		case "strip-trailing-cr":
			d.stripCR = true
		case "color":
			d.color = o.Value == "always"
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

// file is one side of a comparison.
type file struct {
	name  string
	info  vfs.Info
	err   error
	lines []line
	data  []byte
	ended bool // the last line has its newline
}

func (d *differ) stat(name string) file {
	f := file{name: name}
	if name == "-" {
		f.info = vfs.Info{Name: "-", Mode: 0o644, ModTime: d.inv.Now()}
		return f
	}
	f.info, f.err = cli.Stat(d.inv, name)
	return f
}

// compare compares two names; top says that they are the operands.
func (d *differ) compare(left, right string, top bool) int {
	a, b := d.stat(left), d.stat(right)
	if top && a.err == nil && b.err == nil && a.info.IsDir() != b.info.IsDir() {
		if a.info.IsDir() {
			a = d.stat(strings.TrimSuffix(left, "/") + "/" + path.Base(right))
		} else {
			b = d.stat(strings.TrimSuffix(right, "/") + "/" + path.Base(left))
		}
	}
	missing := 0
	for _, f := range []*file{&a, &b} {
		if f.err == nil {
			continue
		}
		missing++
		if d.newFile && errors.Is(f.err, fs.ErrNotExist) && missing == 1 {
			f.info = vfs.Info{ModTime: time.Unix(0, 0)}
			continue
		}
		d.trouble(f.name, f.err)
	}
	if missing > 0 && !(d.newFile && missing == 1) {
		return 2
	}
	if a.info.IsDir() && b.info.IsDir() {
		return d.directories(a.name, b.name)
	}
	if a.info.IsDir() != b.info.IsDir() {
		if d.newFile && missing == 1 {
			return d.directories(a.name, b.name)
		}
		kind := func(f file) string {
			if f.info.IsDir() {
				return "directory"
			}
			if f.info.Size == 0 {
				return "regular empty file"
			}
			return "regular file"
		}
		d.out.WriteString("File " + a.name + " is a " + kind(a) + " while file " + b.name + " is a " + kind(b) + "\n")
		return 1
	}
	return d.files(&a, &b, top)
}

func (d *differ) trouble(name string, err error) {
	d.out.Flush()
	d.inv.Errorf("%s: %v", name, err)
}

// directories compares the entries of two directories.
func (d *differ) directories(left, right string) (status int) {
	names := map[string]int{}
	for side, dir := range []string{left, right} {
		list, err := d.inv.FS.ReadDir(d.inv.Path(dir))
		if err != nil && !(d.newFile && errors.Is(err, fs.ErrNotExist)) {
			d.trouble(dir, err)
			return 2
		}
		for _, info := range list {
			names[info.Name] |= side + 1
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
next:
	for _, name := range sorted {
		if d.inv.Budget.Work(1) != nil {
			return 2
		}
		if name < d.starting {
			continue
		}
		for _, match := range d.excluded {
			if match(name) {
				continue next
			}
		}
		a, b := strings.TrimSuffix(left, "/")+"/"+name, strings.TrimSuffix(right, "/")+"/"+name
		in := names[name]
		if in != 3 && !d.newFile {
			dir := left
			if in == 2 {
				dir = right
			}
			d.out.WriteString("Only in " + strings.TrimSuffix(dir, "/") + ": " + name + "\n")
			status = max(status, 1)
			continue
		}
		x, y := d.stat(a), d.stat(b)
		if !d.recursive && x.info.IsDir() && y.info.IsDir() {
			d.out.WriteString("Common subdirectories: " + a + " and " + b + "\n")
			continue
		}
		status = max(status, d.compare(a, b, false))
	}
	return status
}

// files compares two files and prints how they differ.
func (d *differ) files(a, b *file, top bool) int {
	whole := d.format == 'y' && !d.onlyChanges || d.format == '%' // what is the same is written too
	if a.name == b.name && a.err == nil && !whole {
		if d.same {
			d.out.WriteString("Files " + a.name + " and " + b.name + " are identical\n")
		}
		return 0
	}
	for _, f := range []*file{a, b} {
		if f.err == nil {
			if err := d.read(f); err != nil {
				if err != cli.ErrStop {
					d.trouble(f.name, err)
				}
				return 2
			}
		}
	}
	identical := string(a.data) == string(b.data)
	if !identical && !d.asText && (isBinary(a.data) || isBinary(b.data)) {
		if d.format == 'q' {
			d.out.WriteString("Files " + a.name + " and " + b.name + " differ\n")
		} else {
			d.out.WriteString("Binary files " + a.name + " and " + b.name + " differ\n")
		}
		return d.done(1)
	}
	var changes []change
	if !identical {
		d.split(a)
		d.split(b)
		var err error
		if changes, err = d.changes(a, b); err != nil {
			return 2
		}
	}
	if len(changes) == 0 {
		if d.same {
			d.out.WriteString("Files " + a.name + " and " + b.name + " are identical\n")
		}
		if whole {
			if identical {
				d.split(a)
				d.split(b)
			}
			if d.format == '%' {
				d.formatted(a, b, nil)
			} else {
				d.sideBySide(a, b, nil)
			}
		}
		return d.done(0)
	}
	if !top && d.format != 'q' {
		d.out.WriteString("diff " + strings.Join(append(d.args, a.name, b.name), " ") + "\n")
	}
	switch d.format {
	case 'q':
		d.out.WriteString("Files " + a.name + " and " + b.name + " differ\n")
	case 'u':
		d.unified(a, b, changes)
	case 'c':
		d.copied(a, b, changes)
	case 'e':
		d.ed(b, changes)
	case 'f':
		d.forwardEd(b, changes)
	case 'n':
		d.rcs(b, changes)
	case '%':
		d.formatted(a, b, changes)
	case 'y':
		d.sideBySide(a, b, changes)
	default:
		d.normal(a, b, changes)
	}
	return d.done(1)
}

// done gives back the memory of two files.
func (d *differ) done(status int) int {
	d.inv.Budget.Release(d.held)
	d.held = 0
	return status
}

func isBinary(data []byte) bool {
	return strings.IndexByte(string(data[:min(len(data), 4096)]), 0) >= 0
}

// excludeFrom reads patterns of names to leave out, one a line.
func (d *differ) excludeFrom(name string) bool {
	r, err := cli.Open(d.inv, name)
	if err != nil {
		d.inv.Errorf("%s: %v", name, err)
		return false
	}
	defer r.Close()
	text, err := cli.ReadAll(d.ctx, d.inv.Budget, r)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if pattern := strings.TrimRight(line, "\n"); pattern != "" {
			d.excluded = append(d.excluded, cli.Glob(pattern))
		}
	}
	return true
}
