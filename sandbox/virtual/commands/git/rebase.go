package git

import (
	"fmt"
	"strings"
)

// rebasing is a rebase on its way. What another call needs to go on with it is in .git/rebase-merge.
type rebasing struct {
	*repo
	branch string // "refs/heads/main"; "" where HEAD was detached
	from   id     // where it was
	onto   id
	done   []id
	todo   []id
	quiet  bool
}

func rebaseCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("onto: continue abort skip quit quiet=q no-stat stat verbose=v no-verify autostash no-autostash interactive=i exec:=x root autosquash no-autosquash merge=m keep-base rebase-merges? strategy:=s strategy-option:=X force-rebase=f no-ff", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	for _, key := range []string{"interactive", "exec", "root", "rebase-merges", "keep-base", "autostash"} {
		if f.has(key) {
			return fatal("rebase --%s is not supported in this sandbox", key)
		}
	}
	if err := r.onlyOrt(f); err != nil {
		return err
	}
	b, going := r.rebase()
	if f.has("continue") || f.has("abort") || f.has("skip") || f.has("quit") {
		switch {
		case !going:
			return fatal("No rebase in progress?")
		case f.has("quit"):
			return r.inv.FS.RemoveAll(r.dir + "/rebase-merge")
		case f.has("abort"):
			return b.abort()
		case f.has("skip"):
			if err := reset(r, []string{"-q", "--hard", "HEAD"}); err != nil {
				return err
			}
			return b.run()
		}
		return b.resume()
	}
	if going {
		return fatal("It seems that there is already a rebase-merge directory, and\nI wonder if you are in the middle of another rebase.  If that is the\ncase, please try\n\tgit rebase (--continue | --abort | --skip)\nIf that is not the case, please\n\trm -fr \"%s/rebase-merge\"\nand run me again.  I am stopping in case you still have something\nvaluable there.\n", r.dir)
	}
	branch, _ := r.head()
	upstream := ""
	switch u, ok := r.upstream(branch); {
	case len(operands) > 2:
		return misuse("rebase", "")
	case len(operands) > 0:
		upstream = operands[0]
	case ok && u.ref != "":
		upstream = shortRef(u.ref)
	default:
		fmt.Fprintf(r.out, "There is no tracking information for the current branch.\nPlease specify which branch you want to rebase against.\nSee git-rebase(1) for details.\n\n    git rebase '<branch>'\n\nIf you wish to set tracking information for this branch you can do so with:\n\n    git branch --set-upstream-to=<remote>/<branch> %s\n\n",
			strings.TrimPrefix(branch, "refs/heads/"))
		return exit(1)
	}
	base, err := r.commitOf(upstream)
	if err != nil {
		return fatal("invalid upstream '%s'", upstream)
	}
	onto, name := base, upstream
	if f.has("onto") {
		name = f.last("onto")
		if onto, err = r.commitOf(name); err != nil {
			return fatal("Does not point to a valid commit '%s'", name)
		}
	}
	if err := r.needClean("rebase"); err != nil {
		f := err.(*failure)
		return &failure{1, f.text}
	}
	if len(operands) == 2 {
		if err := r.switchTo(operands[1], false, false, true); err != nil {
			return err
		}
	}
	return r.rebaseOnto(onto.id, base.id, name, f.has("quiet"))
}

// rebaseOnto makes the commits that HEAD has and upstream has not again, upon another commit.
func (r *repo) rebaseOnto(onto, upstream id, name string, quiet bool) error {
	b := &rebasing{repo: r, onto: onto, quiet: quiet}
	b.branch, b.from = r.head()
	if b.from.zero() {
		return fatal("there is no commit to rebase")
	}
	list, err := r.history(flags{"reverse": {""}}, []string{upstream.String() + ".." + b.from.String()}, nil)
	if err != nil {
		return err
	}
	linear := true
	for _, c := range list {
		if linear = linear && len(c.parents) == 1; len(c.parents) < 2 {
			b.todo = append(b.todo, c.id)
		}
	}
	if done, err := r.isAncestor(onto, b.from); err != nil {
		return err
	} else if base, err := r.mergeBase(upstream, b.from); err != nil {
		return err
	} else if done && linear && base == onto {
		if !quiet {
			fmt.Fprintf(r.out, "Current branch %s is up to date.\n", shortRef(b.branch))
		}
		return nil
	}
	if err := r.goTo(b.from, onto, false); err != nil {
		return err
	}
	if err := r.writeGit("ORIG_HEAD", b.from.String()+"\n"); err != nil {
		return err
	}
	if err := b.detach(onto, "rebase (start): checkout "+name); err != nil {
		return err
	}
	return b.run()
}

// detach moves HEAD, and no branch.
func (r *repo) detach(h id, reason string) error {
	_, old := r.head()
	if err := r.writeGit("HEAD", h.String()+"\n"); err != nil {
		return err
	}
	return r.log("HEAD", old, h, reason)
}

// run makes the commits that are still to be made, and ends.
func (b *rebasing) run() error {
	for len(b.todo) > 0 {
		h := b.todo[0]
		b.done, b.todo = append(b.done, h), b.todo[1:]
		c, err := b.commit(h)
		if err != nil {
			return err
		}
		if !b.quiet {
			fmt.Fprintf(b.inv.Stderr, "Rebasing (%d/%d)\r", len(b.done), len(b.done)+len(b.todo))
		}
		if err := b.pick(c); err != nil {
			return err
		}
	}
	return b.end()
}

// resume commits what the user made of a conflict, and goes on.
func (b *rebasing) resume() error {
	x, err := b.readIndex()
	if err != nil {
		return err
	}
	if len(x.conflicts) > 0 {
		for _, name := range x.names() {
			if _, ok := x.conflicts[name]; ok {
				fmt.Fprintf(b.out, "%s: needs merge\n", name)
			}
		}
		fmt.Fprint(b.out, "You must edit all merge conflicts and then\nmark them as resolved using git add\n")
		return exit(1)
	}
	if len(b.done) == 0 {
		return b.run()
	}
	c, err := b.commit(b.done[len(b.done)-1])
	if err != nil {
		return err
	}
	before, err := b.headTree()
	if err != nil {
		return err
	}
	if list, err := b.changes(before, x.flat(), nil, false, false); err != nil {
		return err
	} else if len(list) > 0 {
		made, err := b.record(c, x.flat(), before)
		if err != nil {
			return err
		}
		if err := b.announce(made, "", before, x.flat(), false); err != nil {
			return err
		}
	}
	b.inv.FS.Remove(b.dir + "/REBASE_HEAD")
	return b.run()
}

// end points the branch to what was made.
func (b *rebasing) end() error {
	_, head := b.head()
	if b.branch != "" {
		if err := b.setRef(b.branch, head, fmt.Sprintf("rebase (finish): %s onto %s", b.branch, b.onto)); err != nil {
			return err
		}
		if err := b.writeGit("HEAD", "ref: "+b.branch+"\n"); err != nil {
			return err
		}
		if err := b.log("HEAD", head, head, "rebase (finish): returning to "+b.branch); err != nil {
			return err
		}
	}
	b.clear()
	if !b.quiet {
		name := b.branch
		if name == "" {
			name = "detached HEAD"
		}
		fmt.Fprintf(b.inv.Stderr, "\r%80s\rSuccessfully rebased and updated %s.\n", "", name)
	}
	return nil
}

func (b *rebasing) clear() {
	b.inv.FS.RemoveAll(b.dir + "/rebase-merge")
	b.inv.FS.Remove(b.dir + "/REBASE_HEAD")
}

// abort goes back to where it began.
func (b *rebasing) abort() error {
	_, head := b.head()
	if err := b.goTo(head, b.from, true); err != nil {
		return err
	}
	text, to := b.from.String(), b.from.String()
	if b.branch != "" {
		text, to = "ref: "+b.branch, b.branch
	}
	if err := b.writeGit("HEAD", text+"\n"); err != nil {
		return err
	}
	b.clear()
	return b.log("HEAD", head, b.from, "rebase (abort): returning to "+to)
}
