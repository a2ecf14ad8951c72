package git

import (
	"fmt"
	"strings"
)

func branch(r *repo, args []string) error {
	f, operands, _, _, err := parse("all=a remotes=r delete=d D move=m M copy=c list=l show-current verbose=v force=f contains? merged? no-merged? format: sort: quiet=q track=t no-track set-upstream-to:=u color? no-color", args)
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
	case f.has("set-upstream-to"):
		return fatal("this sandbox has no remote branches to follow")
	case f.has("delete") || f.has("D"):
		return r.deleteBranches(operands, current, head, f.has("D") || f.has("force"))
	case f.has("move") || f.has("M"):
		return r.renameBranch(operands, current, f.has("M") || f.has("force"))
	case len(operands) > 0 && !f.has("list"):
		return r.makeBranch(operands, f.has("force"))
	}
	var list []string
	if !f.has("remotes") {
		list = sortedNames(r.refs("refs/heads/"))
	}
	if current == "" && !head.zero() && !f.has("remotes") {
		fmt.Fprintf(r.out, "* (HEAD detached at %s)\n", r.short(head))
	}
	refs := r.refs("refs/")
	longest := 0
	for _, name := range list {
		longest = max(longest, len(name))
	}
	for _, name := range list {
		h := refs["heads/"+name]
		for key, want := range map[string]bool{"merged": true, "no-merged": false} {
			if f.has(key) {
				at := head
				if text := f.last(key); text != "" {
					if at, err = r.resolve(text); err != nil {
						return err
					}
				}
				set := map[id]bool{}
				if err := r.ancestors(at, set); err != nil {
					return err
				}
				if set[h] != want {
					h = id{}
				}
			}
		}
		if h.zero() {
			continue
		}
		if format := f.last("format"); format != "" {
			fmt.Fprintln(r.out, strings.NewReplacer("%(refname:short)", name, "%(refname)", "refs/heads/"+name, "%(objectname:short)", r.short(h), "%(objectname)", h.String()).Replace(format))
			continue
		}
		mark := "  "
		if name == current {
			mark = "* "
		}
		if f.has("verbose") {
			c, err := r.commit(h)
			if err != nil {
				return err
			}
			fmt.Fprintf(r.out, "%s%-*s %s %s\n", mark, longest, name, r.short(h), c.subject())
			continue
		}
		fmt.Fprintln(r.out, mark+name)
	}
	if f.has("all") || f.has("remotes") {
		for _, name := range sortedNames(r.refs("refs/remotes/")) {
			if f.has("all") {
				name = "remotes/" + name
			}
			fmt.Fprintln(r.out, "  "+name)
		}
	}
	return nil
}

func (r *repo) makeBranch(operands []string, force bool) error {
	start := "HEAD"
	if len(operands) > 1 {
		start = operands[1]
	}
	name := operands[0]
	if !validRef("refs/heads/"+name) || strings.HasPrefix(name, "-") || name == "HEAD" {
		return fatal("'%s' is not a valid branch name", name)
	}
	if _, ok := r.ref("refs/heads/" + name); ok && !force {
		return fatal("a branch named '%s' already exists", name)
	}
	c, err := r.commitOf(start)
	if err != nil {
		return fatal("not a valid object name: '%s'", start)
	}
	return r.setRef("refs/heads/"+name, c.id, "branch: Created from "+start)
}

func (r *repo) deleteBranches(names []string, current string, head id, force bool) error {
	if len(names) == 0 {
		return fatal("branch name required")
	}
	merged := map[id]bool{}
	if !head.zero() {
		if err := r.ancestors(head, merged); err != nil {
			return err
		}
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
		case !force && !merged[h]:
			say("The branch '%s' is not fully merged.\nIf you are sure you want to delete it, run 'git branch -D %s'.", name, name)
		default:
			if err := r.deleteRef("refs/heads/" + name); err != nil {
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
	if old == current {
		return r.writeGit("HEAD", "ref: refs/heads/"+now+"\n")
	}
	return nil
}
