package git

import (
	"fmt"
	"strings"
)

func revList(r *repo, args []string) error {
	f, revisions, names, err := r.parseLog(args)
	if err != nil {
		return err
	}
	if len(revisions) == 0 && !f.has("all") {
		return misuse("rev-list", "")
	}
	if left, right, ok := strings.Cut(first(revisions), "..."); ok && len(revisions) == 1 && f.has("count") && f.has("left-right") {
		return r.countSides(left, right)
	}
	list, err := r.history(f, revisions, names)
	if err != nil {
		return err
	}
	if f.has("count") {
		fmt.Fprintln(r.out, len(list))
		return nil
	}
	for _, c := range list {
		fmt.Fprintln(r.out, c.id)
	}
	return nil
}

// countSides says how many commits only one of two revisions has.
func (r *repo) countSides(left, right string) error {
	var sides [2]id
	for i, text := range []string{left, right} {
		if text == "" {
			text = "HEAD"
		}
		c, err := r.commitOf(text)
		if err != nil {
			return err
		}
		sides[i] = c.id
	}
	a, b, err := r.ahead(sides[0], sides[1])
	if err == nil {
		fmt.Fprintf(r.out, "%d\t%d\n", a, b)
	}
	return err
}
