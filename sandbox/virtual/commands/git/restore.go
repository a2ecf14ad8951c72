package git

func restore(r *repo, args []string) error {
	f, operands, after, _, err := parse("staged=S worktree=W source:=s ours theirs quiet=q", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) == 0 {
		return fatal("you must specify path(s) to restore")
	}
	p, x, err := r.pathsAndIndex(operands)
	if err != nil {
		return err
	}
	source := x.flat()
	switch {
	case f.has("source"):
		if source, err = r.treeOf(f.last("source")); err != nil {
			return fatal("could not resolve %s", f.last("source"))
		}
	case f.has("staged"):
		if source, err = r.headTree(); err != nil {
			return err
		}
	}
	x.takeSide(f, source)
	work := f.has("worktree") || !f.has("staged")
	for _, name := range union(source, x.flat()) {
		if !p.match(name) {
			continue
		}
		e, ok := source[name]
		if !ok {
			if f.has("staged") {
				x.remove(name)
			}
			if work {
				if err := r.drop(name); err != nil {
					return err
				}
			}
			continue
		}
		if work {
			if disk, _, there, err := r.onDisk(name); err != nil {
				return err
			} else if !there || disk != e {
				if err := r.put(name, e); err != nil {
					return err
				}
			}
		}
		if f.has("staged") {
			x.set(name, r.stat(name, e))
		}
	}
	for name := range x.conflicts {
		if p.match(name) && f.has("staged") {
			delete(x.conflicts, name)
		}
	}
	if name := p.unused(); name != "" {
		return problem("pathspec '%s' did not match any file(s) known to git", name)
	}
	return r.writeIndex(x)
}
