package git

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// localPeer is a repository on the sandbox's own files.
type localPeer struct {
	*repo
	far *repo
}

// openLocal opens the repository at a path; url is how the user wrote it.
func (r *repo) openLocal(name, url string) (peer, error) {
	dir, ok := r.locate(name)
	if !ok {
		return nil, noRepository(url)
	}
	far := r.openAt(dir)
	return &localPeer{r, far}, far.checkFormat()
}

func (p *localPeer) refs([]string) ([]farRef, error) {
	var list []farRef
	if branch, h := p.far.head(); !h.zero() || branch != "" {
		list = append(list, farRef{name: "HEAD", id: h, target: branch})
	}
	all := p.far.refs("refs/")
	for _, name := range sortedNames(all) {
		ref := farRef{name: "refs/" + name, id: all[name]}
		if o, err := p.far.read(ref.id); err == nil && o.kind == "tag" {
			ref.peeled = p.far.peel(ref.id)
		}
		list = append(list, ref)
	}
	return list, p.keep(len(list) * 150)
}

// peel follows tags to what they are of.
func (r *repo) peel(h id) id {
	for range 10 {
		o, err := r.read(h)
		if err != nil || o.kind != "tag" {
			break
		}
		to, ok := tagTarget(o.data)
		if !ok {
			break
		}
		h = to
	}
	return h
}

func (p *localPeer) fetch(q query) (delivery, error) {
	d := delivery{}
	var known []id
	for _, h := range q.haves {
		if p.far.has(h) {
			known = append(known, h)
		}
	}
	cut := map[id]bool{}
	if q.depth > 0 {
		var err error
		starts, depth := q.wants, q.depth
		if q.relative {
			starts, depth = slices.Collect(maps.Keys(p.shallow())), q.depth+1
		}
		if cut, err = p.far.within(starts, depth); err != nil {
			return d, err
		}
		for h := range p.shallow() {
			if !cut[h] && p.far.has(h) {
				d.unshallow = append(d.unshallow, h)
			}
		}
		known = nil
	}
	for h := range p.far.shallow() {
		cut[h] = true
	}
	list, err := p.far.reach(q.wants, known, cut)
	if err != nil {
		return d, err
	}
	sent := map[id]bool{}
	for _, h := range list {
		sent[h] = true
	}
	for h := range cut {
		if sent[h] && !p.shallow()[h] {
			d.shallow = append(d.shallow, h)
		}
	}
	if q.tags {
		if list, err = p.far.withTags(list, sent); err != nil {
			return d, err
		}
	}
	if d.pack, err = p.far.writePack(list); err != nil {
		return d, err
	}
	return d, nil
}

// withTags adds the tag objects of what is sent.
func (r *repo) withTags(list []id, sent map[id]bool) ([]id, error) {
	all := r.refs("refs/tags/")
	for _, name := range sortedNames(all) {
		h := all[name]
		if o, err := r.read(h); err != nil || o.kind != "tag" || sent[h] || !sent[r.peel(h)] {
			continue
		}
		more, err := r.reach([]id{h}, list, nil)
		if err != nil {
			return nil, err
		}
		for _, m := range more {
			sent[m] = true
		}
		list = append(list, more...)
	}
	return list, nil
}

// within finds the commits at a depth, whose parents are not within it.
func (r *repo) within(starts []id, depth int) (map[id]bool, error) {
	depths, edge := map[id]int{}, map[id]bool{}
	var queue []id
	for _, h := range starts {
		if c, err := r.commit(h); err == nil && depths[c.id] == 0 {
			depths[c.id] = 1
			queue = append(queue, c.id)
		}
	}
	for len(queue) > 0 {
		c, err := r.commit(queue[0])
		if err != nil {
			return nil, err
		}
		queue = queue[1:]
		if depths[c.id] == depth {
			edge[c.id] = true
			continue
		}
		for _, p := range c.parents {
			if depths[p] == 0 {
				depths[p] = depths[c.id] + 1
				queue = append(queue, p)
			}
		}
		if err := r.hold(100); err != nil {
			return nil, err
		}
		if err := r.spend(100); err != nil {
			return nil, err
		}
	}
	return edge, nil
}

// push does what receive-pack does, with its rules: the branch that is checked out stays.
func (p *localPeer) push(list []*update, pack []byte) error {
	if len(pack) > 0 {
		if err := p.far.storePack(pack, p.far.shallow(), true); err != nil {
			return err
		}
	}
	current, _ := p.far.head()
	for _, u := range list {
		now, _ := p.far.ref(u.name)
		err := error(nil)
		switch {
		case now != u.old:
			u.result = "failed to update ref"
		case u.name == current && p.far.config("core.bare") != "true" && p.far.denies("receive.denycurrentbranch"):
			p.denyUpdate(u)
		case u.name == current && u.now.zero() && p.far.denies("receive.denydeletecurrent"):
			p.denyDelete(u)
		case u.now.zero():
			err = p.far.deleteRef(u.name)
		case p.far.config("receive.denynonfastforwards") == "true" && !u.old.zero() && !p.far.forward(u):
			u.result = "non-fast-forward"
		default:
			reason := "push"
			if p.far.config("core.bare") == "true" {
				reason = "" // it keeps no logs
			}
			err = p.far.setRef(u.name, u.now, reason)
		}
		if err != nil {
			u.result = "failed to update ref"
		}
		u.answered = true
	}
	return p.inv.Budget.Err()
}

func (r *repo) forward(u *update) bool {
	ok, err := r.isAncestor(u.old, u.now)
	return ok && err == nil
}

// denies says whether a setting refuses, as it does unless it is set.
func (r *repo) denies(key string) bool {
	return !slices.Contains([]string{"ignore", "warn", "false"}, r.config(key))
}

func (p *localPeer) say(lines string) {
	for line := range strings.Lines(lines) {
		sayRemote(p.inv.Stderr, strings.TrimSuffix(line, "\n"))
	}
}

func (p *localPeer) denyDelete(u *update) {
	p.say("error: By default, deleting the current branch is denied, because the next\n'git clone' won't result in any file checked out, causing confusion.\n\n" +
		"You can set 'receive.denyDeleteCurrent' configuration variable to\n'warn' or 'ignore' in the remote repository to allow deleting the\ncurrent branch, with or without a warning message.\n\nTo squelch this message, you can set it to 'refuse'.\n")
	p.say("error: refusing to delete the current branch: " + u.name + "\n")
	u.result = "deletion of the current branch prohibited"
}

func (p *localPeer) denyUpdate(u *update) {
	p.say("error: refusing to update checked out branch: " + u.name + "\n" +
		"error: By default, updating the current branch in a non-bare repository\nis denied, because it will make the index and work tree inconsistent\nwith what you pushed, and will require 'git reset --hard' to match\nthe work tree to HEAD.\n\n" +
		"You can set the 'receive.denyCurrentBranch' configuration variable\nto 'ignore' or 'warn' in the remote repository to allow pushing into\nits current branch; however, this is not recommended unless you\narranged to update its work tree to match what you pushed in some\nother way.\n\n" +
		"To squelch this message and still keep the default behaviour, set\n'receive.denyCurrentBranch' configuration variable to 'refuse'.\n")
	u.result = "branch is currently checked out"
}

// absolute is a path of the sandbox that means the same from everywhere.
func (r *repo) absolute(name string) string {
	if !path.IsAbs(name) {
		name = r.at + "/" + name
	}
	return path.Clean(name)
}
