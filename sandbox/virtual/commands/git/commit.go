package git

import (
	"fmt"
	"strings"
)

func commitCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse("message:=m all=a quiet=q amend allow-empty allow-empty-message file:=F no-edit no-verify=n author: date: signoff=s reuse-message:=C verbose=v no-gpg-sign dry-run cleanup: trailer: only=o include=i reset-author", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	if len(x.conflicts) > 0 {
		for _, name := range x.names() {
			if _, ok := x.conflicts[name]; ok {
				fmt.Fprintf(r.out, "U\t%s\n", quote(name))
			}
		}
		return &failure{128, "error: Committing is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict."}
	}
	if operands = append(operands, after...); f.has("all") || len(operands) > 0 {
		if err := r.stageKnown(x, operands); err != nil {
			return err
		}
	}
	branch, head := r.head()
	c := &commit{author: r.me("AUTHOR"), committer: r.me("COMMITTER")}
	old, before, err := r.commitBefore(head)
	if err != nil {
		return err
	}
	if old != nil {
		c.parents = []id{head}
	}
	merging, isMerge := r.gitFile("MERGE_HEAD")
	if f.has("amend") {
		if before, err = r.amend(c, old, f); err != nil {
			return err
		}
	} else if h, ok := parseID(merging); ok {
		c.parents = append(c.parents, h)
	}
	if err := c.authorOf(f); err != nil {
		return err
	}
	if c.message, err = r.message(f, old, isMerge); err != nil {
		return err
	}
	all := x.flat()
	if c.tree, err = r.writeTree(all); err != nil {
		return err
	}
	nothing := old == nil && len(all) == 0 || old != nil && old.tree == c.tree
	if nothing && !f.has("allow-empty") && !f.has("amend") && !isMerge {
		if err := r.writeIndex(x); err != nil {
			return err
		}
		s, err := r.state(nil, false, false)
		if err != nil {
			return err
		}
		r.longStatus(r.out, s, true)
		return exit(1)
	}
	if f.has("amend") && !f.has("allow-empty") && len(c.parents) == 1 && len(all) == len(before) {
		if list, err := r.changes(before, all, nil, false, false); err != nil || len(list) == 0 {
			return &failure{1, "You asked to amend the most recent commit, but doing so would make\nit empty. You can repeat your command with --allow-empty, or you can\nremove the commit entirely with \"git reset HEAD^\"."}
		}
	}
	if c.message == "" && !f.has("allow-empty-message") {
		return &failure{1, "Aborting commit due to empty commit message."}
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if c.id, err = r.writeCommit(c); err != nil {
		return err
	}
	kind := "commit"
	switch {
	case f.has("amend"):
		kind = "commit (amend)"
	case isMerge:
		kind = "commit (merge)"
	case old == nil:
		kind = "commit (initial)"
	}
	if err := r.moveHead(c.id, kind+": "+c.subject()); err != nil {
		return err
	}
	for _, name := range []string{"MERGE_HEAD", "MERGE_MSG", "MERGE_MODE"} {
		r.inv.FS.Remove(r.dir + "/" + name)
	}
	if f.has("quiet") {
		return nil
	}
	return r.announce(c, branch, before, all, true)
}

// stageKnown takes files that the index has into it, as they are now: those that operands name, without any all.
func (r *repo) stageKnown(x *index, operands []string) error {
	p, err := r.paths(operands)
	if err != nil {
		return err
	}
	for _, name := range x.names() {
		if p.match(name) && x.files[name].mode != modeRepo {
			if err := r.stage(x, name); err != nil {
				return err
			}
		}
	}
	if name := p.unused(); name != "" {
		return problem("pathspec '%s' did not match any file(s) known to git", name)
	}
	return nil
}

// commitBefore is the commit that a branch is at, and its files; nil if there is none yet.
func (r *repo) commitBefore(head id) (*commit, files, error) {
	if head.zero() {
		return nil, files{}, nil
	}
	c, err := r.commit(head)
	if err != nil {
		return nil, nil, err
	}
	all, err := r.flat(c.tree)
	return c, all, err
}

// amend puts c into the place of old, and returns the files before that.
func (r *repo) amend(c, old *commit, f flags) (files, error) {
	if old == nil {
		return nil, fatal("You have nothing to amend.")
	}
	if c.parents = old.parents; !f.has("reset-author") {
		c.author = old.author
	}
	if len(old.parents) == 0 {
		return files{}, nil
	}
	_, before, err := r.commitBefore(old.parents[0])
	return before, err
}

// authorOf sets what --author and --date say.
func (c *commit) authorOf(f flags) error {
	if text := f.last("author"); text != "" {
		p := parsePerson(text)
		if p.email == "" {
			return fatal("--author '%s' is not 'Name <email>' and matches no existing author", text)
		}
		c.author.name, c.author.email = p.name, p.email
	}
	if when, zone, ok := parseDate(f.last("date")); ok {
		c.author.when, c.author.zone = when, zone
	}
	return nil
}

// announce says what was committed, and when the author did so, where dated is set and the committer did not then.
func (r *repo) announce(c *commit, branch string, before, all files, dated bool) error {
	where := strings.TrimPrefix(branch, "refs/heads/")
	if branch == "" {
		where = "detached HEAD"
	}
	if len(c.parents) == 0 {
		where += " (root-commit)"
	}
	fmt.Fprintf(r.out, "[%s %s] %s\n", where, r.short(c.id), c.subject())
	if c.author.name != c.committer.name || c.author.email != c.committer.email {
		fmt.Fprintf(r.out, " Author: %s <%s>\n", c.author.name, c.author.email)
	}
	if dated && (c.author.when != c.committer.when || c.author.zone != c.committer.zone) {
		fmt.Fprintf(r.out, " Date: %s\n", date(c.author, ""))
	}
	if len(c.parents) > 1 {
		return nil
	}
	list, err := r.changes(before, all, nil, true, false)
	if err != nil {
		return err
	}
	texts, err := r.texts(list, false)
	if err != nil {
		return err
	}
	r.sum(texts)
	r.summary(texts)
	return nil
}

func (r *repo) texts(list []change, work bool) ([]*text, error) {
	var texts []*text
	for _, c := range list {
		t, err := r.text(c, work)
		if err != nil {
			return nil, err
		}
		texts = append(texts, t)
	}
	return texts, nil
}
