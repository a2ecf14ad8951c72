package git

import (
	"fmt"
	"path"
	"strings"
)

func lsTree(r *repo, args []string) error {
	f, operands, after, _, err := parse("recursive=r name-only=name-status d long=l full-tree null=z t", args)
	if err != nil {
		return err
	}
	if len(operands) == 0 {
		return misuse("ls-tree", "")
	}
	h, err := r.resolve(operands[0])
	if err != nil {
		return fatal("Not a valid object name %s", operands[0])
	}
	if c, err := r.commit(h); err == nil {
		h = c.tree
	}
	p := &paths{}
	for _, name := range append(operands[1:], after...) {
		name = strings.TrimSuffix(path.Join(r.prefix, name), "/")
		p.list, p.glob, p.said, p.used = append(p.list, name), append(p.glob, nil), append(p.said, name), append(p.used, false)
	}
	kinds := map[uint32]string{modeDir: "tree", modeRepo: "commit"}
	var list func(h id, prefix string, depth int) error
	list = func(h id, prefix string, depth int) error {
		entries, err := r.tree(h)
		if err != nil || depth > 200 {
			return err
		}
		for _, e := range entries {
			name := prefix + e.name
			above := false
			for _, want := range p.list {
				above = above || strings.HasPrefix(want, name+"/")
			}
			if e.mode == modeDir && (f.has("recursive") || above) {
				if err := list(e.id, name+"/", depth+1); err != nil {
					return err
				}
				continue
			}
			kind := kinds[e.mode]
			if kind == "" {
				kind = "blob"
			}
			if !p.match(name) || f.has("d") && kind != "tree" {
				continue
			}
			if f.has("name-only") {
				fmt.Fprintln(r.out, quote(name))
			} else {
				fmt.Fprintf(r.out, "%06o %s %s\t%s\n", e.mode, kind, e.id, quote(name))
			}
		}
		return nil
	}
	return list(h, "", 0)
}
