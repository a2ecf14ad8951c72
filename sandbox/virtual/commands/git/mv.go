package git

import (
	"fmt"
	"path"
	"strings"
)

func mv(r *repo, args []string) error {
	f, operands, after, _, err := parse("force=f verbose=v dry-run=n k", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) < 2 {
		return misuse("mv", "")
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	target, err := r.path(operands[len(operands)-1])
	if err != nil {
		return err
	}
	info, err := r.inv.FS.Stat(r.file(target))
	into := err == nil && info.IsDir()
	for _, operand := range operands[:len(operands)-1] {
		from, err := r.path(operand)
		if err != nil {
			return err
		}
		to := target
		if into {
			to = path.Join(target, path.Base(from))
		}
		bad := func(why string) error { return fatal("%s, source=%s, destination=%s", why, from, to) }
		var moved []string
		for _, name := range x.names() {
			if name == from || strings.HasPrefix(name, from+"/") {
				moved = append(moved, name)
			}
		}
		switch {
		case !r.exists(from):
			return bad("bad source")
		case len(moved) == 0:
			return bad("not under version control")
		case r.exists(to) && !f.has("force"):
			return bad("destination exists")
		case !r.inParent(to):
			return bad("destination directory does not exist")
		}
		if err := r.inv.FS.Rename(r.file(from), r.file(to)); err != nil {
			return fatal("renaming '%s' failed: %v", from, err)
		}
		for _, name := range moved {
			e := x.files[name]
			x.remove(name)
			x.set(to+strings.TrimPrefix(name, from), e)
		}
		if f.has("verbose") {
			fmt.Fprintf(r.out, "Renaming %s to %s\n", from, to)
		}
	}
	return r.writeIndex(x)
}

func (r *repo) inParent(name string) bool {
	info, err := r.inv.FS.Stat(path.Dir(r.file(name)))
	return err == nil && info.IsDir()
}
