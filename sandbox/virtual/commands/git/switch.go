package git

import (
	"fmt"
	"strings"
)

func switchCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("create:=c force-create:=C detach=d force=f=discard-changes quiet=q orphan: track?=t no-track no-guess guess", args)
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
	if operands[0] == "-" {
		operands[0] = r.previous()
	}
	if f.has("track") {
		return r.switchTracking(operands[0], f)
	}
	if at := r.guess(operands[0], f); at != "" && !f.has("detach") {
		return r.switchNew(operands[0], []string{at}, false, f)
	}
	if _, ok := r.ref("refs/heads/" + operands[0]); !ok && !f.has("detach") {
		if _, err := r.resolve(operands[0]); err == nil {
			return fatal("a branch is expected, got commit '%s'\nhint: If you want to detach HEAD at the commit, try again with the --detach option.", operands[0])
		}
		return fatal("invalid reference: %s", operands[0])
	}
	return r.switchTo(operands[0], f.has("detach"), f.has("force"), f.has("quiet"))
}

// guess is the branch of a remote that a name means which is none here: that of the only remote that has it.
func (r *repo) guess(name string, f flags) string {
	if _, ok := r.ref("refs/heads/" + name); ok || f.has("no-guess") || name == "-" || !validRef("refs/heads/"+name) {
		return ""
	}
	if _, err := r.resolve(name); err == nil {
		return ""
	}
	found := ""
	for _, remote := range r.remotes() {
		c, err := r.remoteOf(remote)
		if err != nil {
			continue
		}
		at := tracked(c.fetch, "refs/heads/"+name)
		if _, ok := r.ref(at); !ok {
			continue
		}
		if found != "" && r.config("checkout.defaultremote") != remote {
			return ""
		}
		found = shortRef(at)
	}
	return found
}

// switchTracking makes the branch that --track names without -c: that of "origin/x" is x.
func (r *repo) switchTracking(start string, f flags) error {
	full := r.fullName(start)
	_, name, ok := strings.Cut(strings.TrimPrefix(full, "refs/remotes/"), "/")
	if !ok || !strings.HasPrefix(full, "refs/remotes/") {
		return fatal("missing branch name; try -c")
	}
	return r.switchNew(name, []string{start}, false, f)
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
	if len(operands) > 0 {
		if err := r.followStart(name, operands[0], f); err != nil {
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

// previous is what was checked out before, as the log of HEAD has it.
func (r *repo) previous() string {
	_, reasons := r.reflog("HEAD")
	for _, reason := range reasons {
		if move, ok := strings.CutPrefix(reason, "checkout: moving from "); ok {
			name, _, _ := strings.Cut(move, " ")
			return name
		}
	}
	return "-"
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
		name = r.previous()
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
		if quiet {
			return nil
		}
		fmt.Fprintf(r.inv.Stderr, "Already on '%s'\n", name)
		return r.carried()
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
	if branch != "" || head != h {
		if err := r.log("HEAD", head, h, fmt.Sprintf("checkout: moving from %s to %s", from, name)); err != nil {
			return err
		}
	}
	if quiet {
		return nil
	}
	c, err := r.commit(h)
	if err != nil {
		return err
	}
	if branch != "" && !detach {
		fmt.Fprintf(r.inv.Stderr, "Note: switching to '%s'.\n%s", name, detachedAdvice)
	}
	fmt.Fprintf(r.inv.Stderr, "HEAD is now at %s %s\n", r.short(h), c.subject())
	return nil
}

// carried lists local changes that came along, and how the branch stands to what it follows.
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
	if err != nil {
		return err
	}
	branch, _ := r.head()
	stands, err := r.divergence(branch)
	r.out.WriteString(stands)
	return err
}

const detachedAdvice = "\nYou are in 'detached HEAD' state. You can look around, make experimental\nchanges and commit them, and you can discard any commits you make in this\nstate without impacting any branches by switching back to a branch.\n\n" +
	"If you want to create a new branch to retain commits you create, you may\ndo so (now or later) by using -c with the switch command. Example:\n\n  git switch -c <new-branch-name>\n\nOr undo this operation with:\n\n  git switch -\n\n" +
	"Turn off this advice by setting config variable advice.detachedHead to false\n\n"
