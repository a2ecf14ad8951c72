package git

// reached are the objects that some lead to.
type reached struct {
	*repo
	seen map[id]bool
	list []id
}

// reach lists the objects that starts lead to, commits and tags before trees and blobs. What the commits and tags of
// known lead to is left out, as far as that is cheap to know. cut are commits whose parents are not looked at.
func (r *repo) reach(starts, known []id, cut map[id]bool) ([]id, error) {
	all := &reached{repo: r, seen: map[id]bool{}}
	hidden := map[id]bool{}
	for _, h := range known {
		if c, err := r.commit(h); err == nil {
			if err := r.ancestors(c.id, hidden); err != nil {
				return nil, err
			}
		}
		all.seen[h] = true
	}
	var commits []*commit
	var others []id
	for todo := append([]id(nil), starts...); len(todo) > 0; {
		h := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if hidden[h] || all.seen[h] {
			continue
		}
		o, err := r.read(h)
		if err != nil {
			return nil, err
		}
		switch o.kind {
		case "tag":
			to, ok := tagTarget(o.data)
			if !ok {
				return nil, fatal("bad tag %s", h)
			}
			todo = append(todo, to)
		case "commit":
			c, err := r.commit(h)
			if err != nil {
				return nil, err
			}
			if !cut[h] {
				todo = append(todo, c.parents...)
			}
			commits = append(commits, c)
			if err := r.hold(len(c.message) + 400); err != nil {
				return nil, err
			}
		default:
			others = append(others, h)
			continue
		}
		if err := all.add(h); err != nil {
			return nil, err
		}
	}
	// The trees that the other side has at the border are not sent again.
	sent := len(all.list)
	for _, c := range commits {
		for _, p := range c.parents {
			if hidden[p] {
				parent, err := r.commit(p)
				if err != nil {
					return nil, err
				}
				if err := all.tree(parent.tree, 0); err != nil {
					return nil, err
				}
			}
		}
	}
	all.list = all.list[:sent]
	for _, c := range commits {
		if err := all.tree(c.tree, 0); err != nil {
			return nil, err
		}
	}
	for _, h := range others {
		if err := all.other(h); err != nil {
			return nil, err
		}
	}
	return all.list, nil
}

func (a *reached) add(h id) error {
	a.seen[h] = true
	a.list = append(a.list, h)
	if err := a.hold(100); err != nil {
		return err
	}
	return a.spend(100)
}

// other adds a tree or blob that a ref or tag names.
func (a *reached) other(h id) error {
	o, err := a.read(h)
	switch {
	case err != nil:
		return err
	case o.kind == "tree":
		return a.tree(h, 0)
	case a.seen[h]:
		return nil
	}
	return a.add(h)
}

func (a *reached) tree(h id, depth int) error {
	if a.seen[h] {
		return nil
	}
	if depth > 200 {
		return fatal("a tree is nested too deeply")
	}
	before := a.held
	list, err := a.repo.tree(h)
	if err != nil && h == emptyTree {
		return nil
	}
	if err != nil {
		return err
	}
	a.release(before)
	if err := a.add(h); err != nil {
		return err
	}
	for _, e := range list {
		switch e.mode {
		case modeRepo:
		case modeDir:
			err = a.tree(e.id, depth+1)
		default:
			if !a.seen[e.id] {
				err = a.add(e.id)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
