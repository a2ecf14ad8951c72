package git

import (
	"fmt"
	"slices"
	"strings"
)

func branch(r *repo, args []string) error {
	args = slices.Clone(args)
	for i := 0; i+1 < len(args); i++ { // the value of these may be the next word
		if slices.Contains([]string{"--contains", "--merged", "--no-merged"}, args[i]) {
			args = slices.Replace(args, i, i+2, args[i]+"="+args[i+1])
		}
	}
	f, operands, _, _, err := parse("all=a remotes=r delete=d D move=m M copy=c list=l show-current verbose=v force=f contains? merged? no-merged? format: sort: quiet=q track?=t no-track set-upstream-to:=u unset-upstream color? no-color", args)
	if err != nil {
		return err
	}
	current, head := r.head()
	current = strings.TrimPrefix(current, "refs/heads/")
	switch {
	case f.has("show-current"):
		if current != "" {
			fmt.Fprintln(r.out, current)
		}
		return nil
	case f.has("set-upstream-to") || f.has("unset-upstream"):
		return r.changeUpstream(f, operands, current)
	case f.has("delete") || f.has("D"):
		return r.deleteBranches(operands, current, head, f.has("D") || f.has("force"))
	case f.has("move") || f.has("M"):
		return r.renameBranch(operands, current, f.has("M") || f.has("force"))
	case len(operands) > 0 && !f.has("list") && !f.has("contains") && !f.has("merged") && !f.has("no-merged"):
		return r.makeBranch(operands, f)
	}
	return r.listBranches(f, operands, current, head)
}

func (r *repo) makeBranch(operands []string, f flags) error {
	start := "HEAD"
	if len(operands) > 1 {
		start = operands[1]
	}
	name := operands[0]
	if !validRef("refs/heads/"+name) || strings.HasPrefix(name, "-") || name == "HEAD" {
		return fatal("'%s' is not a valid branch name", name)
	}
	if _, ok := r.ref("refs/heads/" + name); ok && !f.has("force") {
		return fatal("a branch named '%s' already exists", name)
	}
	c, err := r.commitOf(start)
	if err != nil {
		return fatal("not a valid object name: '%s'", start)
	}
	if err := r.setRef("refs/heads/"+name, c.id, "branch: Created from "+start); err != nil {
		return err
	}
	return r.followStart(name, start, f)
}

// followStart makes a new branch follow the one it begins at, where that is one of a remote or the options say so.
func (r *repo) followStart(name, start string, f flags) error {
	full := r.refOf(start)
	if start == "HEAD" {
		full, _ = r.head()
	}
	asked := f.has("track") && f.last("track") != "inherit"
	if f.has("no-track") || !asked && (!strings.HasPrefix(full, "refs/remotes/") || r.config("branch.autosetupmerge") == "false") {
		return nil
	}
	ok, err := r.follow(name, full, f.has("quiet"))
	if err == nil && !ok && asked {
		return fatal("cannot set up tracking information; starting point '%s' is not a branch", start)
	}
	return err
}

func (r *repo) changeUpstream(f flags, operands []string, current string) error {
	name := current
	if len(operands) > 0 {
		name = operands[0]
	}
	if name == "" {
		return fatal("could not set upstream of HEAD when it does not point to any branch.")
	}
	_, exists := r.ref("refs/heads/" + name)
	_, follows := r.upstream("refs/heads/" + name)
	switch full := r.refOf(f.last("set-upstream-to")); {
	case f.has("unset-upstream") && !follows:
		return fatal("Branch '%s' has no upstream information", name)
	case f.has("unset-upstream"):
		for _, key := range []string{"remote", "merge"} {
			if err := r.setConfig(r.dir+"/config", "branch."+name+"."+key, "", true, false); err != nil {
				return err
			}
		}
		return r.dropEmptySection("branch." + name)
	case !exists && name != current:
		return fatal("branch '%s' does not exist", name)
	case full == "":
		return fatal("the requested upstream branch '%s' does not exist", f.last("set-upstream-to"))
	default:
		ok, err := r.follow(name, full, f.has("quiet"))
		if err == nil && !ok {
			return fatal("cannot set up tracking information; starting point '%s' is not a branch", f.last("set-upstream-to"))
		}
		return err
	}
}

func (r *repo) deleteBranches(names []string, current string, head id, force bool) error {
	if len(names) == 0 {
		return fatal("branch name required")
	}
	failed := false
	say := func(format string, args ...any) {
		fmt.Fprintf(r.inv.Stderr, "error: "+format+"\n", args...)
		failed = true
	}
	for _, name := range names {
		h, ok := r.ref("refs/heads/" + name)
		switch {
		case !ok:
			say("branch '%s' not found.", name)
		case name == current:
			say("Cannot delete branch '%s' checked out at '%s'", name, r.work)
		case !force && !r.mayDelete("refs/heads/"+name, h, head):
			say("The branch '%s' is not fully merged.\nIf you are sure you want to delete it, run 'git branch -D %s'.", name, name)
		default:
			if err := r.deleteRef("refs/heads/" + name); err != nil {
				return err
			}
			if err := r.renameSection("branch."+name, ""); err != nil {
				return err
			}
			fmt.Fprintf(r.out, "Deleted branch %s (was %s).\n", name, r.short(h))
		}
	}
	if failed {
		return exit(1)
	}
	return nil
}

// mayDelete says whether what a branch has is elsewhere: in its upstream, or else in HEAD.
func (r *repo) mayDelete(branch string, h, head id) bool {
	within := func(other id) bool {
		ok, err := r.isAncestor(h, other)
		return ok && err == nil && !other.zero()
	}
	u, _ := r.upstream(branch)
	there, ok := r.ref(u.ref)
	if !ok {
		return within(head)
	}
	switch here := within(head); {
	case within(there) && !here:
		fmt.Fprintf(r.inv.Stderr, "warning: deleting branch '%s' that has been merged to\n         '%s', but not yet merged to HEAD.\n", shortRef(branch), u.ref)
	case !within(there) && here:
		fmt.Fprintf(r.inv.Stderr, "warning: not deleting branch '%s' that is not yet merged to\n         '%s', even though it is merged to HEAD.\n", shortRef(branch), u.ref)
		return false
	}
	return within(there)
}

func (r *repo) renameBranch(operands []string, current string, force bool) error {
	if len(operands) == 1 {
		operands = []string{current, operands[0]}
	}
	if len(operands) != 2 {
		return fatal("branch name required")
	}
	old, now := operands[0], operands[1]
	h, ok := r.ref("refs/heads/" + old)
	if !ok && old != current {
		return fatal("No branch named '%s'.", old)
	}
	if !validRef("refs/heads/" + now) {
		return fatal("'%s' is not a valid branch name", now)
	}
	if _, exists := r.ref("refs/heads/" + now); exists && !force && old != now {
		return fatal("a branch named '%s' already exists", now)
	}
	if ok {
		if err := r.deleteRef("refs/heads/" + old); err != nil {
			return err
		}
		if err := r.setRef("refs/heads/"+now, h, fmt.Sprintf("Branch: renamed refs/heads/%s to refs/heads/%s", old, now)); err != nil {
			return err
		}
	}
	if err := r.renameSection("branch."+old, "branch."+now); err != nil {
		return err
	}
	if old == current {
		return r.writeGit("HEAD", "ref: refs/heads/"+now+"\n")
	}
	return nil
}
