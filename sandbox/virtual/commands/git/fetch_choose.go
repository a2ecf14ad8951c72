package git

import (
	"fmt"
	"slices"
	"strings"
)

// prefixes are the beginnings of the names that refspecs are about.
func prefixes(specs []refspec) []string {
	list := []string{"HEAD", "refs/heads/", "refs/tags/"}
	for _, s := range specs {
		head, _, _ := strings.Cut(s.src, "*")
		if strings.HasPrefix(head, "refs/") && !slices.Contains(list, head) {
			list = append(list, head)
		}
	}
	return list
}

// findRef finds the ref that a name means.
func findRef(list []farRef, name string) (farRef, bool) {
	for _, pattern := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(pattern, name)
		for _, ref := range list {
			if ref.name == full && !ref.id.zero() {
				return ref, true
			}
		}
	}
	return farRef{}, false
}

// choose lists what is to be fetched.
func (t *fetching) choose(theirs []farRef, specs []refspec) error {
	branch, _ := t.head()
	u, follows := t.upstream(branch)
	follows = follows && u.remote == t.remote.name
	add := func(f fetched) {
		if !slices.ContainsFunc(t.list, func(g fetched) bool { return g.name == f.name && g.dst == f.dst }) {
			t.list = append(t.list, f)
		}
	}
	expand := func(s refspec, merge bool) {
		for _, ref := range theirs {
			if dst, ok := s.match(ref.name); ok && !s.negative && !ref.id.zero() && !excluded(specs, ref.name) {
				add(fetched{farRef: ref, dst: dst, force: s.force, merge: merge})
			}
		}
	}
	switch {
	case len(specs) > 0:
		for _, s := range specs {
			switch {
			case s.negative:
			case s.pattern():
				expand(s, true)
			default:
				ref, ok := findRef(theirs, s.src)
				if s.src == "" {
					ref, ok = findRef(theirs, "HEAD")
				}
				if h, isID := parseID(s.src); !ok && isID {
					ref, ok = farRef{name: s.src, id: h}, true
				}
				if !ok {
					return fatal("couldn't find remote ref %s", s.src)
				}
				add(fetched{farRef: ref, dst: fullTarget(s.dst, ref.name), force: s.force, merge: true})
			}
		}
		for _, f := range slices.Clone(t.list) {
			if dst := tracked(t.remote.fetch, f.name); dst != "" && !excluded(specs, f.name) {
				add(fetched{farRef: f.farRef, dst: dst, force: true, silent: true})
			}
		}
	case len(t.remote.fetch) == 0:
		ref, ok := findRef(theirs, "HEAD")
		if !ok && len(theirs) > 0 {
			return fatal("couldn't find remote ref HEAD")
		}
		if ok {
			add(fetched{farRef: ref, merge: true})
		}
	default:
		for i, s := range t.remote.fetch {
			before := len(t.list)
			for _, ref := range theirs {
				if dst, ok := s.match(ref.name); ok && !s.negative && !ref.id.zero() && !excluded(t.remote.fetch, ref.name) {
					add(fetched{farRef: ref, dst: dst, force: s.force, merge: follows && u.merge == ref.name})
				}
			}
			if i == 0 && !s.pattern() && !follows && len(t.list) > before {
				t.list[before].merge = true
			}
		}
		if follows && !slices.ContainsFunc(t.list, func(f fetched) bool { return f.merge }) {
			if ref, ok := findRef(theirs, u.merge); ok {
				add(fetched{farRef: ref, merge: true})
			}
		}
	}
	if t.f.has("tags") || t.remote.tags == "--tags" && !t.f.has("no-tags") {
		expand(refspec{src: "refs/tags/*", dst: "refs/tags/*"}, false)
	}
	for _, f := range t.list {
		if f.dst == branch && branch != "" && t.work != "" && !t.f.has("update-head-ok") {
			return fatal("refusing to fetch into branch '%s' checked out at '%s'", branch, t.work)
		}
	}
	return nil
}

// fullTarget is the full name of a target that the command line has: a branch or tag as its source is one.
func fullTarget(dst, src string) string {
	switch {
	case dst == "" || strings.HasPrefix(dst, "refs/"):
		return dst
	case strings.HasPrefix(dst, "heads/"), strings.HasPrefix(dst, "tags/"), strings.HasPrefix(dst, "remotes/"):
		return "refs/" + dst
	case strings.HasPrefix(src, "refs/tags/"):
		return "refs/tags/" + dst
	}
	return "refs/heads/" + dst
}

// followTags adds the tags of what is here now.
func (t *fetching) followTags(p peer, theirs []farRef) error {
	here := t.refs("refs/tags/")
	var wants []id
	for _, ref := range theirs {
		name, ok := strings.CutPrefix(ref.name, "refs/tags/")
		if _, known := here[name]; !ok || known || slices.ContainsFunc(t.list, func(f fetched) bool { return f.dst == ref.name }) {
			continue
		}
		of := ref.id
		if !ref.peeled.zero() {
			of = ref.peeled
		}
		if t.repo.has(of) {
			t.list = append(t.list, fetched{farRef: ref, dst: ref.name})
			wants = append(wants, ref.id)
		}
	}
	t.measure()
	return t.obtain(p, theirs, query{wants: wants}, true)
}
