package git

import (
	"fmt"
	"strconv"
	"strings"
)

// diffFlags are the options of everything that shows changes.
const diffFlags = "stat? numstat shortstat summary name-only name-status patch=p=u no-patch=s unified:=U cached=staged no-renames find-renames?=M exit-code quiet color? no-color no-ext-diff minimal patience histogram " +
	"diff-filter: full-index raw text=a no-prefix diff-algorithm: patch-with-stat no-textconv relative? indent-heuristic "

func diffCommand(r *repo, args []string) error {
	f, operands, after, dashes, err := parse(diffFlags+"merge-base null=z", args)
	if err != nil {
		return err
	}
	revisions, names, err := r.split(operands, after, dashes)
	if err != nil {
		return err
	}
	p, err := r.paths(names)
	if err != nil {
		return err
	}
	a, b, work, err := r.sides(revisions, f.has("cached"))
	if err != nil {
		return err
	}
	list, err := r.changes(a, b, p, !f.has("no-renames"), work)
	if err != nil {
		return err
	}
	if !f.has("quiet") {
		if err := r.showChanges(f, list, work, true); err != nil {
			return err
		}
	}
	if len(list) > 0 && (f.has("exit-code") || f.has("quiet")) {
		return exit(1)
	}
	return nil
}

// split tells revisions from paths.
func (r *repo) split(operands, after []string, dashes bool) (revisions, names []string, err error) {
	for i, operand := range operands {
		if dashes {
			revisions = append(revisions, operand)
			continue
		}
		if _, err := r.isRange(operand); err == nil {
			revisions = append(revisions, operand)
			continue
		}
		name, err := r.path(operand)
		if err != nil {
			return nil, nil, err
		}
		x, xerr := r.readIndex()
		if !r.exists(name) && (xerr != nil || x.files[name].mode == 0) && !strings.ContainsAny(name, "*?[") {
			_, err := r.isRange(operand)
			return nil, nil, err
		}
		names = append(names, operands[i:]...)
		break
	}
	return revisions, append(names, after...), nil
}

// isRange reads a revision, A..B or A...B.
func (r *repo) isRange(text string) ([2]id, error) {
	var h [2]id
	sep := ".."
	if strings.Contains(text, "...") {
		sep = "..."
	}
	from, to, ok := strings.Cut(strings.TrimPrefix(text, "^"), sep)
	if !ok {
		one, err := r.resolve(from)
		return [2]id{{}, one}, err
	}
	var err error
	for i, part := range []string{from, to} {
		if part == "" {
			part = "HEAD"
		}
		if h[i], err = r.resolve(part); err != nil {
			return h, err
		}
	}
	if sep == "..." {
		h[0], err = r.mergeBase(h[0], h[1])
	}
	return h, err
}

// sides are the two trees that diff compares, and whether the second is the working tree.
func (r *repo) sides(revisions []string, cached bool) (a, b files, work bool, err error) {
	x, err := r.readIndex()
	if err != nil {
		return nil, nil, false, err
	}
	at := func(h id) (files, error) {
		c, err := r.commit(h)
		if err != nil {
			if o, rerr := r.read(h); rerr == nil && o.kind == "tree" {
				return r.flat(h)
			}
			return nil, err
		}
		return r.flat(c.tree)
	}
	switch {
	case len(revisions) == 0 && cached:
		if a, err = r.headTree(); err != nil {
			return nil, nil, false, err
		}
		return a, x.flat(), false, nil
	case len(revisions) == 0:
		b, err = r.workFiles(x)
		for name := range x.conflicts {
			delete(b, name)
		}
		return x.flat(), b, true, err
	case len(revisions) > 2:
		return nil, nil, false, misuse("diff", "")
	}
	h, err := r.isRange(revisions[0])
	if err != nil {
		return nil, nil, false, err
	}
	if len(revisions) == 2 {
		if h[0], err = r.resolve(revisions[0]); err == nil {
			h[1], err = r.resolve(revisions[1])
		}
		if err != nil {
			return nil, nil, false, err
		}
	}
	if h[0].zero() { // one revision: what it has become
		if a, err = at(h[1]); err != nil {
			return nil, nil, false, err
		}
		if cached {
			return a, x.flat(), false, nil
		}
		b, err = r.workFiles(x)
		return a, b, true, err
	}
	if a, err = at(h[0]); err == nil {
		b, err = at(h[1])
	}
	return a, b, false, err
}

// showChanges writes changes in the form that the options ask for; patch says that it is the patch if they ask for none.
func (r *repo) showChanges(f flags, list []change, work, patch bool) error {
	if filter := f.last("diff-filter"); filter != "" {
		kept := list[:0:0]
		for _, c := range list {
			if strings.IndexByte(filter, c.kind) >= 0 || filter == strings.ToLower(filter) && strings.IndexByte(filter, c.kind|0x20) < 0 {
				kept = append(kept, c)
			}
		}
		list = kept
	}
	end := "\n"
	if f.has("null") {
		end = "\x00"
	}
	shown := func(name string) string {
		if f.has("null") {
			return name
		}
		return quote(name)
	}
	switch {
	case f.has("no-patch"):
		return nil
	case f.has("name-only"):
		for _, c := range list {
			fmt.Fprint(r.out, shown(c.new)+end)
		}
		return nil
	case f.has("name-status"):
		for _, c := range list {
			if c.kind == 'R' {
				fmt.Fprintf(r.out, "R%03d\t%s\t%s%s", c.score, shown(c.old), shown(c.new), end)
			} else {
				fmt.Fprintf(r.out, "%c\t%s%s", c.kind, shown(c.new), end)
			}
		}
		return nil
	}
	texts, err := r.texts(list, work)
	if err != nil {
		return err
	}
	other := false
	if f.has("numstat") {
		other = true
		for _, t := range texts {
			if t.binary {
				fmt.Fprintf(r.out, "-\t-\t%s\n", renamed(t.change))
			} else {
				fmt.Fprintf(r.out, "%d\t%d\t%s\n", t.added, t.gone, renamed(t.change))
			}
		}
	}
	if f.has("stat") || f.has("patch-with-stat") {
		other = true
		r.stats(texts)
	}
	if f.has("shortstat") {
		other = true
		r.sum(texts)
	}
	if f.has("summary") {
		other = true
		r.summary(texts)
	}
	if f.has("patch") || f.has("patch-with-stat") || f.has("unified") || patch && !other {
		if other && len(texts) > 0 {
			r.out.WriteByte('\n')
		}
		around := 3
		if f.has("unified") {
			if around, err = strconv.Atoi(f.last("unified")); err != nil || around < 0 {
				return &failure{129, "error: option `unified' expects a non-negative integer"}
			}
		}
		for _, t := range texts {
			r.patch(t, around)
		}
	}
	return nil
}
