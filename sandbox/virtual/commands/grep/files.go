package grep

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// files searches the operands.
func (g *grep) files(files []string, nameSet bool) {
	switch {
	case len(files) == 0 && g.recursive:
		g.walk("", ".")
		return
	case len(files) == 0:
		files = []string{"-"}
	case len(files) == 1 && g.recursive && !nameSet:
		info, err := g.inv.FS.Stat(g.inv.Path(files[0]))
		g.names = err != nil || info.IsDir()
	}
	for _, name := range files {
		switch {
		case g.stopped:
			return
		case name == "-":
			if g.feedsItself(g.inv.Stdin) {
				g.fail(g.label, "input file is also the output")
				continue
			}
			g.search(g.label, g.inv.Stdin)
		default:
			g.operand(name)
		}
	}
}

func (g *grep) operand(name string) {
	if info, err := g.inv.FS.Stat(g.inv.Path(name)); err == nil && info.IsDir() {
		switch {
		case g.recursive:
			if !excluded(g.dirFilters, strings.TrimRight(name, "/"), true) {
				g.walk(name, name)
			}
		case !g.skipDirs:
			g.fail(name, "Is a directory")
			g.report(name, 0) // of which nothing could be read
		}
		return
	}
	if !excluded(g.filters, name, true) {
		g.file(name)
	}
}

func (g *grep) file(name string) {
	if g.skipDevices && g.isDevice(name) {
		return
	}
	f, err := g.inv.Open(name)
	if err != nil {
		g.fail(name, err)
		return
	}
	if g.feedsItself(f) {
		g.fail(name, "input file is also the output")
		f.Close()
		return
	}
	g.search(name, f)
	f.Close()
}

// isDevice says whether a name leads to what is no file or directory.
func (g *grep) isDevice(name string) bool {
	info, err := cli.Stat(g.inv, name)
	return err == nil && !info.IsDir() && !info.Mode.IsRegular()
}

// feedsItself says whether what is found would be written to the end of the very file that is searched.
func (g *grep) feedsItself(r any) bool {
	in, ok1 := r.(stater)
	out, ok2 := g.inv.Stdout.(stater)
	if !ok1 || !ok2 || g.quiet || g.list || g.listOthers || g.max == 0 || g.max == 1 {
		return false
	}
	to, err := out.Stat()
	if err != nil || !to.Mode.IsRegular() {
		return false
	}
	from, err := in.Stat()
	return err == nil && from.Mode.IsRegular() && from.Ino == to.Ino
}

// stater is an open file.
type stater interface{ Stat() (vfs.Info, error) }
