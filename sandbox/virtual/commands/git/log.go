package git

import (
	"slices"
	"strings"
)

const logFlags = diffFlags + "# max-count:=n oneline format: pretty? abbrev-commit no-abbrev-commit reverse all first-parent no-merges merges author: committer: grep: since:=after until:=before skip: decorate? no-decorate date: graph follow " +
	"topo-order date-order branches tags invert-grep regexp-ignore-case=i count no-walk walk-reflogs=g root abbrev? left-right"

func logCommand(r *repo, args []string) error {
	f, revisions, names, err := r.parseLog(args)
	if err != nil {
		return err
	}
	if _, h := r.head(); h.zero() && len(revisions) == 0 && !f.has("all") {
		branch, _ := r.head()
		return fatal("your current branch '%s' does not have any commits yet", strings.TrimPrefix(branch, "refs/heads/"))
	}
	list, err := r.history(f, revisions, names)
	if err != nil {
		return err
	}
	format := formatOf(f)
	for i, c := range list {
		if err := r.showCommit(f, format, c, names, i == 0, true); err != nil {
			return err
		}
	}
	return nil
}

// parseLog reads the arguments of the commands that list commits, which have their own words for what they do not know.
func (r *repo) parseLog(args []string) (f flags, revisions, names []string, err error) {
	f, operands, after, dashes, err := parse(logFlags, args)
	for _, arg := range args {
		if _, _, _, _, wrong := parse(logFlags, []string{arg}); wrong != nil && strings.Contains(wrong.Error(), "unknown") {
			return f, nil, nil, fatal("unrecognized argument: %s", arg)
		}
	}
	if err != nil {
		return f, nil, nil, err
	}
	revisions, names, err = r.split(operands, after, dashes)
	return f, revisions, names, err
}

func formatOf(f flags) string {
	format := "medium"
	if f.has("pretty") && f.last("pretty") != "" {
		format = f.last("pretty")
	}
	if f.has("format") {
		format = f.last("format")
	}
	if f.has("oneline") {
		format = "oneline"
	}
	if !slices.Contains([]string{"oneline", "short", "medium", "full", "fuller", "raw"}, format) && !strings.HasPrefix(format, "format:") && !strings.HasPrefix(format, "tformat:") {
		format = "tformat:" + format
	}
	return format
}

// showCommit writes one commit of a log, with its changes if the options want them.
func (r *repo) showCommit(f flags, format string, c *commit, names []string, first, logging bool) error {
	if strings.HasPrefix(format, "format:") && !first {
		r.out.WriteByte('\n')
	}
	if !strings.HasPrefix(format, "format:") && !strings.HasPrefix(format, "tformat:") && format != "oneline" && !first {
		r.out.WriteByte('\n')
	}
	text := r.format(f, format, c)
	if f.has("graph") {
		text = "* " + strings.ReplaceAll(text, "\n", "\n| ")
	}
	r.out.WriteString(text)
	if !strings.HasPrefix(format, "format:") {
		r.out.WriteByte('\n')
	}
	shows := f.has("patch") || f.has("stat") || f.has("name-only") || f.has("name-status") || f.has("numstat") || f.has("shortstat") || f.has("summary") || f.has("unified")
	if logging && !shows || f.has("no-patch") || len(c.parents) > 1 && logging {
		return nil
	}
	if len(c.parents) > 1 { // what a merge itself changed is not shown
		if format != "oneline" && !strings.Contains(format, "format:") {
			r.out.WriteByte('\n')
		}
		return nil
	}
	defer r.release(r.held)
	before := files{}
	if len(c.parents) > 0 {
		parent, err := r.commit(c.parents[0])
		if err != nil {
			return err
		}
		if before, err = r.flat(parent.tree); err != nil {
			return err
		}
	}
	now, err := r.flat(c.tree)
	if err != nil {
		return err
	}
	p, err := r.paths(names)
	if err != nil {
		return err
	}
	list, err := r.changes(before, now, p, !f.has("no-renames"), false)
	if err != nil || len(list) == 0 {
		return err
	}
	if strings.HasPrefix(format, "format:") {
		r.out.WriteByte('\n')
	}
	if format != "oneline" && !(strings.HasSuffix(format, "format:") && len(format) <= 8) {
		r.out.WriteByte('\n')
	}
	return r.showChanges(f, list, false, true)
}
