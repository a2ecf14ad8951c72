package git

import (
	"fmt"
	"strings"
)

func lsFiles(r *repo, args []string) error {
	f, operands, after, _, err := parse("cached=c others=o modified=m deleted=d stage=s ignored=i exclude-standard null=z unmerged=u error-unmatch full-name directory", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) == 0 && r.prefix != "" {
		operands = []string{"."}
	}
	p, x, err := r.pathsAndIndex(operands)
	if err != nil {
		return err
	}
	show := func(name string) {
		if f.has("null") {
			fmt.Fprintf(r.out, "%s\x00", r.shown(name))
		} else {
			fmt.Fprintln(r.out, quote(r.shown(name)))
		}
	}
	if f.has("others") {
		list, err := r.untracked(x, !f.has("directory"), f.has("ignored"))
		if err != nil {
			return err
		}
		if !f.has("exclude-standard") {
			more, err := r.untracked(x, true, true)
			if err != nil {
				return err
			}
			for _, name := range more {
				list = append(list, r.below(strings.TrimSuffix(name, "/"))...)
			}
		}
		for _, name := range list {
			if p.match(name) {
				show(name)
			}
		}
	}
	for _, name := range x.names() {
		if !p.match(name) || f.has("others") && !f.has("cached") {
			continue
		}
		disk, _, there, err := r.onDisk(name)
		if err != nil {
			return err
		}
		e, staged := x.files[name]
		switch {
		case f.has("deleted") && there, f.has("modified") && there && disk == e.entry, f.has("unmerged") && staged:
		case f.has("stage") || f.has("unmerged"):
			if staged {
				fmt.Fprintf(r.out, "%06o %s 0\t%s\n", e.mode, e.id, quote(r.shown(name)))
				continue
			}
			for i, c := range x.conflicts[name] {
				if c.mode != 0 {
					fmt.Fprintf(r.out, "%06o %s %d\t%s\n", c.mode, c.id, i+1, quote(r.shown(name)))
				}
			}
		default:
			show(name)
		}
	}
	if name := p.unused(); name != "" && f.has("error-unmatch") {
		return &failure{1, fmt.Sprintf("error: pathspec '%s' did not match any file(s) known to git\nDid you forget to 'git add'?", name)}
	}
	return nil
}
