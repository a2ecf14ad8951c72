package git

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// branchRow is a branch in a list.
type branchRow struct {
	full, name string
	id         id
	target     string // of a symbolic one
}

// listBranches writes the branches that the options want, those of remotes behind the others.
func (r *repo) listBranches(f flags, patterns []string, current string, head id) error {
	var rows []branchRow
	if !f.has("remotes") {
		all := r.refs("refs/heads/")
		for _, name := range sortedNames(all) {
			rows = append(rows, branchRow{"refs/heads/" + name, name, all[name], ""})
		}
	}
	if f.has("all") || f.has("remotes") {
		all := r.refs("refs/remotes/")
		for _, name := range sortedNames(all) {
			row := branchRow{"refs/remotes/" + name, name, all[name], ""}
			if text, _ := r.gitFile(row.full); strings.HasPrefix(text, "ref: ") {
				row.target = shortRef(strings.TrimPrefix(text, "ref: "))
			}
			if f.has("all") {
				row.name = "remotes/" + name
			}
			rows = append(rows, row)
		}
	}
	if err := r.sortBranches(f["sort"], rows); err != nil {
		return err
	}
	rows, err := r.wantedBranches(f, patterns, rows, head)
	if err != nil {
		return err
	}
	if current == "" && !head.zero() && !f.has("remotes") && len(patterns) == 0 {
		name := "(no branch)"
		if said := r.detached(); said != "" {
			name = "(" + said + ")"
		}
		if b, ok := r.rebase(); ok {
			name = "(no branch, rebasing " + shortRef(b.branch) + ")"
		}
		rows = append([]branchRow{{"HEAD", name, head, ""}}, rows...)
	}
	longest := 0
	for _, row := range rows {
		longest = max(longest, len(row.name))
	}
	for _, row := range rows {
		mark := "  "
		if row.full == "refs/heads/"+current || row.full == "HEAD" {
			mark = "* "
		}
		if err := r.branchRow(f, row, mark, longest); err != nil {
			return err
		}
	}
	return nil
}

func (r *repo) sortBranches(keys []string, rows []branchRow) error {
	if len(keys) == 0 {
		return nil
	}
	byName, names := map[string]branchRow{}, []string{}
	for _, row := range rows {
		byName[row.full] = row
		names = append(names, row.full)
	}
	if err := sortRefs(keys, names, r.created); err != nil {
		return err
	}
	for i, name := range names {
		rows[i] = byName[name]
	}
	return nil
}

// wantedBranches are those that --merged, --contains and the patterns leave.
func (r *repo) wantedBranches(f flags, patterns []string, rows []branchRow, head id) ([]branchRow, error) {
	kept := rows[:0]
	for _, row := range rows {
		keep := len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return cli.Glob(p)(shortRef(row.full)) })
		for key, want := range map[string]bool{"merged": true, "no-merged": false, "contains": true} {
			if !f.has(key) {
				continue
			}
			at := head
			if text := f.last(key); text != "" {
				c, err := r.commitOf(text)
				if err != nil {
					return nil, fatal("malformed object name %s", text)
				}
				at = c.id
			}
			a, b := row.id, at
			if key == "contains" {
				a, b = at, row.id
			}
			is, err := r.isAncestor(a, b)
			if err != nil {
				return nil, err
			}
			keep = keep && is == want
		}
		if keep {
			kept = append(kept, row)
		}
	}
	return kept, nil
}

func (r *repo) branchRow(f flags, row branchRow, mark string, width int) error {
	u, follows := upstream{}, false
	if f.has("verbose") || f.has("format") {
		u, follows = r.upstream(row.full)
	}
	if format := f.last("format"); format != "" {
		fmt.Fprintf(r.out, "%s\n", r.branchFormat(format, row, u, mark))
		return nil
	}
	switch {
	case row.target != "" && f.has("verbose"):
		fmt.Fprintf(r.out, "%s%-*s -> %s\n", mark, width, row.name, row.target)
		return nil
	case row.target != "":
		fmt.Fprintf(r.out, "%s%s -> %s\n", mark, row.name, row.target)
		return nil
	case !f.has("verbose"):
		fmt.Fprintln(r.out, mark+row.name)
		return nil
	}
	c, err := r.commit(row.id)
	if err != nil {
		return err
	}
	track := ""
	if follows && u.ref != "" {
		if track, err = r.divergenceShort(row.full, u); err != nil {
			return err
		}
		if len(f["verbose"]) > 1 {
			track = strings.TrimSuffix(shortRef(u.ref)+": "+track, ": ")
		}
		if track != "" {
			track = "[" + track + "] "
		}
	}
	fmt.Fprintf(r.out, "%s%-*s %s %s%s\n", mark, width, row.name, r.short(row.id), track, c.subject())
	return nil
}

// branchFormat fills the fields of --format.
func (r *repo) branchFormat(format string, row branchRow, u upstream, mark string) string {
	track, bare := "", ""
	if u.ref != "" {
		if bare, _ = r.divergenceShort(row.full, u); bare != "" {
			track = "[" + bare + "]"
		}
	}
	subject, date := "", ""
	if c, err := r.commit(row.id); err == nil {
		subject, date = c.subject(), r.relative(c.committer.when)
	}
	return strings.NewReplacer("%(refname:short)", shortRef(row.full), "%(refname)", row.full, "%(objectname:short)", r.short(row.id), "%(objectname)", row.id.String(),
		"%(upstream:short)", shortRef(u.ref), "%(upstream)", u.ref, "%(upstream:track)", track, "%(upstream:track,nobracket)", bare, "%(HEAD)", mark[:1],
		"%(subject)", subject, "%(contents:subject)", subject, "%(committerdate:relative)", date, "%%", "%").Replace(format)
}
