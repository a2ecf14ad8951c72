// Package find is the command find. Run walks through the files; parse.go reads the expression, primary.go its tests and
// actions: name.go has the tests of names, age.go those of times, and status.go those of what else stat(2) tells.
package find

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const usage = `Usage: find [-H] [-L] [-P] [path...] [expression]

Options: -depth -maxdepth N -mindepth N -mount -xdev -daystart -follow -regextype TYPE
Operators: ( EXPR )  ! EXPR  -not EXPR  EXPR1 -a EXPR2  EXPR1 -o EXPR2  EXPR1 , EXPR2
Tests: -name -iname -path -ipath -wholename -lname -ilname -regex -iregex PATTERN
       -type -xtype [fdlcbps]  -size N[bcwkMG]  -empty  -perm [-/]MODE  -readable -writable -executable
       -newer FILE  -newerXY REF  -anewer -cnewer FILE  -mtime -atime -ctime N  -mmin -amin -cmin N  -used N
       -user NAME -uid N -group NAME -gid N -nouser -nogroup  -links N  -inum N  -samefile FILE  -true -false
Actions: -print -print0 -printf FORMAT -fprint FILE -fprint0 FILE -fprintf FILE FORMAT -ls -fls FILE
       -exec COMMAND ; -exec COMMAND {} + -execdir COMMAND ; -ok COMMAND ; -delete -prune -quit
`

// finder is one call of find.
type finder struct {
	ctx  context.Context
	inv  *shell.Invocation
	out  *bufio.Writer
	zone *time.Location

	follow             byte // 'P', 'L' or 'H'
	depthFirst         bool
	maxDepth, minDepth int
	root               node
	files              map[string]*bufio.Writer // of -fprint and its like
	closers            []func()
	batches            []*execution // -exec … +

	quit   bool
	status int
}

// entry is the file that is being looked at.
type entry struct {
	name  string // as it is printed
	full  string // absolute
	start string // the operand below which it is
	depth int
	info  vfs.Info
	prune bool
}

// Run is the command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	tz, _ := inv.Env.Get("TZ")
	f := &finder{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), zone: datetime.Zone(tz), follow: 'P', maxDepth: -1,
		files: map[string]*bufio.Writer{}}
	args := inv.Args[1:]
	for len(args) > 0 {
		switch a := args[0]; {
		case a == "-H" || a == "-L" || a == "-P":
			f.follow = a[1]
		case strings.HasPrefix(a, "-O") || a == "-D":
			if a == "-D" {
				if len(args) == 1 {
					inv.Errorf("Missing argument after the -D option.\nTry '%s --help' for more information.", path.Base(inv.Args[0]))
					return 1
				}
				args = args[1:]
			}
		case a == "--":
		default:
			goto paths
		}
		args = args[1:]
	}
paths:
	var starts []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "(" && args[0] != "!" {
		starts, args = append(starts, args[0]), args[1:]
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-help") {
		inv.Stdout.Write([]byte(usage))
		return 0
	}
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-version") {
		fmt.Fprintln(inv.Stdout, "find (flue, compatible with GNU)")
		return 0
	}
	p := &parser{f: f, args: args}
	root, err := p.parse()
	defer f.close()
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	f.root = root
	for _, s := range starts {
		if f.quit || !f.start(s) {
			break
		}
	}
	for _, b := range f.batches {
		b.flush(f)
	}
	if f.out.Flush() != nil {
		return 1
	}
	return f.status
}

func (f *finder) close() {
	for _, c := range f.closers {
		c()
	}
}

func (f *finder) fail(format string, args ...any) {
	f.out.Flush()
	f.inv.Errorf(format, args...)
	f.status = 1
}

func (f *finder) start(name string) bool {
	full := f.inv.Path(name)
	info, err := f.stat(full, true)
	if err != nil {
		f.fail("%s: %v", cli.Quote(name), err)
		return true
	}
	return f.visit(&entry{name: name, full: full, start: name, info: info}, nil)
}

// stat follows links as -P, -L and -H say; a dangling link stands for itself.
func (f *finder) stat(full string, top bool) (vfs.Info, error) {
	if f.follow == 'L' || f.follow == 'H' && top {
		if i, err := f.inv.FS.Stat(full); err == nil {
			return i, nil
		}
	}
	return f.inv.FS.Lstat(full)
}

// visit evaluates the expression on e and goes into directories; false ends find.
func (f *finder) visit(e *entry, above []uint64) bool {
	if f.inv.Budget.Work(1) != nil || f.ctx.Err() != nil {
		f.status = 1
		return false
	}
	if !f.depthFirst && !f.evaluate(e) {
		return false
	}
	if e.info.IsDir() && !(e.prune && !f.depthFirst) && (f.maxDepth < 0 || e.depth < f.maxDepth) {
		for _, ino := range above {
			if ino == e.info.Ino {
				f.fail("File system loop detected; %s is part of the same file system loop as %s.", cli.Quote(e.name), cli.Quote(path.Dir(e.name)))
				return true
			}
		}
		list, err := f.inv.FS.ReadDir(e.full)
		if err != nil {
			f.fail("%s: %v", cli.Quote(e.name), err)
		}
		prefix := strings.TrimSuffix(e.name, "/") + "/"
		if e.name == "" {
			prefix = ""
		}
		above = append(above, e.info.Ino)
		for _, i := range list {
			child := &entry{name: prefix + i.Name, full: strings.TrimSuffix(e.full, "/") + "/" + i.Name, start: e.start, depth: e.depth + 1, info: i}
			if f.follow == 'L' && i.Mode&fs.ModeSymlink != 0 {
				child.info, _ = f.stat(child.full, false)
			}
			if !f.visit(child, above) {
				return false
			}
		}
	}
	return !f.depthFirst || f.evaluate(e)
}

func (f *finder) evaluate(e *entry) bool {
	if e.depth >= f.minDepth {
		f.root.eval(f, e)
		// An error of the writer sticks.
		if _, err := f.out.Write(nil); err != nil {
			return false
		}
	}
	return !f.quit
}

// base is the last component of a name, as -name sees it.
func base(name string) string {
	trimmed := strings.TrimRight(name, "/")
	if trimmed == "" && name != "" {
		return "/"
	}
	return trimmed[strings.LastIndexByte(trimmed, '/')+1:]
}
