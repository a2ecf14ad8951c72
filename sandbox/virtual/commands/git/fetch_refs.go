package git

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// measure finds the widths of what is said.
func (t *fetching) measure() {
	t.width = [2]int{17, 10}
	columns := 80
	if v, ok := t.inv.Env.Get("COLUMNS"); ok {
		if n, err := strconv.Atoi(v); err == nil && n > 0 {
			columns = n
		}
	}
	for _, f := range t.list {
		old, ok := t.ref(f.dst)
		if f.dst == "" || ok && old == f.id && !t.f.has("verbose") {
			continue
		}
		there, here := utf8.RuneCountInString(shortRef(f.name)), utf8.RuneCountInString(shortRef(f.dst))
		if 21+there+4+here < columns-1 {
			t.width[1] = max(t.width[1], there)
		}
	}
}

// say writes what became of a ref, below the repository that it is from.
func (t *fetching) say(flag byte, what, there, here, why string) {
	if t.f.has("quiet") && flag != '!' {
		return
	}
	if !t.from {
		fmt.Fprintf(t.inv.Stderr, "From %s\n", shownURL(t.remote.url))
		t.from = true
	}
	line := fmt.Sprintf(" %c %-*s %-*s -> %s", flag, t.width[0], what, t.width[1], there, here)
	if why != "" {
		line += "  (" + why + ")"
	}
	fmt.Fprintln(t.inv.Stderr, line)
}

// update makes a ref here what it is there, as far as its refspec lets it.
func (t *fetching) update(f fetched) error {
	short, here := shortRef(f.name), shortRef(f.dst)
	if f.dst == "" {
		kind := map[bool]string{true: "tag", false: "branch"}[strings.HasPrefix(f.name, "refs/tags/")]
		t.say('*', kind, short, "FETCH_HEAD", "")
		return nil
	}
	change := func(flag byte, what, reason, why string) error {
		if !t.f.has("dry-run") {
			err := t.setRef(f.dst, f.id, t.reason+": "+reason)
			if problem, ok := err.(*failure); ok {
				fmt.Fprintln(t.inv.Stderr, "error: "+strings.TrimPrefix(problem.text, "fatal: "))
				flag, why, t.stuck = '!', "unable to update local ref", true
			} else if err != nil {
				return err
			}
		}
		t.say(flag, what, short, here, why)
		return nil
	}
	old, exists := t.ref(f.dst)
	force := f.force || t.f.has("force")
	switch isTag := strings.HasPrefix(f.dst, "refs/tags/"); {
	case exists && old == f.id:
		if t.f.has("verbose") {
			t.say('=', "[up to date]", short, here, "")
		}
		return nil
	case !exists:
		kind, reason := "[new ref]", "storing ref"
		if strings.HasPrefix(f.name, "refs/tags/") {
			kind, reason = "[new tag]", "storing tag"
		} else if strings.HasPrefix(f.name, "refs/heads/") {
			kind, reason = "[new branch]", "storing head"
		}
		return change('*', kind, reason, "")
	case isTag && !force:
		t.refused = true
		t.say('!', "[rejected]", short, here, "would clobber existing tag")
		return nil
	case isTag:
		return change('t', "[tag update]", "updating tag", "")
	}
	forward := false
	if a, err := t.commit(old); err == nil {
		if b, err := t.commit(f.id); err == nil {
			if forward, err = t.isAncestor(a.id, b.id); err != nil {
				return err
			}
		}
	}
	from, to := t.short(old), t.short(f.id)
	switch {
	case forward:
		return change(' ', from+".."+to, "fast-forward", "")
	case force:
		return change('+', from+"..."+to, "forced-update", "forced update")
	}
	t.refused = true
	t.say('!', "[rejected]", short, here, "non-fast-forward")
	return nil
}

// stale lists the refs here whose source is gone there.
func (t *fetching) stale(theirs []farRef, specs []refspec) []string {
	var list []string
	for _, name := range sortedNames(t.refs("refs/")) {
		name = "refs/" + name
		if strings.HasSuffix(name, "/HEAD") {
			continue
		}
		for _, s := range specs {
			src, ok := s.reverse(name)
			if ok && s.dst != "" && !slices.ContainsFunc(theirs, func(ref farRef) bool { return ref.name == src }) {
				list = append(list, name)
				break
			}
		}
	}
	return list
}

// prune removes them.
func (t *fetching) prune(theirs []farRef, specs []refspec) error {
	if len(specs) == 0 {
		specs = t.remote.fetch
	}
	for _, name := range t.stale(theirs, specs) {
		if !t.f.has("dry-run") {
			if err := t.deleteRef(name); err != nil {
				return err
			}
		}
		t.say('-', "[deleted]", "(none)", shortRef(name), "")
	}
	return nil
}

// writeFetchHead notes what was fetched, what pull merges first.
func (t *fetching) writeFetchHead() error {
	var b strings.Builder
	if t.f.has("append") {
		text, _ := t.gitFile("FETCH_HEAD")
		if b.WriteString(text); text != "" {
			b.WriteByte('\n')
		}
	}
	for _, merge := range []bool{true, false} {
		for _, f := range t.list {
			if f.silent || f.merge != merge {
				continue
			}
			mark := "not-for-merge"
			if merge {
				mark = ""
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\n", f.id, mark, t.note(f))
		}
	}
	return t.writeGit("FETCH_HEAD", b.String())
}

// note says what was fetched: "branch 'main' of https://example.com/r".
func (t *fetching) note(f fetched) string {
	url := shownURL(t.remote.url)
	for prefix, kind := range map[string]string{"refs/heads/": "branch", "refs/tags/": "tag", "refs/remotes/": "remote-tracking branch"} {
		if short, ok := strings.CutPrefix(f.name, prefix); ok {
			return fmt.Sprintf("%s '%s' of %s", kind, short, url)
		}
	}
	if f.name == "HEAD" {
		return url
	}
	return fmt.Sprintf("'%s' of %s", f.name, url)
}
