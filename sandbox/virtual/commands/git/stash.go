package git

import (
	"fmt"
	"strconv"
	"strings"
)

func stash(r *repo, args []string) error {
	if err := r.needWork(); err != nil {
		return err
	}
	verb := "push"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	f, operands, _, _, err := parse("message:=m include-untracked=u quiet=q index patch=p stat? keep-index=k all=a", args)
	if err != nil {
		return err
	}
	switch verb {
	case "push", "save":
		if f.has("patch") {
			return fatal("stash -p asks questions, and nobody answers in this sandbox")
		}
		message := f.last("message")
		if verb == "save" {
			message, operands = strings.Join(operands, " "), nil
		}
		if len(operands) > 0 {
			return fatal("stash push takes no paths in this sandbox")
		}
		return r.stashPush(message, f)
	case "list":
		_, reasons := r.reflog("refs/stash")
		for i, reason := range reasons {
			fmt.Fprintf(r.out, "stash@{%d}: %s\n", i, reason)
		}
		return nil
	case "pop", "apply", "drop", "show":
		n := 0
		if len(operands) > 0 {
			text := strings.TrimSuffix(strings.TrimPrefix(operands[0], "stash@{"), "}")
			if n, err = strconv.Atoi(text); err != nil {
				return problem("%s is not a valid reference", operands[0])
			}
		}
		list, _ := r.reflog("refs/stash")
		if len(list) == 0 {
			return &failure{1, "No stash entries found."}
		}
		if n < 0 || n >= len(list) {
			return problem("stash@{%d} is not a valid reference", n)
		}
		return r.stashUse(verb, n, list[n], f)
	case "clear":
		return r.deleteRef("refs/stash")
	}
	return misuse("stash", fmt.Sprintf("error: unknown subcommand: `%s'", verb))
}

func (r *repo) stashPush(message string, f flags) error {
	branch, head := r.head()
	if head.zero() {
		return fatal("You do not have the initial commit yet")
	}
	c, err := r.commit(head)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	if len(x.conflicts) > 0 {
		return problem("there are files in conflict: resolve them first")
	}
	tree, err := r.flat(c.tree)
	if err != nil {
		return err
	}
	staged := x.flat()
	indexTree, err := r.writeTree(staged)
	if err != nil {
		return err
	}
	for _, name := range x.names() {
		if x.files[name].mode != modeRepo {
			if err := r.stage(x, name); err != nil {
				return err
			}
		}
	}
	var extra []string
	if f.has("include-untracked") || f.has("all") {
		if extra, err = r.untracked(x, true, false); err != nil {
			return err
		}
	}
	workTree, err := r.writeTree(x.flat())
	if err != nil {
		return err
	}
	if workTree == c.tree && indexTree == c.tree && len(extra) == 0 {
		fmt.Fprintln(r.out, "No local changes to save")
		return nil
	}
	where := strings.TrimPrefix(branch, "refs/heads/")
	if where == "" {
		where = "(no branch)"
	}
	base := fmt.Sprintf("%s: %s %s", where, r.short(head), c.subject())
	title := "WIP on " + base
	if message != "" {
		title = "On " + where + ": " + message
	}
	index := &commit{tree: indexTree, parents: []id{head}, author: r.me("AUTHOR"), committer: r.me("COMMITTER"), message: "index on " + base + "\n"}
	if index.id, err = r.writeCommit(index); err != nil {
		return err
	}
	saved := &commit{tree: workTree, parents: []id{head, index.id}, author: index.author, committer: index.committer, message: title}
	if len(extra) > 0 {
		third := &commit{author: index.author, committer: index.committer, message: "untracked files on " + base + "\n"}
		if err := r.stashUntracked(third, extra); err != nil {
			return err
		}
		saved.parents = append(saved.parents, third.id)
	}
	if saved.id, err = r.writeCommit(saved); err != nil {
		return err
	}
	if err := r.setRef("refs/stash", saved.id, title); err != nil {
		return err
	}
	if f.has("keep-index") {
		tree = staged
	}
	if err := r.moveTo(x, x.flat(), tree, true, "checkout"); err != nil {
		return err
	}
	if err := r.writeIndex(x); err != nil || f.has("quiet") {
		return err
	}
	fmt.Fprintf(r.out, "Saved working directory and index state %s\n", title)
	return nil
}

// stashUntracked commits files that git does not know, and removes them.
func (r *repo) stashUntracked(c *commit, names []string) (err error) {
	x := newIndex()
	for _, name := range names {
		if err := r.stage(x, name); err != nil {
			return err
		}
	}
	if c.tree, err = r.writeTree(x.flat()); err != nil {
		return err
	}
	if c.id, err = r.writeCommit(c); err != nil {
		return err
	}
	for _, name := range names {
		if err := r.drop(name); err != nil {
			return err
		}
	}
	return nil
}
