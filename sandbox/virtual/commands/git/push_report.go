package git

import (
	"fmt"
	"strings"
)

// finish says what became of each ref, and lets the refs here that follow those there know.
func (t *pushing) finish() error {
	failed, changed, said := false, false, false
	for _, u := range t.list {
		failed = failed || u.denied != "" || u.result != ""
		changed = changed || !u.same && u.denied == "" && u.result == ""
	}
	// First what was up to date, where that is said at all, then what went well, then the rest.
	for _, kind := range []func(*pushed) bool{
		func(u *pushed) bool { return u.same && t.f.has("verbose") },
		func(u *pushed) bool { return !u.same && u.denied == "" && u.result == "" },
		func(u *pushed) bool { return u.denied != "" || u.result != "" },
	} {
		for _, u := range t.list {
			if !kind(u) || t.f.has("quiet") && !failed {
				continue
			}
			if !said {
				fmt.Fprintf(t.inv.Stderr, "To %s\n", masked(t.remote.push))
				said = true
			}
			fmt.Fprintln(t.inv.Stderr, t.line(u))
		}
	}
	if err := t.record(); err != nil {
		return err
	}
	if !failed && !changed && !t.f.has("quiet") {
		fmt.Fprintln(t.inv.Stderr, "Everything up-to-date")
	}
	if failed {
		return problem("failed to push some refs to '%s'%s", masked(t.remote.push), t.advice())
	}
	return nil
}

// line is what is said of one ref.
func (t *pushing) line(u *pushed) string {
	flag, what, why := byte(' '), "", ""
	switch {
	case u.denied != "":
		flag, what, why = '!', "[rejected]", u.denied
	case u.result != "":
		flag, what, why = '!', "[remote rejected]", u.result
	case u.same:
		flag, what = '=', "[up to date]"
	case u.now.zero():
		flag, what = '-', "[deleted]"
	case u.old.zero():
		flag, what = '*', "[new reference]"
		for prefix, kind := range map[string]string{"refs/heads/": "[new branch]", "refs/tags/": "[new tag]"} {
			if strings.HasPrefix(u.name, prefix) {
				what = kind
			}
		}
	case u.forced:
		flag, what, why = '+', t.short(u.old)+"..."+t.short(u.now), "forced update"
	default:
		what = t.short(u.old) + ".." + t.short(u.now)
	}
	line := fmt.Sprintf(" %c %-17s ", flag, what)
	if u.src != "" && !u.now.zero() {
		line += u.src + " -> "
	}
	line += shortRef(u.name)
	if why != "" {
		line += " (" + why + ")"
	}
	return line
}

// record sets the upstreams that -u asks for, and the refs here that follow what was pushed.
func (t *pushing) record() error {
	for _, u := range t.list {
		if u.denied != "" || u.result != "" || u.now.zero() {
			continue
		}
		branch, ok := strings.CutPrefix(u.full, "refs/heads/")
		if !t.f.has("set-upstream") || !ok || !strings.HasPrefix(u.name, "refs/heads/") {
			continue
		}
		if t.f.has("dry-run") {
			fmt.Fprintf(t.out, "Would set upstream of '%s' to '%s' of '%s'\n", branch, shortRef(u.name), t.remote.label())
			continue
		}
		if err := t.setUpstream(branch, t.remote.label(), u.name); err != nil {
			return err
		}
		if !t.f.has("quiet") {
			name := shortRef(tracked(t.remote.fetch, u.name))
			if name == "" {
				name = shortRef(u.name)
			}
			fmt.Fprintf(t.out, "branch '%s' set up to track '%s'.\n", branch, name)
		}
	}
	for _, u := range t.list {
		at := tracked(t.remote.fetch, u.name)
		if at == "" || u.denied != "" || u.result != "" || t.f.has("dry-run") {
			continue
		}
		if t.f.has("verbose") {
			fmt.Fprintf(t.inv.Stderr, "updating local tracking ref '%s'\n", at)
		}
		var err error
		if old, ok := t.ref(at); u.now.zero() && ok {
			err = t.deleteRef(at)
		} else if !u.now.zero() && old != u.now {
			err = t.setRef(at, u.now, "update by push")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// advice says what helps against a rejection.
func (t *pushing) advice() string {
	for _, u := range t.list {
		switch u.denied {
		case "non-fast-forward":
			if u.full == t.branch {
				return "\nhint: Updates were rejected because the tip of your current branch is behind\nhint: its remote counterpart. Integrate the remote changes (e.g.\nhint: 'git pull ...') before pushing again.\nhint: See the 'Note about fast-forwards' in 'git push --help' for details."
			}
			return "\nhint: Updates were rejected because a pushed branch tip is behind its remote\nhint: counterpart. Check out this branch and integrate the remote changes\nhint: (e.g. 'git pull ...') before pushing again.\nhint: See the 'Note about fast-forwards' in 'git push --help' for details."
		case "fetch first":
			return "\nhint: Updates were rejected because the remote contains work that you do\nhint: not have locally. This is usually caused by another repository pushing\nhint: to the same ref. You may want to first integrate the remote changes\nhint: (e.g., 'git pull ...') before pushing again.\nhint: See the 'Note about fast-forwards' in 'git push --help' for details."
		case "already exists":
			return "\nhint: Updates were rejected because the tag already exists in the remote."
		}
	}
	return ""
}
