package git

import "fmt"

func checkout(r *repo, args []string) error {
	f, operands, after, dashes, err := parse("b: B: force=f quiet=q detach=d orphan: ours theirs track?=t no-track guess no-guess progress no-progress merge=m", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	for _, key := range []string{"b", "B"} {
		if f.has(key) {
			return r.switchNew(f.last(key), operands, key == "B", f)
		}
	}
	if f.has("orphan") {
		return r.writeGit("HEAD", "ref: refs/heads/"+f.last("orphan")+"\n")
	}
	if dashes || len(operands) > 1 {
		names, from := after, ""
		if len(operands) > 0 {
			if _, err := r.resolve(operands[0]); err == nil {
				from, operands = operands[0], operands[1:]
			}
			names = append(operands, after...)
		}
		if dashes {
			f["quiet"] = []string{""}
		}
		return r.checkoutPaths(names, from, f)
	}
	if len(operands) == 0 {
		return nil
	}
	if f.has("track") {
		return r.switchTracking(operands[0], f)
	}
	if at := r.guess(operands[0], f); at != "" && !r.named(operands[0]) {
		return r.switchNew(operands[0], []string{at}, false, f)
	}
	if _, ok := r.ref("refs/heads/" + operands[0]); !ok && operands[0] != "-" {
		if _, err := r.resolve(operands[0]); err != nil {
			return r.checkoutPaths(operands, "", f)
		}
	}
	return r.switchTo(operands[0], f.has("detach"), f.has("force"), f.has("quiet"))
}

// named says whether an operand is a file of the working tree.
func (r *repo) named(operand string) bool {
	name, err := r.path(operand)
	return err == nil && r.exists(name)
}

// checkoutPaths brings files back from the index, or from a revision into both.
func (r *repo) checkoutPaths(names []string, from string, f flags) error {
	p, x, err := r.pathsAndIndex(names)
	if err != nil {
		return err
	}
	source := x.flat()
	if from != "" {
		if source, err = r.treeOf(from); err != nil {
			return err
		}
	}
	x.takeSide(f, source)
	done := 0
	for _, name := range source.names() {
		if !p.match(name) {
			continue
		}
		disk, _, there, err := r.onDisk(name)
		if err != nil {
			return err
		}
		if !there || disk != source[name] {
			if err := r.put(name, source[name]); err != nil {
				return err
			}
			done++
		}
		if _, conflict := x.conflicts[name]; !conflict || from != "" {
			x.set(name, r.stat(name, source[name]))
		}
	}
	if name := p.unused(); name != "" {
		return problem("pathspec '%s' did not match any file(s) known to git", name)
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if from == "" && !f.has("quiet") {
		fmt.Fprintf(r.inv.Stderr, "Updated %s from the index\n", count(done, "path"))
	} else if !f.has("quiet") {
		h, _ := r.resolve(from)
		if c, err := r.commit(h); err == nil {
			h = c.tree
		}
		fmt.Fprintf(r.inv.Stderr, "Updated %s from %s\n", count(done, "path"), r.short(h))
	}
	return nil
}
