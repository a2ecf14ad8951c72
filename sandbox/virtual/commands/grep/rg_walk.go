package grep

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// paths searches the operands; without any the working directory.
func (r *ripgrep) paths(paths []string) {
	if len(paths) == 0 {
		r.dir("", ".", r.ignores(nil, "."), 1)
		return
	}
	for _, name := range paths {
		if name == "-" {
			r.search(r.label, r.inv.Stdin)
			continue
		}
		info, err := cli.Stat(r.inv, name)
		switch {
		case err != nil:
			r.fail(name, fmt.Sprintf("%v (os error 2)", err))
		case info.IsDir():
			r.dir(name, name, r.ignores(nil, name), 1)
		default:
			r.one(name)
		}
	}
}

// one searches or lists one file.
func (r *ripgrep) one(name string) {
	if r.onlyFiles {
		r.selected = true
		end := byte('\n')
		if r.out.null {
			end = 0
		}
		r.out.WriteString(name)
		r.out.WriteByte(end)
		return
	}
	r.file(name)
}

// dir searches a directory whose names are printed below shown.
func (r *ripgrep) dir(shown, dir string, rules []ignoreRule, depth int) {
	if r.depth >= 0 && depth > r.depth {
		return
	}
	list, err := r.inv.FS.ReadDir(r.inv.Path(dir))
	if err != nil {
		r.fail(dir, err)
		return
	}
	for _, info := range list {
		if r.stopped || r.inv.Budget.Work(1) != nil {
			return
		}
		name, full := info.Name, strings.TrimSuffix(dir, "/")+"/"+info.Name
		if shown != "" {
			name = strings.TrimSuffix(shown, "/") + "/" + info.Name
		}
		if info.Mode&fs.ModeSymlink != 0 {
			target, err := r.inv.FS.Stat(r.inv.Path(full))
			if !r.follow || err != nil || target.IsDir() && r.loops(full) {
				continue
			}
			info.Mode = target.Mode
		}
		if !r.hidden && strings.HasPrefix(info.Name, ".") || ignored(rules, full, info.IsDir()) {
			continue
		}
		switch {
		case info.IsDir():
			if !r.denied(name) {
				r.dir(name, full, r.ignores(rules, full), depth+1)
			}
		case info.Mode.IsRegular() && !excluded(r.globs, name, true) && !excluded(r.types, name, false):
			r.one(name)
		}
	}
}

// denied says whether a glob with "!" names a directory.
func (r *ripgrep) denied(name string) bool {
	for _, f := range r.globs {
		if !f.include && (f.match(path.Base(name)) || f.match(name)) {
			return true
		}
	}
	return false
}
