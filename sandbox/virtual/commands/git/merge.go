package git

import (
	"fmt"
	"strings"
)

func merge(r *repo, args []string) error {
	f, operands, _, _, err := parse("no-ff ff ff-only message:=m abort continue no-edit edit=e no-commit squash quiet=q stat=n no-stat strategy:=s strategy-option:=X allow-unrelated-histories verbose=v no-verify", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	_, merging := r.gitFile("MERGE_HEAD")
	switch {
	case f.has("abort"):
		if !merging {
			return fatal("There is no merge to abort (MERGE_HEAD missing).")
		}
		return reset(r, []string{"-q", "--hard", "HEAD"})
	case f.has("continue"):
		if !merging {
			return fatal("There is no merge in progress (MERGE_HEAD missing).")
		}
		return commitCommand(r, nil)
	case merging:
		if x, err := r.readIndex(); err == nil && len(x.conflicts) > 0 {
			return &failure{128, "error: Merging is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict."}
		}
		return fatal("You have not concluded your merge (MERGE_HEAD exists).\nPlease, commit your changes before you merge.")
	case len(operands) == 0:
		branch, _ := r.head()
		u, ok := r.upstream(branch)
		if !ok {
			return fatal("No remote for the current branch.")
		}
		operands = []string{shortRef(u.ref)}
	case len(operands) > 1:
		return fatal("one branch or commit to merge is expected")
	}
	if err := r.onlyOrt(f); err != nil {
		return err
	}
	name := operands[0]
	theirs, err := r.commitOf(name)
	if err != nil {
		return &failure{1, fmt.Sprintf("merge: %s - not something we can merge", name)}
	}
	m := mergeOf{theirs: theirs, label: name, title: "Merge commit '" + name + "'", reason: "merge " + name}
	for prefix, kind := range map[string]string{"refs/heads/": "branch", "refs/remotes/": "remote-tracking branch", "refs/tags/": "tag"} {
		if full := r.fullName(name); strings.HasPrefix(full, prefix) {
			m.title = fmt.Sprintf("Merge %s '%s'", kind, strings.TrimPrefix(full, prefix))
		}
	}
	if name == "FETCH_HEAD" {
		text, _ := r.gitFile(name)
		line, _, _ := strings.Cut(text, "\n")
		m.title = "Merge " + line[strings.LastIndexByte(line, '\t')+1:]
	}
	return r.merge(f, m)
}

// onlyOrt refuses the ways of merging that there are not.
func (r *repo) onlyOrt(f flags) error {
	for _, name := range f["strategy"] {
		if name != "ort" && name != "recursive" && name != "resolve" {
			return fatal("the merge strategy '%s' is not supported in this sandbox", name)
		}
	}
	for _, key := range []string{"strategy-option", "squash"} {
		if f.has(key) {
			return fatal("--%s is not supported in this sandbox; resolve with checkout --ours or --theirs, squash with reset --soft and commit", key)
		}
	}
	return nil
}

// mergeOf is what a merge brings in.
type mergeOf struct {
	theirs *commit
	label  string // of their side in a conflict
	title  string // of the message: "Merge branch 'x'"
	reason string // for the log of HEAD: "merge x"
}

// merge brings a commit into the branch that HEAD names.
func (r *repo) merge(f flags, m mergeOf) error {
	theirs := m.theirs
	branch, head := r.head()
	if head.zero() {
		if err := r.goTo(head, theirs.id, false); err != nil {
			return err
		}
		return r.moveHead(theirs.id, "initial pull")
	}
	base, err := r.mergeBase(head, theirs.id)
	if err != nil {
		return err
	}
	ours, err := r.commit(head)
	if err != nil {
		return err
	}
	before, err := r.flat(ours.tree)
	if err != nil {
		return err
	}
	switch {
	case base == theirs.id:
		fmt.Fprintln(r.out, "Already up to date.")
		return nil
	case base.zero() && !f.has("allow-unrelated-histories"):
		return fatal("refusing to merge unrelated histories")
	case base == head && !f.has("no-ff"):
		return r.fastForward(f, m, head, before)
	case f.has("ff-only"):
		return fatal("Not possible to fast-forward, aborting.")
	}
	message := clean(strings.Join(f["message"], "\n\n"))
	if message == "" {
		message = m.title
		if b := strings.TrimPrefix(branch, "refs/heads/"); b != "main" && b != "master" {
			message += " into " + b
		}
		message += "\n"
	}
	return r.threeWay(f, m, message, base, ours, before)
}

func (r *repo) fastForward(f flags, m mergeOf, head id, before files) error {
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	after, err := r.flat(m.theirs.tree)
	if err != nil {
		return err
	}
	if !f.has("quiet") {
		fmt.Fprintf(r.out, "Updating %s..%s\n", r.short(head), r.short(m.theirs.id))
	}
	if err := r.moveTo(x, before, after, false, "merge"); err != nil {
		return err
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if err := r.moveHead(m.theirs.id, m.reason+": Fast-forward"); err != nil || f.has("quiet") {
		return err
	}
	if f.has("message") {
		fmt.Fprintln(r.out, "Fast-forward (no commit created; -m option ignored)")
	} else {
		fmt.Fprintln(r.out, "Fast-forward")
	}
	return r.mergeStat(before, after)
}

func (r *repo) mergeStat(before, after files) error {
	list, err := r.changes(before, after, nil, true, false)
	if err != nil {
		return err
	}
	texts, err := r.texts(list, false)
	if err != nil {
		return err
	}
	r.stats(texts)
	r.summary(texts)
	return nil
}

// threeWay merges two commits, and commits the result unless there are conflicts.
func (r *repo) threeWay(f flags, how mergeOf, message string, base id, ours *commit, before files) error {
	old := files{}
	if !base.zero() {
		c, err := r.commit(base)
		if err != nil {
			return err
		}
		if old, err = r.flat(c.tree); err != nil {
			return err
		}
	}
	other, err := r.flat(how.theirs.tree)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	if list, err := r.changes(before, x.flat(), nil, false, false); err != nil || len(list) > 0 || len(x.conflicts) > 0 {
		return problem("Your local changes to the following files would be overwritten by merge:\n  %s", strings.Join(changeNames(list), "\n  "))
	}
	m := &merger{repo: r, ours: "HEAD", theirs: how.label}
	result, err := m.trees(old, before, other)
	if err != nil {
		return err
	}
	if err := r.moveTo(x, before, result, false, "merge"); err != nil {
		return err
	}
	for name, c := range m.conflicts {
		delete(x.files, name)
		x.conflicts[name] = c
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if len(m.conflicts) > 0 || f.has("no-commit") {
		text := message
		if len(m.conflicts) > 0 {
			text += "\n# Conflicts:\n"
			for _, name := range x.names() {
				if _, ok := m.conflicts[name]; ok {
					text += "#\t" + name + "\n"
				}
			}
		}
		if err := r.writeGit("MERGE_HEAD", how.theirs.id.String()+"\n"); err != nil {
			return err
		}
		if err := r.writeGit("MERGE_MSG", text); err != nil {
			return err
		}
		if len(m.conflicts) > 0 {
			fmt.Fprintln(r.out, "Automatic merge failed; fix conflicts and then commit the result.")
			return exit(1)
		}
		fmt.Fprintln(r.out, "Automatic merge went well; stopped before committing as requested")
		return nil
	}
	c := &commit{parents: []id{ours.id, how.theirs.id}, author: r.me("AUTHOR"), committer: r.me("COMMITTER"), message: message}
	if c.tree, err = r.writeTree(result); err != nil {
		return err
	}
	if c.id, err = r.writeCommit(c); err != nil {
		return err
	}
	if err := r.moveHead(c.id, how.reason+": Merge made by the 'ort' strategy."); err != nil || f.has("quiet") {
		return err
	}
	fmt.Fprintln(r.out, "Merge made by the 'ort' strategy.")
	return r.mergeStat(before, result)
}

func changeNames(list []change) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.new)
	}
	return names
}
