package git

import (
	"fmt"
	"slices"
	"strings"
)

func (r *repo) shortStatus(s *state, f flags) {
	end, shown := "\n", func(name string) string { return quoteStatus(name) }
	if !f.has("porcelain") {
		shown = func(name string) string { return quoteStatus(r.shown(name)) }
	}
	if f.has("null") {
		end, shown = "\x00", func(name string) string { return name }
	}
	if f.has("branch") {
		branch, h := r.head()
		switch {
		case branch == "":
			fmt.Fprintf(r.out, "## HEAD (no branch)%s", end)
		case h.zero():
			fmt.Fprintf(r.out, "## No commits yet on %s%s", r.branchLine(branch), end)
		default:
			r.out.WriteString("## " + r.branchLine(branch) + end)
		}
	}
	type line struct {
		xy       [2]byte
		old, new string
	}
	all := map[string]*line{}
	get := func(name string) *line {
		if all[name] == nil {
			all[name] = &line{xy: [2]byte{' ', ' '}, new: name}
		}
		return all[name]
	}
	for _, c := range s.staged {
		l := get(c.new)
		l.xy[0] = c.kind
		if c.kind == 'R' {
			l.old = c.old
		}
	}
	for _, c := range s.unstaged {
		get(c.new).xy[1] = c.kind
	}
	for name, c := range s.index.conflicts {
		copy(get(name).xy[:], conflictWord(c)[0])
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		l := all[name]
		switch {
		case l.old != "" && f.has("null"):
			fmt.Fprintf(r.out, "%s %s\x00%s\x00", l.xy[:], l.new, l.old)
		case l.old != "":
			fmt.Fprintf(r.out, "%s %s -> %s\n", l.xy[:], shown(l.old), shown(l.new))
		default:
			fmt.Fprintf(r.out, "%s %s%s", l.xy[:], shown(l.new), end)
		}
	}
	for _, name := range s.untracked {
		fmt.Fprintf(r.out, "?? %s%s", shown(name), end)
	}
	for _, name := range s.ignored {
		fmt.Fprintf(r.out, "!! %s%s", shown(name), end)
	}
}

// branchLine is a branch with what it follows, as status -sb has it.
func (r *repo) branchLine(branch string) string {
	line := strings.TrimPrefix(branch, "refs/heads/")
	u, ok := r.upstream(branch)
	if !ok || u.ref == "" {
		return line
	}
	line += "..." + shortRef(u.ref)
	if text, err := r.divergenceShort(branch, u); err == nil && text != "" {
		line += " [" + text + "]"
	}
	return line
}

// quoteStatus also quotes a path with a space.
func quoteStatus(name string) string {
	if q := quote(name); q != name || !strings.Contains(name, " ") {
		return q
	}
	return `"` + name + `"`
}
