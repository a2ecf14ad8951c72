package git

import "fmt"

// pick makes one commit again upon HEAD.
func (b *rebasing) pick(c *commit) error {
	_, head := b.head()
	if len(c.parents) == 1 && c.parents[0] == head {
		if err := b.goTo(head, c.id, false); err != nil {
			return err
		}
		return b.detach(c.id, "rebase: fast-forward")
	}
	old := files{}
	if len(c.parents) > 0 {
		parent, err := b.commit(c.parents[0])
		if err != nil {
			return err
		}
		if old, err = b.flat(parent.tree); err != nil {
			return err
		}
	}
	ours, err := b.headTree()
	if err != nil {
		return err
	}
	theirs, err := b.flat(c.tree)
	if err != nil {
		return err
	}
	x, err := b.readIndex()
	if err != nil {
		return err
	}
	m := &merger{repo: b.repo, ours: "HEAD", theirs: fmt.Sprintf("%s (%s)", b.short(c.id), c.subject())}
	result, err := m.trees(old, ours, theirs)
	if err != nil {
		return err
	}
	if err := b.moveTo(x, ours, result, false, "merge"); err != nil {
		return err
	}
	for name, conflict := range m.conflicts {
		delete(x.files, name)
		x.conflicts[name] = conflict
	}
	if err := b.writeIndex(x); err != nil {
		return err
	}
	if len(m.conflicts) > 0 {
		return b.stop(c)
	}
	_, err = b.record(c, result, ours)
	return err
}

// stop leaves a conflict to the user.
func (b *rebasing) stop(c *commit) error {
	if err := b.save(); err != nil {
		return err
	}
	if err := b.writeGit("REBASE_HEAD", c.id.String()+"\n"); err != nil {
		return err
	}
	what := fmt.Sprintf("%s... %s", b.short(c.id), c.subject())
	return &failure{1, fmt.Sprintf("error: could not apply %s\nhint: Resolve all conflicts manually, mark them as resolved with\nhint: \"git add/rm <conflicted_files>\", then run \"git rebase --continue\".\nhint: You can instead skip this commit: run \"git rebase --skip\".\nhint: To abort and get back to the state before \"git rebase\", run \"git rebase --abort\".\nCould not apply %s", what, what)}
}

// record commits a tree in the place of a commit. What is there already is left out.
func (b *rebasing) record(c *commit, tree, before files) (*commit, error) {
	_, head := b.head()
	made := &commit{parents: []id{head}, author: c.author, committer: b.me("COMMITTER"), message: c.message}
	var err error
	if made.tree, err = b.writeTree(tree); err != nil {
		return nil, err
	}
	if list, err := b.changes(before, tree, nil, false, false); err != nil {
		return nil, err
	} else if len(list) == 0 {
		if parent, err := b.commit(c.parents[0]); len(c.parents) == 1 && err == nil && parent.tree != c.tree {
			fmt.Fprintf(b.inv.Stderr, "dropping %s %s -- patch contents already upstream\n", c.id, c.subject())
			return nil, nil
		}
	}
	if made.id, err = b.writeCommit(made); err != nil {
		return nil, err
	}
	return made, b.detach(made.id, "rebase (pick): "+made.subject())
}
