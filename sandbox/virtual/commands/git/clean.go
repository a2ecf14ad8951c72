package git

import (
	"fmt"
	"strings"
)

func cleanCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse("force=f d dry-run=n x X quiet=q exclude:=e", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if !f.has("force") && !f.has("dry-run") {
		return fatal("clean.requireForce defaults to true and neither -i, -n, nor -f given; refusing to clean")
	}
	p, x, err := r.pathsAndIndex(append(operands, after...))
	if err != nil {
		return err
	}
	var list []string
	if !f.has("X") {
		if list, err = r.untracked(x, false, false); err != nil {
			return err
		}
	}
	if f.has("x") || f.has("X") {
		more, err := r.untracked(x, false, true)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	for _, name := range list {
		isDir := strings.HasSuffix(name, "/")
		if !p.match(strings.TrimSuffix(name, "/")) || isDir && (!f.has("d") || r.isRepo(r.file(name)+".git")) {
			continue
		}
		if f.has("dry-run") {
			fmt.Fprintf(r.out, "Would remove %s\n", quote(r.shown(name)))
			continue
		}
		if !f.has("quiet") {
			fmt.Fprintf(r.out, "Removing %s\n", quote(r.shown(name)))
		}
		// What is ignored stays, unless -x takes it too.
		gone := []string{strings.TrimSuffix(name, "/")}
		if isDir && !f.has("x") && !f.has("X") {
			g := r.ignorer()
			gone = nil
			for _, file := range r.below(strings.TrimSuffix(name, "/")) {
				if !g.under(file, false) {
					gone = append(gone, file)
				}
			}
		}
		for _, file := range gone {
			if err := r.inv.FS.RemoveAll(r.file(file)); err != nil {
				return fatal("failed to remove %s: %v", file, err)
			}
			if isDir && file+"/" != name {
				if err := r.drop(file); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
