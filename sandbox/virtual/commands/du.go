package commands

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const duUsage = `[OPTION]... [FILE]...
Sum up the space that the FILEs, or the current directory, take.

  -a, --all  -s, --summarize  -c, --total  -d, --max-depth=N  -S, --separate-dirs
  -h, --human-readable  --si  -k  -m  -b, --bytes  --apparent-size  -B, --block-size=SIZE
  -L -H -D -P  -x  -l  -0, --null  --exclude=PATTERN  --time  -t, --threshold=SIZE  --inodes
`

// usage is one call of du.
type usage struct {
	ctx context.Context
	inv *shell.Invocation
	out *bufio.Writer

	all, apparent, separate, follow, inodes, links, time bool
	depth                                                int // -1: any
	human                                                int
	unit                                                 int64
	letter                                               string // behind each number
	threshold                                            int64
	end                                                  byte
	exclude                                              []func(string) bool
	seen                                                 map[uint64]bool
	status                                               int
}

func du(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: duUsage, Short: "0abB:cd:DhHklLmPsSt:xX:",
		Long: "all=a apparent-size bytes=b block-size:=B total=c max-depth:=d dereference-args=D human-readable=h si count-links=l dereference=L " +
			"no-dereference=P summarize=s separate-dirs=S threshold:=t one-file-system=x exclude: null=0 inodes time:: time-style: files0-from: exclude-from:=X"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	u := &usage{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), depth: -1, unit: 1024, end: '\n', seen: map[uint64]bool{}}
	total, summarize, follow, depthGiven := false, false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "0":
			u.end = 0
		case "a":
			u.all = true
		case "apparent-size":
			u.apparent = true
		case "b":
			u.apparent, u.unit, u.human, u.letter = true, 1, 0, ""
		case "B":
			n, ok := cli.Size(o.Value)
			if !ok || n == 0 {
				inv.Errorf("invalid -B argument %s", cli.QuoteText(o.Value))
				return 1
			}
			u.unit, u.human, u.letter = n, 0, ""
			if o.Value[0] < '0' || o.Value[0] > '9' { // a unit without a number is shown
				u.letter = strings.Replace(o.Value, "KB", "kB", 1)
			}
		case "c":
			total = true
		case "d":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				return spec.Misuse(inv, "invalid maximum depth %s", cli.QuoteText(o.Value))
			}
			u.depth, depthGiven = n, true
		case "D", "H":
			follow = true
		case "h":
			u.human = 1024
		case "si":
			u.human = 1000
		case "inodes":
			u.inodes = true
		case "k":
			u.unit, u.human, u.letter = 1024, 0, ""
		case "l":
			u.links = true
		case "L":
			u.follow = true
		case "m":
			u.unit, u.human, u.letter = 1<<20, 0, ""
		case "s":
			summarize = true
		case "S":
			u.separate = true
		case "t":
			text, negative := strings.CutPrefix(o.Value, "-")
			n, ok := cli.Size(text)
			if !ok {
				inv.Errorf("invalid --threshold argument %s", cli.QuoteText(o.Value))
				return 1
			}
			if u.threshold = n; negative {
				u.threshold = -n
			}
		case "time":
			if u.time = true; o.Has {
				if _, wrong := spec.Choose(inv, "time", o.Value, "atime", "access=atime", "use=atime", "ctime", "status=ctime"); wrong != 0 {
					return wrong
				}
			}
		case "exclude":
			u.exclude = append(u.exclude, cli.Glob(o.Value))
		}
	}
	switch {
	case summarize && u.all:
		return spec.Misuse(inv, "cannot both summarize and show all entries")
	case summarize && depthGiven && u.depth > 0:
		return spec.Misuse(inv, "warning: summarizing conflicts with --max-depth=%d", u.depth)
	case summarize:
		u.depth = 0
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"."}
	}
	sum := int64(0)
	for _, name := range names {
		n, _ := u.walk(name, inv.Path(name), 0, follow)
		sum += n
	}
	if total {
		u.line(sum, "total", vfs.Info{ModTime: inv.Now()})
	}
	if u.out.Flush() != nil || inv.Budget.Err() != nil {
		return 1
	}
	return u.status
}

func (u *usage) size(i vfs.Info) int64 {
	switch {
	case u.inodes:
		return 1
	case !u.apparent:
		return blocksOf(i)
	case i.IsDir() || i.Mode.IsRegular() || i.Mode&fs.ModeSymlink != 0:
		return i.Size
	}
	return 0
}

// walk prints a tree's lines and returns its size; own is that of its files alone.
func (u *usage) walk(name, full string, depth int, follow bool) (size, own int64) {
	if u.inv.Budget.Work(1) != nil || u.ctx.Err() != nil {
		return 0, 0
	}
	stat := u.inv.FS.Lstat
	if u.follow || follow {
		stat = u.inv.FS.Stat
	}
	info, err := stat(full)
	if err != nil {
		u.out.Flush()
		u.inv.Errorf("cannot access %s: %v", cli.Quote(name), err)
		u.status = 1
		return 0, 0
	}
	for _, match := range u.exclude {
		if match(path.Base(name)) || match(name) {
			return 0, 0
		}
	}
	if u.seen[info.Ino] && !u.links {
		return 0, 0
	}
	if info.IsDir() || info.Nlink > 1 || depth == 0 {
		u.seen[info.Ino] = true
	}
	size = u.size(info)
	if !info.IsDir() {
		if u.all && (u.depth < 0 || depth <= u.depth) || depth == 0 {
			u.line(size, name, info)
		}
		return size, size
	}
	own = size
	list, err := u.inv.FS.ReadDir(full)
	if err != nil {
		u.out.Flush()
		u.inv.Errorf("cannot read directory %s: %v", cli.Quote(name), err)
		u.status = 1
	}
	for _, i := range list {
		n, _ := u.walk(strings.TrimSuffix(name, "/")+"/"+i.Name, full+"/"+i.Name, depth+1, false)
		size += n
		if !i.IsDir() {
			own += n
		}
	}
	if u.depth < 0 || depth <= u.depth {
		shown := size
		if u.separate {
			shown = own
		}
		u.line(shown, name, info)
	}
	return size, own
}

func (u *usage) line(size int64, name string, info vfs.Info) {
	if u.threshold > 0 && size < u.threshold || u.threshold < 0 && size > -u.threshold {
		return
	}
	text := ""
	switch {
	case u.human > 0:
		text = humanSize(size, u.human)
	case u.inodes:
		text = strconv.FormatInt(size, 10)
	default:
		text = strconv.FormatInt((size+u.unit-1)/u.unit, 10) + u.letter
	}
	if u.time {
		text += "\t" + datetime.Format(info.ModTime.UTC(), "%Y-%m-%d %H:%M")
	}
	fmt.Fprintf(u.out, "%s\t%s%c", text, name, u.end)
}
