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
		y := newIndex()
		for _, name := range extra {
			if err := r.stage(y, name); err != nil {
				return err
			}
		}
		third := &commit{author: index.author, committer: index.committer, message: "untracked files on " + base + "\n"}
		if third.tree, err = r.writeTree(y.flat()); err != nil {
			return err
		}
		if third.id, err = r.writeCommit(third); err != nil {
			return err
		}
		saved.parents = append(saved.parents, third.id)
		for _, name := range extra {
			if err := r.drop(name); err != nil {
				return err
			}
		}
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

// stashUse brings a stash back, shows it, or drops it.
func (r *repo) stashUse(verb string, n int, h id, f flags) error {
	if verb == "drop" {
		return r.stashDrop(n, h, f)
	}
	saved, err := r.commit(h)
	if err != nil || len(saved.parents) < 2 {
		return fatal("'%s' is not a stash-like commit", h)
	}
	parent, err := r.commit(saved.parents[0])
	if err != nil {
		return err
	}
	base, err := r.flat(parent.tree)
	if err != nil {
		return err
	}
	theirs, err := r.flat(saved.tree)
	if err != nil {
		return err
	}
	if verb == "show" {
		list, err := r.changes(base, theirs, nil, true, false)
		if err != nil {
			return err
		}
		if !f.has("patch") {
			f["stat"] = []string{""}
		}
		return r.showChanges(f, list, false, false)
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	ours := x.flat()
	m := &merger{repo: r, ours: "Updated upstream", theirs: "Stashed changes"}
	result, err := m.trees(base, ours, theirs)
	if err != nil {
		return err
	}
	var before files
	if before, err = r.headTree(); err != nil {
		return err
	}
	if err := r.moveTo(x, ours, result, false, "merge"); err != nil {
		return err
	}
	if len(saved.parents) > 2 {
		third, err := r.commit(saved.parents[2])
		if err != nil {
			return err
		}
		extra, err := r.flat(third.tree)
		if err != nil {
			return err
		}
		for _, name := range extra.names() {
			if r.exists(name) {
				return problem("%s already exists, no checkout\nerror: could not restore untracked files from stash", name)
			}
			if err := r.put(name, extra[name]); err != nil {
				return err
			}
		}
	}
	// What was changed is in the working tree only; what is new stays in the index.
	for name := range result {
		if e, ok := before[name]; ok {
			x.set(name, r.stat(name, e))
		}
	}
	for name, e := range before {
		if _, ok := result[name]; !ok {
			x.set(name, indexEntry{entry: e})
		}
	}
	for name, c := range m.conflicts {
		delete(x.files, name)
		x.conflicts[name] = c
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if !f.has("quiet") {
		if err := status(r, nil); err != nil {
			return err
		}
	}
	if len(m.conflicts) > 0 {
		if verb == "apply" {
			return exit(1)
		}
		fmt.Fprintln(r.out, "The stash entry is kept in case you need it again.")
		return exit(1)
	}
	if verb == "apply" {
		return nil
	}
	return r.stashDrop(n, h, f)
}

func (r *repo) stashDrop(n int, h id, f flags) error {
	text, err := r.inv.FS.ReadFile(r.dir + "/logs/refs/stash")
	if err != nil {
		return fatal("cannot read the log of stashes: %v", err)
	}
	list := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	at := len(list) - 1 - n
	list = append(list[:at:at], list[at+1:]...)
	if len(list) == 0 {
		if err := r.deleteRef("refs/stash"); err != nil {
			return err
		}
	} else {
		joined := strings.TrimSuffix(strings.Join(list, ""), "\n") + "\n"
		if err := r.writeGit("logs/refs/stash", joined); err != nil {
			return err
		}
		top, _ := r.reflog("refs/stash")
		if err := r.setRef("refs/stash", top[0], ""); err != nil {
			return err
		}
	}
	if !f.has("quiet") {
		fmt.Fprintf(r.out, "Dropped %s (%s)\n", map[bool]string{true: "refs/stash@{0}", false: fmt.Sprintf("stash@{%d}", n)}[n == 0], h)
	}
	return nil
}
