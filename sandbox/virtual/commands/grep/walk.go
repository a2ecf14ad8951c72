package grep

import (
	"io/fs"
	"path"
	"strings"
)

// walk searches all files below the directory dir, whose names are printed below shown.
func (g *grep) walk(shown, dir string) {
	list, err := g.inv.FS.ReadDir(g.inv.Path(dir))
	if err != nil {
		g.fail(dir, err)
		return
	}
	for _, info := range list {
		if g.stopped || g.inv.Budget.Work(1) != nil {
			return
		}
		name := info.Name
		if shown != "" {
			name = strings.TrimRight(shown, "/") + "/" + info.Name
			if strings.Trim(shown, "/") == "" {
				name = "/" + info.Name
			}
		}
		if info.Mode&fs.ModeSymlink != 0 {
			if !g.follow {
				continue
			}
			target, err := g.inv.FS.Stat(g.inv.Path(name))
			if err != nil {
				g.fail(name, err)
				continue
			}
			if target.IsDir() && g.loops(name) {
				g.inv.Errorf("warning: %s: recursive directory loop", name)
				continue
			}
			info.Mode = target.Mode
		}
		switch {
		case info.IsDir():
			if !excluded(g.dirFilters, info.Name, false) {
				g.walk(name, name)
			}
		case info.Mode.IsRegular() && !excluded(g.filters, info.Name, false):
			g.file(name)
		}
	}
}

// loops says whether the directory name is a link to one that it is in.
func (g *grep) loops(name string) bool {
	real, err := g.inv.FS.Realpath(g.inv.Path(name))
	if err != nil {
		return true
	}
	above, err := g.inv.FS.Realpath(path.Dir(g.inv.Path(name)))
	return err != nil || above == real || strings.HasPrefix(above+"/", strings.TrimSuffix(real, "/")+"/")
}
