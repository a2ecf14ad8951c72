package git

import (
	"slices"
	"strings"
)

// match finds the refs that a refspec pushes, here and there.
func (t *pushing) match(s refspec) error {
	force := s.force || t.f.has("force")
	switch {
	case s.negative:
		return fatal("negative refspecs are not supported by push in this sandbox")
	case s.src == "" && s.dst == "" && s.paired: // every branch that both have
		return t.matchAll(refspec{src: "refs/heads/*", dst: "refs/heads/*", force: s.force}, true)
	case s.pattern():
		return t.matchAll(s, false)
	case s.src == "":
		name, err := t.target(s.dst, "", "")
		if err != nil {
			return err
		}
		if _, ok := t.there(name); !ok {
			return problem("unable to delete '%s': remote ref does not exist", s.dst)
		}
		return t.add("", "", name, id{}, force)
	}
	full, src := t.fullName(s.src), s.src
	h, err := t.resolve(s.src)
	if err != nil {
		return problem("src refspec %s does not match any", s.src)
	}
	if s.src == "HEAD" || s.src == "@" {
		src, full = "HEAD", t.branch
	} else if full != "" {
		src = shortRef(full)
	}
	dst := s.dst
	if !s.paired {
		if dst = full; full == "" {
			return t.unqualified(s.src, s.src)
		}
		if u, ok := t.upstream(full); ok && u.remote == t.remote.name && (t.config("push.default") == "upstream" || t.config("push.default") == "tracking") {
			dst = u.merge
		}
	}
	name, err := t.target(dst, full, s.src)
	if err != nil {
		return err
	}
	return t.add(src, full, name, h, force)
}

// matchAll matches a pattern against the refs here; both leaves out those that the other side does not have.
func (t *pushing) matchAll(s refspec, both bool) error {
	all := t.refs("refs/")
	for _, short := range sortedNames(all) {
		name := "refs/" + short
		dst, ok := s.match(name)
		if _, known := t.there(dst); !ok || both && !known {
			continue
		}
		if err := t.add(shortRef(name), name, dst, all[short], s.force || t.f.has("force")); err != nil {
			return err
		}
	}
	return nil
}

func (t *pushing) there(name string) (id, bool) {
	for _, ref := range t.theirs {
		if ref.name == name {
			return ref.id, true
		}
	}
	return id{}, false
}

// target is the full name of a ref there: one that it has, or one of the kind that the source, as it was said, is of.
func (t *pushing) target(dst, src, said string) (string, error) {
	if strings.HasPrefix(dst, "refs/") {
		return dst, nil
	}
	for _, prefix := range []string{"refs/", "refs/tags/", "refs/heads/", "refs/remotes/"} {
		if _, ok := t.there(prefix + dst); ok {
			return prefix + dst, nil
		}
	}
	switch {
	case src == "" && dst != "":
		for _, s := range t.specs {
			if s.dst == dst && s.src == "" {
				return "", problem("unable to delete '%s': remote ref does not exist", dst)
			}
		}
	case strings.HasPrefix(src, "refs/heads/"):
		return "refs/heads/" + dst, nil
	case strings.HasPrefix(src, "refs/tags/"):
		return "refs/tags/" + dst, nil
	}
	return "", t.unqualified(dst, said)
}

func (t *pushing) unqualified(dst, src string) error {
	return problem("The destination you provided is not a full refname (i.e.,\nstarting with \"refs/\"). We tried to guess what you meant by:\n\n- Looking for a ref that matches '%s' on the remote side.\n- Checking if the <src> being pushed ('%s')\n  is a ref in \"refs/{heads,tags}/\". If so we add a corresponding\n  refs/{heads,tags}/ prefix on the remote side.\n\nNeither worked, so we gave up. You must fully qualify the ref.", dst, src)
}

// add takes a ref into the push, once.
func (t *pushing) add(src, full, name string, h id, force bool) error {
	if !validRef(name) {
		return fatal("remote part of refspec is not a valid name: %s", name)
	}
	for _, u := range t.list {
		if u.name == name {
			if u.now != h {
				return fatal("dst ref %s receives from more than one src", name)
			}
			return nil
		}
	}
	old, _ := t.there(name)
	t.list = append(t.list, &pushed{update: update{name: name, old: old, now: h}, src: src, full: full, force: force})
	return nil
}

// addTags adds the annotated tags of what is pushed that the other side does not have.
func (t *pushing) addTags() error {
	set := map[id]bool{}
	for _, u := range t.list {
		if c, err := t.commit(u.now); err == nil && !u.now.zero() {
			if err := t.ancestors(c.id, set); err != nil {
				return err
			}
		}
	}
	all := t.refs("refs/tags/")
	for _, name := range sortedNames(all) {
		o, err := t.read(all[name])
		if _, known := t.there("refs/tags/" + name); err != nil || o.kind != "tag" || known || !set[t.peel(all[name])] {
			continue
		}
		if err := t.add(name, "refs/tags/"+name, "refs/tags/"+name, all[name], false); err != nil {
			return err
		}
	}
	return nil
}

// judge finds what needs no push, and what must not be pushed without force.
func (t *pushing) judge() error {
	for _, u := range t.list {
		lease, leased := t.lease(u)
		switch {
		case u.old == u.now:
			u.same = true
			continue
		case leased && lease != u.old:
			u.denied = "stale info"
			continue
		case u.now.zero() || u.old.zero():
			continue
		}
		why, err := t.obstacle(u)
		if err != nil {
			return err
		}
		if u.forced = why != ""; u.forced && !u.force && !leased {
			u.denied = why
		}
	}
	slices.SortStableFunc(t.list, func(a, b *pushed) int { return strings.Compare(t.order(a), t.order(b)) })
	return nil
}

// order sorts the refs that the other side has before those that are new there.
func (t *pushing) order(u *pushed) string {
	if u.old.zero() {
		return "1"
	}
	return "0" + u.name
}

// obstacle is why a ref is not a continuation of what is there; "" where it is.
func (t *pushing) obstacle(u *pushed) (string, error) {
	if strings.HasPrefix(u.name, "refs/tags/") {
		return "already exists", nil
	}
	if !t.has(u.old) {
		return "fetch first", nil
	}
	a, err := t.commit(u.old)
	b, err2 := t.commit(u.now)
	if err != nil || err2 != nil {
		return "needs force", nil
	}
	ok, err := t.isAncestor(a.id, b.id)
	if err != nil || ok {
		return "", err
	}
	return "non-fast-forward", nil
}

// lease is what --force-with-lease expects of a ref there.
func (t *pushing) lease(u *pushed) (expected id, leased bool) {
	for _, text := range t.f["force-with-lease"] {
		name, value, given := strings.Cut(text, ":")
		if name != "" && name != u.name && "refs/heads/"+name != u.name && "refs/tags/"+name != u.name {
			continue
		}
		leased = true
		if given {
			expected, _ = t.base(value)
		} else {
			expected, _ = t.ref(tracked(t.remote.fetch, u.name))
		}
	}
	return expected, leased
}
