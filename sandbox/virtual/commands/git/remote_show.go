package git

import (
	"fmt"
	"slices"
	"strings"
)

// showRemotes says what remotes have, and how it stands to what is here.
func (r *repo) showRemotes(_ flags, args []string) error {
	if len(args) == 0 {
		return r.listRemotes(false)
	}
	for _, name := range args {
		c, err := r.remoteOf(name)
		if err != nil {
			return err
		}
		p, err := r.open(c.url, false)
		if err != nil {
			return err
		}
		theirs, err := p.refs(prefixes(c.fetch))
		if err != nil {
			return err
		}
		if err := r.showRemote(name, c, theirs); err != nil {
			return err
		}
	}
	return nil
}

func (r *repo) showRemote(name string, c remoteConfig, theirs []farRef) error {
	head := "(unknown)"
	heads := map[string]id{}
	for _, ref := range theirs {
		if short, ok := strings.CutPrefix(ref.name, "refs/heads/"); ok {
			heads[short] = ref.id
		}
		if ref.name == "HEAD" && ref.target != "" {
			head = strings.TrimPrefix(ref.target, "refs/heads/")
		}
	}
	fmt.Fprintf(r.out, "* remote %s\n  Fetch URL: %s\n  Push  URL: %s\n  HEAD branch: %s\n", name, c.url, c.push, head)
	var rows [][2]string
	for _, short := range sortedNames(heads) {
		state := "tracked"
		at := tracked(c.fetch, "refs/heads/"+short)
		if _, ok := r.ref(at); at == "" {
			continue
		} else if !ok {
			state = "new (next fetch will store in remotes/" + name + ")"
		}
		rows = append(rows, [2]string{short, state})
	}
	for _, gone := range (&fetching{repo: r}).stale(theirs, c.fetch) {
		rows = append(rows, [2]string{gone, "stale (use 'git remote prune' to remove)"})
	}
	r.table("Remote branch", "es", ":", rows)
	rows = nil
	for _, branch := range r.branchesOf(name) {
		if u, ok := r.upstream("refs/heads/" + branch); ok {
			verb := "merges with remote "
			if how := r.config("branch." + branch + ".rebase"); how != "" && how != "false" {
				verb = "rebases onto remote "
			}
			rows = append(rows, [2]string{branch, verb + strings.TrimPrefix(u.merge, "refs/heads/")})
		}
	}
	r.table("Local branch", "es", " configured for 'git pull':", rows)
	rows = nil
	ours := r.refs("refs/heads/")
	for _, branch := range sortedNames(ours) {
		there, ok := heads[branch]
		if !ok {
			continue
		}
		state := "local out of date"
		if there == ours[branch] {
			state = "up to date"
		} else if r.has(there) {
			if forward, err := r.isAncestor(there, ours[branch]); err != nil {
				return err
			} else if forward {
				state = "fast-forwardable"
			}
		}
		rows = append(rows, [2]string{branch, "pushes to " + branch + "\x00(" + state + ")"})
	}
	r.pushTable(rows)
	return nil
}

// table writes rows below a title, whose noun is singular where there is one.
func (r *repo) table(noun, plural, rest string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	if len(rows) > 1 {
		noun += plural
	}
	fmt.Fprintf(r.out, "  %s%s\n", noun, rest)
	width := len(slices.MaxFunc(rows, func(a, b [2]string) int { return len(a[0]) - len(b[0]) })[0])
	for _, row := range rows {
		fmt.Fprintf(r.out, "    %-*s %s\n", width, row[0], row[1])
	}
}

// pushTable is table for what is pushed, whose states stand in a column of their own.
func (r *repo) pushTable(rows [][2]string) {
	width := 0
	for _, row := range rows {
		what, _, _ := strings.Cut(row[1], "\x00")
		width = max(width, len(what))
	}
	for i, row := range rows {
		what, state, _ := strings.Cut(row[1], "\x00")
		rows[i][1] = fmt.Sprintf("%-*s %s", width, what, state)
	}
	r.table("Local ref", "s", " configured for 'git push':", rows)
}
