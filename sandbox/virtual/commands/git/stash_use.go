package git

import (
	"fmt"
	"strings"
)

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
		if err := r.unstashUntracked(saved.parents[2]); err != nil {
			return err
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

// unstashUntracked brings back what stashUntracked has committed.
func (r *repo) unstashUntracked(h id) error {
	_, extra, err := r.commitBefore(h)
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
	return nil
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
