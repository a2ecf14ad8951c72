package commands

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const treeUsage = `[-adfipsh] [-L LEVEL] [-P PATTERN] [-I PATTERN] [--dirsfirst] [--noreport] [DIRECTORY]...
Show directories as trees.

  -a  hidden files too   -d  directories only   -f  full paths   -i  no lines   -L  so many levels
  -P, -I  only, not files that match   -s, -h  sizes   -p  modes   -F  indicators   -r  reverse   --dirsfirst  --noreport
`

// treePrinter is one call of tree.
type treePrinter struct {
	ctx context.Context
	inv *shell.Invocation
	out *bufio.Writer

	all, onlyDirs, full, flat, sizes, human, modes, mark, reverse, dirsFirst bool
	level                                                                    int
	only, not                                                                []func(string) bool
	dirs, files                                                              int
	status                                                                   int
}

func tree(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: treeUsage, Short: "adfFhiI:L:nNpP:rsC", Long: "dirsfirst noreport prune charset:"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	t := &treePrinter{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), level: -1}
	report := true
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			t.all = true
		case "d":
			t.onlyDirs = true
		case "f":
			t.full = true
		case "F":
			t.mark = true
		case "h":
			t.human, t.sizes = true, true
		case "i":
			t.flat = true
		case "I":
			for _, pattern := range strings.Split(o.Value, "|") {
				t.not = append(t.not, cli.Glob(pattern))
			}
		case "L":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 1 {
				inv.Errorf("Invalid level, must be greater than 0.")
				return 1
			}
			t.level = n
		case "p":
			t.modes = true
		case "P":
			for _, pattern := range strings.Split(o.Value, "|") {
				t.only = append(t.only, cli.Glob(pattern))
			}
		case "r":
			t.reverse = true
		case "s":
			t.sizes = true
		case "dirsfirst":
			t.dirsFirst = true
		case "noreport":
			report = false
		}
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, name := range names {
		info, err := inv.FS.Stat(inv.Path(name))
		if err != nil || !info.IsDir() {
			fmt.Fprintf(t.out, "%s  [error opening dir]\n", name)
			t.status = 2
			continue
		}
		fmt.Fprintln(t.out, name)
		t.dirs++
		t.below(name, inv.Path(name), "", 1)
	}
	if report {
		t.report()
	}
	if t.out.Flush() != nil || inv.Budget.Err() != nil {
		return 1
	}
	return t.status
}

func (t *treePrinter) report() {
	plural := func(n int, one, many string) string {
		if n == 1 {
			return fmt.Sprintf("%d %s", n, one)
		}
		return fmt.Sprintf("%d %s", n, many)
	}
	line := "\n" + plural(t.dirs-min(1, t.dirs), "directory", "directories")
	if !t.onlyDirs {
		line += ", " + plural(t.files, "file", "files")
	}
	fmt.Fprintln(t.out, line)
}

func (t *treePrinter) shown(i vfs.Info) bool {
	match := func(m func(string) bool) bool { return m(i.Name) }
	switch {
	case i.Name[0] == '.' && !t.all, t.onlyDirs && !i.IsDir(), slices.ContainsFunc(t.not, match):
		return false
	}
	return i.IsDir() || len(t.only) == 0 || slices.ContainsFunc(t.only, match)
}

func (t *treePrinter) below(name, full, indent string, depth int) {
	if t.level >= 0 && depth > t.level || t.inv.Budget.Work(1) != nil || t.ctx.Err() != nil {
		return
	}
	all, err := t.inv.FS.ReadDir(full)
	if err != nil {
		t.status = 2
		return
	}
	var list []vfs.Info
	for _, i := range all {
		if t.shown(i) {
			list = append(list, i)
		}
	}
	if t.reverse {
		slices.Reverse(list)
	}
	if t.dirsFirst {
		slices.SortStableFunc(list, func(a, b vfs.Info) int {
			switch {
			case a.IsDir() == b.IsDir():
				return 0
			case a.IsDir():
				return -1
			}
			return 1
		})
	}
	for n, i := range list {
		branch, more := "├── ", "│   "
		if n == len(list)-1 {
			branch, more = "└── ", "    "
		}
		if t.flat {
			branch, more = "", ""
		}
		path := strings.TrimSuffix(name, "/") + "/" + i.Name
		t.out.WriteString(indent + branch + t.label(i, path) + "\n")
		if i.IsDir() {
			t.dirs++
			t.below(path, full+"/"+i.Name, indent+more, depth+1)
		} else {
			t.files++
		}
	}
}

func (t *treePrinter) label(i vfs.Info, path string) string {
	var notes []string
	if t.modes {
		notes = append(notes, filemode.Letters(i.Mode))
	}
	if t.sizes {
		size := fmt.Sprintf("%11d", i.Size)
		if t.human {
			size = fmt.Sprintf("%4s", humanSize(i.Size, 1024))
		}
		notes = append(notes, size)
	}
	text := i.Name
	if t.full {
		text = path
	}
	if len(notes) > 0 {
		text = "[" + strings.Join(notes, " ") + "]  " + text
	}
	switch {
	case i.Mode&fs.ModeSymlink != 0:
		text += " -> " + i.Target
	case t.mark && i.IsDir():
		text += "/"
	case t.mark && i.Mode&0o111 != 0:
		text += "*"
	}
	return text
}
