package git

import "fmt"

func reset(r *repo, args []string) error {
	f, operands, after, dashes, err := parse("hard soft mixed quiet=q keep merge no-refresh", args)
	if err != nil {
		return err
	}
	at := "HEAD"
	if len(operands) > 0 {
		if _, err := r.resolve(operands[0]); err == nil {
			at, operands = operands[0], operands[1:]
		} else if name, perr := r.path(operands[0]); dashes || perr != nil || !r.exists(name) && !r.inIndex(name) {
			return err
		}
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	tree := files{}
	_, head := r.head()
	if !head.zero() || at != "HEAD" {
		if tree, err = r.treeOf(at); err != nil {
			return err
		}
	}
	if names := append(operands, after...); len(names) > 0 {
		if f.has("hard") || f.has("soft") {
			return fatal("Cannot do %s reset with paths.", map[bool]string{true: "hard", false: "soft"}[f.has("hard")])
		}
		return r.resetPaths(x, tree, names, f.has("quiet"))
	}
	to := head
	if at != "HEAD" {
		c, err := r.commitOf(at)
		if err != nil {
			return err
		}
		to = c.id
	}
	switch {
	case f.has("soft"):
	case f.has("hard") || f.has("merge") || f.has("keep"):
		if err := r.needWork(); err != nil {
			return err
		}
		if err := r.moveTo(x, x.flat(), tree, true, "checkout"); err != nil {
			return err
		}
	default:
		x = newIndex()
		for name, e := range tree {
			x.files[name] = r.stat(name, e)
		}
	}
	if !f.has("soft") {
		if err := r.writeIndex(x); err != nil {
			return err
		}
		for _, name := range []string{"MERGE_HEAD", "MERGE_MSG", "MERGE_MODE"} {
			r.inv.FS.Remove(r.dir + "/" + name)
		}
	}
	if !to.zero() {
		if err := r.writeGit("ORIG_HEAD", head.String()+"\n"); err != nil {
			return err
		}
		if err := r.moveHead(to, "reset: moving to "+at); err != nil {
			return err
		}
	}
	if f.has("quiet") || to.zero() {
		return nil
	}
	if f.has("hard") {
		c, err := r.commit(to)
		if err == nil {
			fmt.Fprintf(r.out, "HEAD is now at %s %s\n", r.short(to), c.subject())
		}
		return err
	}
	if f.has("soft") {
		return nil
	}
	return r.unstagedAfter(x)
}

func (r *repo) inIndex(name string) bool {
	x, err := r.readIndex()
	if err != nil {
		return false
	}
	p := &paths{list: []string{name}, glob: []func(string) bool{nil}, said: []string{name}, used: []bool{false}}
	for _, n := range x.names() {
		if p.match(n) {
			return true
		}
	}
	return false
}

func (r *repo) resetPaths(x *index, tree files, names []string, quiet bool) error {
	p, err := r.paths(names)
	if err != nil {
		return err
	}
	for _, name := range union(tree, x.flat()) {
		if !p.match(name) {
			continue
		}
		if e, ok := tree[name]; ok {
			x.set(name, r.stat(name, e))
		} else {
			x.remove(name)
		}
	}
	for name := range x.conflicts {
		if p.match(name) {
			x.remove(name)
		}
	}
	if err := r.writeIndex(x); err != nil || quiet {
		return err
	}
	return r.unstagedAfter(x)
}

// unstagedAfter lists what differs in the working tree after a reset.
func (r *repo) unstagedAfter(x *index) error {
	work, err := r.workFiles(x)
	if err != nil {
		return err
	}
	list, err := r.changes(x.flat(), work, nil, false, true)
	if len(list) > 0 {
		fmt.Fprintln(r.out, "Unstaged changes after reset:")
	}
	for _, c := range list {
		fmt.Fprintf(r.out, "%c\t%s\n", c.kind, quote(c.new))
	}
	return err
}
