package git

import (
	"fmt"
	"strings"
)

func checkout(r *repo, args []string) error {
	f, operands, after, dashes, err := parse("b: B: force=f quiet=q detach=d orphan: ours theirs track=t no-track progress no-progress merge=m", args)
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
	if _, ok := r.ref("refs/heads/" + operands[0]); !ok && operands[0] != "-" {
		if _, err := r.resolve(operands[0]); err != nil {
			return r.checkoutPaths(operands, "", f)
		}
	}
	return r.switchTo(operands[0], f.has("detach"), f.has("force"), f.has("quiet"))
}

func switchCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("create:=c force-create:=C detach=d force=f=discard-changes quiet=q orphan: track=t no-track no-guess", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	for _, key := range []string{"create", "force-create"} {
		if f.has(key) {
			return r.switchNew(f.last(key), operands, key == "force-create", f)
		}
	}
	if f.has("orphan") {
		return r.writeGit("HEAD", "ref: refs/heads/"+f.last("orphan")+"\n")
	}
	if len(operands) != 1 {
		return fatal("missing branch or commit argument")
	}
	if _, ok := r.ref("refs/heads/" + operands[0]); !ok && operands[0] != "-" && !f.has("detach") {
		if _, err := r.resolve(operands[0]); err == nil {
			return fatal("a branch is expected, got commit '%s'\nhint: If you want to detach HEAD at the commit, try again with the --detach option.", operands[0])
		}
		return fatal("invalid reference: %s", operands[0])
	}
	return r.switchTo(operands[0], f.has("detach"), f.has("force"), f.has("quiet"))
}

// switchNew makes a branch and goes there.
func (r *repo) switchNew(name string, operands []string, force bool, f flags) error {
	if !validRef("refs/heads/"+name) || strings.HasPrefix(name, "-") {
		return fatal("'%s' is not a valid branch name", name)
	}
	_, exists := r.ref("refs/heads/" + name)
	if exists && !force {
		return fatal("a branch named '%s' already exists", name)
	}
	_, head := r.head()
	if len(operands) > 0 {
		c, err := r.commitOf(operands[0])
		if err != nil {
			return fatal("'%s' is not a commit and a branch '%s' cannot be created from it", operands[0], name)
		}
		if err := r.goTo(head, c.id, f.has("force")); err != nil {
			return err
		}
		head = c.id
	}
	if !head.zero() {
		if err := r.setRef("refs/heads/"+name, head, "branch: Created from HEAD"); err != nil {
			return err
		}
	}
	if err := r.point(name, head); err != nil || f.has("quiet") {
		return err
	}
	if exists {
		fmt.Fprintf(r.inv.Stderr, "Switched to and reset branch '%s'\n", name)
	} else {
		fmt.Fprintf(r.inv.Stderr, "Switched to a new branch '%s'\n", name)
	}
	return nil
}

// point lets HEAD name a branch.
func (r *repo) point(name string, h id) error {
	branch, old := r.head()
	if err := r.writeGit("HEAD", "ref: refs/heads/"+name+"\n"); err != nil || h.zero() {
		return err
	}
	from := strings.TrimPrefix(branch, "refs/heads/")
	if from == "" {
		from = old.String()
	}
	return r.log("HEAD", old, h, fmt.Sprintf("checkout: moving from %s to %s", from, name))
}

// goTo makes index and working tree those of another commit.
func (r *repo) goTo(from, to id, force bool) error {
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	if len(x.conflicts) > 0 && !force {
		return problem("you need to resolve your current index first")
	}
	a := files{}
	if !from.zero() {
		c, err := r.commit(from)
		if err != nil {
			return err
		}
		if a, err = r.flat(c.tree); err != nil {
			return err
		}
	}
	c, err := r.commit(to)
	if err != nil {
		return err
	}
	b, err := r.flat(c.tree)
	if err != nil {
		return err
	}
	if err := r.moveTo(x, a, b, force, "checkout"); err != nil {
		return err
	}
	return r.writeIndex(x)
}

func (r *repo) switchTo(name string, detach, force, quiet bool) error {
	branch, head := r.head()
	if name == "-" {
		_, reasons := r.reflog("HEAD")
		for _, reason := range reasons {
			if move, ok := strings.CutPrefix(reason, "checkout: moving from "); ok {
				name, _, _ = strings.Cut(move, " ")
				break
			}
		}
	}
	h, isBranch := r.ref("refs/heads/" + name)
	if !isBranch || detach {
		c, err := r.commitOf(name)
		if err != nil {
			return problem("pathspec '%s' did not match any file(s) known to git", name)
		}
		h, isBranch = c.id, false
	}
	if isBranch && branch == "refs/heads/"+name && !force {
		if !quiet {
			fmt.Fprintf(r.inv.Stderr, "Already on '%s'\n", name)
		}
		return nil
	}
	if err := r.goTo(head, h, force); err != nil {
		return err
	}
	if isBranch {
		if err := r.point(name, h); err != nil || quiet {
			return err
		}
		fmt.Fprintf(r.inv.Stderr, "Switched to branch '%s'\n", name)
		return r.carried()
	}
	from := strings.TrimPrefix(branch, "refs/heads/")
	if from == "" {
		from = head.String()
	}
	if err := r.writeGit("HEAD", h.String()+"\n"); err != nil {
		return err
	}
	if err := r.log("HEAD", head, h, fmt.Sprintf("checkout: moving from %s to %s", from, name)); err != nil || quiet {
		return err
	}
	c, err := r.commit(h)
	if err != nil {
		return err
	}
	if branch != "" && !detach {
		fmt.Fprintf(r.inv.Stderr, "Note: switching to '%s'.\n\nYou are in 'detached HEAD' state. Commits that are made now belong to no branch;\nto keep them, make one: git switch -c <new-branch-name>\n\n", name)
	}
	fmt.Fprintf(r.inv.Stderr, "HEAD is now at %s %s\n", r.short(h), c.subject())
	return nil
}

// carried lists local changes that came along.
func (r *repo) carried() error {
	head, err := r.headTree()
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	work, err := r.workFiles(x)
	if err != nil {
		return err
	}
	list, err := r.changes(head, work, nil, false, true)
	for _, c := range list {
		fmt.Fprintf(r.out, "%c\t%s\n", c.kind, quote(c.new))
	}
	return err
}

// checkoutPaths brings files back from the index, or from a revision into both.
func (r *repo) checkoutPaths(names []string, from string, f flags) error {
	p, err := r.paths(names)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	source := x.flat()
	if from != "" {
		if source, err = r.treeOf(from); err != nil {
			return err
		}
	}
	for name, c := range x.conflicts {
		for i, key := range []string{"", "ours", "theirs"} {
			if key != "" && f.has(key) && c[i].mode != 0 {
				source[name] = c[i]
			}
		}
	}
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
	p, err := r.paths(operands)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
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
	for name, c := range x.conflicts {
		for i, key := range []string{"", "ours", "theirs"} {
			if key != "" && f.has(key) && c[i].mode != 0 {
				source[name] = c[i]
			}
		}
	}
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
