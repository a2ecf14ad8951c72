package git

import (
	"fmt"
	"strings"
)

// upstream is what a branch follows.
type upstream struct {
	remote, merge string // "origin" and "refs/heads/main"; remote is "." for a branch of this repository
	ref           string // the ref here: "refs/remotes/origin/main"; "" where no fetch would write one
}

// upstream of a branch, by its full name; ok is false where it has none.
func (r *repo) upstream(branch string) (u upstream, ok bool) {
	short, isBranch := strings.CutPrefix(branch, "refs/heads/")
	if !isBranch {
		return u, false
	}
	u.remote, u.merge = r.config("branch."+short+".remote"), r.config("branch."+short+".merge")
	if u.remote == "" || u.merge == "" {
		return u, false
	}
	if u.remote == "." {
		u.ref = u.merge
		return u, true
	}
	f, err := r.remoteOf(u.remote)
	if err == nil {
		u.ref = tracked(f.fetch, u.merge)
	}
	return u, true
}

// follow makes a branch follow a ref of this repository, and says so unless quiet. It is false where the ref is none that
// can be followed.
func (r *repo) follow(branch, ref string, quiet bool) (bool, error) {
	remote, merge := "", ""
	if strings.HasPrefix(ref, "refs/heads/") {
		remote, merge = ".", ref
	}
	for _, name := range r.remotes() {
		f, err := r.remoteOf(name)
		if err != nil {
			return false, err
		}
		for _, s := range f.fetch {
			if src, ok := s.reverse(ref); ok && remote == "" {
				remote, merge = name, src
			}
		}
	}
	if remote == "" {
		return false, nil
	}
	if err := r.setUpstream(branch, remote, merge); err != nil || quiet {
		return true, err
	}
	fmt.Fprintf(r.out, "branch '%s' set up to track '%s'.\n", branch, shortRef(ref))
	return true, nil
}

func (r *repo) setUpstream(branch, remote, merge string) error {
	for _, s := range []setting{{"remote", remote}, {"merge", merge}} {
		if err := r.setConfig(r.dir+"/config", "branch."+branch+"."+s.key, s.value, false, false); err != nil {
			return err
		}
	}
	return nil
}

// ahead counts the commits that only a has, and those that only b has.
func (r *repo) ahead(a, b id) (ahead, behind int, err error) {
	if a == b {
		return 0, 0, nil
	}
	defer r.release(r.held)
	ours, theirs := map[id]bool{}, map[id]bool{}
	if err := r.ancestors(a, ours); err != nil {
		return 0, 0, err
	}
	if err := r.ancestors(b, theirs); err != nil {
		return 0, 0, err
	}
	for h := range ours {
		if !theirs[h] {
			ahead++
		}
	}
	return ahead, len(theirs) - (len(ours) - ahead), nil
}

// isAncestor says whether b has all that a has.
func (r *repo) isAncestor(a, b id) (bool, error) {
	defer r.release(r.held)
	set := map[id]bool{}
	err := r.ancestors(b, set)
	return set[a], err
}

// divergence is how a branch stands to its upstream, in words for status and checkout; "" without an upstream.
func (r *repo) divergence(branch string) (string, error) {
	u, ok := r.upstream(branch)
	if !ok || u.ref == "" {
		return "", nil
	}
	name := shortRef(u.ref)
	theirs, there := r.ref(u.ref)
	ours, born := r.ref(branch)
	if !born {
		return "", nil
	}
	if !there {
		return fmt.Sprintf("Your branch is based on '%s', but the upstream is gone.\n  (use \"git branch --unset-upstream\" to fixup)\n", name), nil
	}
	ahead, behind, err := r.ahead(ours, theirs)
	switch {
	case err != nil:
		return "", err
	case ahead == 0 && behind == 0:
		return fmt.Sprintf("Your branch is up to date with '%s'.\n", name), nil
	case behind == 0:
		return fmt.Sprintf("Your branch is ahead of '%s' by %s.\n  (use \"git push\" to publish your local commits)\n", name, count(ahead, "commit")), nil
	case ahead == 0:
		return fmt.Sprintf("Your branch is behind '%s' by %s, and can be fast-forwarded.\n  (use \"git pull\" to update your local branch)\n", name, count(behind, "commit")), nil
	}
	return fmt.Sprintf("Your branch and '%s' have diverged,\nand have %d and %d different commits each, respectively.\n  (use \"git pull\" to merge the remote branch into yours)\n", name, ahead, behind), nil
}

// divergenceShort is the same in brackets, as branch -v and status -sb have it; "" where there is nothing to say.
func (r *repo) divergenceShort(branch string, u upstream) (string, error) {
	theirs, there := r.ref(u.ref)
	if !there {
		return "gone", nil
	}
	ours, _ := r.ref(branch)
	if ours.zero() {
		return "", nil
	}
	ahead, behind, err := r.ahead(ours, theirs)
	var parts []string
	if ahead > 0 {
		parts = append(parts, fmt.Sprintf("ahead %d", ahead))
	}
	if behind > 0 {
		parts = append(parts, fmt.Sprintf("behind %d", behind))
	}
	return strings.Join(parts, ", "), err
}
