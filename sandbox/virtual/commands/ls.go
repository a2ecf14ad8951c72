package commands

import (
	"bufio"
	"context"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/sort"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// lister is one call of ls.
type lister struct {
	ctx context.Context
	inv *shell.Invocation
	out *bufio.Writer

	hidden                 byte // 'a', 'A' or 0
	dirs, recursive        bool
	format                 byte // '1', 'C', 'x', 'm', 'l'
	owner, group, numeric  bool
	inode, blocks          bool
	human                  int // 1024, 1000 or 0
	unit                   int64
	sort                   byte // 'n'ame, 'S', 't', 'X', 'v', 'U'
	reverse, dirsFirst     bool
	time                   byte // 'm', 'a' or 'c'
	style                  string
	indicate               byte // 0, '/', 'F', 'f'
	quote                  string
	width                  int
	tabs                   int // how far apart; columns are parted with tabs where they fit
	ignore, hide           []func(string) bool
	follow, followOperands bool
	zero                   bool
	colors                 *lsColors // nil: none
	zone                   *time.Location
	status                 int
	shown                  bool // something was printed
}

// entry is one file to list.
type entry struct {
	name string
	path string
	info vfs.Info
	to   *vfs.Info // what a symbolic link leads to that is listed itself; nil if it dangles
	dir  bool      // for --group-directories-first
}

func ls(ctx context.Context, inv *shell.Invocation) int {
	spec := lsSpec()
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	l := &lister{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), format: '1', owner: true, group: true,
		unit: 1024, sort: 'n', time: 'm', width: 80, tabs: 8, quote: "literal"}
	tz, _ := inv.Env.Get("TZ")
	l.zone = datetime.Zone(tz)
	if columns, ok := inv.Env.Get("COLUMNS"); ok {
		if n, err := strconv.Atoi(columns); err == nil && n > 0 {
			l.width = n
		}
	}
	switch path.Base(inv.Args[0]) {
	case "dir":
		l.format, l.quote = 'C', "escape"
	case "vdir":
		l.format, l.quote = 'l', "escape"
	}
	if status := l.options(spec, p.Options); status != 0 {
		return status
	}
	l.operands(p.Operands)
	l.out.Flush()
	return l.status
}

// operands lists files first, then directories.
func (l *lister) operands(names []string) {
	if len(names) == 0 {
		names = []string{"."}
	}
	var files, dirs []entry
	for _, name := range names {
		follow := l.follow || l.followOperands || l.format != 'l' && !l.dirs && l.indicate != 'F'
		e, err := l.stat(name, l.inv.Path(name), follow)
		if err != nil {
			l.inv.Errorf("cannot access %s: %v", cli.Quote(name), err)
			l.status = 2
			continue
		}
		if e.info.IsDir() && !l.dirs {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	l.order(files)
	l.order(dirs)
	if len(files) > 0 {
		l.print(files)
	}
	titles := l.recursive || len(names) > 1
	for _, d := range dirs {
		if !l.list(d, titles, 0) {
			return
		}
	}
}

func (l *lister) stat(name, full string, follow bool) (entry, error) {
	if name == "" {
		return entry{}, vfs.ErrNotExist
	}
	info, err := l.inv.FS.Lstat(full)
	if err != nil {
		return entry{}, err
	}
	e := entry{name: name, path: full, info: info}
	if info.Mode&fs.ModeSymlink != 0 {
		to, err := l.inv.FS.Stat(full)
		switch {
		case err == nil && follow:
			e.info = to
		case err == nil:
			e.to, e.dir = &to, to.IsDir()
		case l.follow:
			return entry{}, err
		}
	}
	e.dir = e.dir || e.info.IsDir()
	return e, nil
}

// list prints what is in a directory; false ends ls.
func (l *lister) list(d entry, title bool, depth int) bool {
	if l.inv.Budget.Work(1) != nil || l.ctx.Err() != nil {
		return false
	}
	infos, err := l.inv.FS.ReadDir(d.path)
	if err != nil {
		l.out.Flush()
		l.inv.Errorf("cannot open directory %s: %v", cli.Quote(d.name), err)
		l.status = max(l.status, 1)
		if depth == 0 {
			l.status = 2
		}
		return true
	}
	if title {
		if l.shown {
			l.out.WriteByte('\n')
		}
		l.out.WriteString(l.quoted(d.name) + ":\n")
		l.shown = true
	}
	var entries []entry
	if l.hidden == 'a' {
		for _, name := range []string{".", ".."} {
			if e, err := l.stat(name, d.path+"/"+name, true); err == nil {
				entries = append(entries, e)
			}
		}
	}
	for _, info := range infos {
		if l.inv.Budget.Work(1) != nil {
			return false
		}
		if l.skip(info.Name) {
			continue
		}
		e, err := l.stat(info.Name, path.Join(d.path, info.Name), l.follow)
		if err != nil && l.follow && info.Mode&fs.ModeSymlink != 0 {
			if l.format == 'l' || l.indicate != 0 || l.inode || l.blocks || strings.IndexByte("tS", l.sort) >= 0 {
				l.inv.Errorf("cannot access %s: %v", cli.Quote(path.Join(d.name, info.Name)), err)
				l.status = max(l.status, 1)
			}
			if l.format != 'l' { // a name needs no more than itself
				e, err = l.stat(info.Name, path.Join(d.path, info.Name), false)
			}
		}
		if err != nil {
			l.status = max(l.status, 1)
			continue
		}
		entries = append(entries, e)
	}
	l.order(entries)
	if l.format == 'l' || l.blocks {
		total := int64(0)
		for _, e := range entries {
			total += blocksOf(e.info)
		}
		l.out.WriteString("total " + l.blockSize(total) + "\n")
	}
	l.print(entries)
	l.shown = true
	if !l.recursive {
		return l.out.Flush() == nil
	}
	for _, e := range entries {
		if e.info.IsDir() && e.name != "." && e.name != ".." {
			name := strings.TrimSuffix(d.name, "/") + "/" + e.name
			if !l.list(entry{name: name, path: e.path, info: e.info}, true, depth+1) {
				return false
			}
		}
	}
	return true
}

func (l *lister) skip(name string) bool {
	if name[0] == '.' && l.hidden == 0 {
		return true
	}
	match := func(patterns []func(string) bool) bool {
		return slices.ContainsFunc(patterns, func(m func(string) bool) bool { return m(name) })
	}
	return match(l.ignore) || l.hidden == 0 && match(l.hide)
}

func (l *lister) order(entries []entry) {
	when := func(e entry) time.Time { return l.when(e.info) }
	slices.SortStableFunc(entries, func(a, b entry) int {
		if l.dirsFirst && a.dir != b.dir {
			if a.dir {
				return -1
			}
			return 1
		}
		if l.sort == 'U' {
			return 0
		}
		c := 0
		switch l.sort {
		case 'S':
			c = int(min(1, max(-1, b.info.Size-a.info.Size)))
		case 't':
			c = when(b).Compare(when(a))
		case 'X':
			c = strings.Compare(extension(a.name), extension(b.name))
		case 'v':
			c = sort.CompareVersions(a.name, b.name)
		case 'W':
			c = nameWidth(l.quoted(a.name)) - nameWidth(l.quoted(b.name))
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		if l.reverse {
			c = -c
		}
		return c
	})
}

// extension is the last dot of a name and what follows.
func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

func (l *lister) when(i vfs.Info) time.Time {
	switch l.time {
	case 'a':
		return i.AccessTime
	case 'c':
		return i.ChangeTime
	}
	return i.ModTime
}

// blocksOf is the allocated size of a file in bytes: whole blocks of 4096.
func blocksOf(i vfs.Info) int64 {
	if i.Mode&(fs.ModeSymlink|fs.ModeDevice) != 0 {
		return 0
	}
	return (i.Size + 4095) / 4096 * 4096
}
