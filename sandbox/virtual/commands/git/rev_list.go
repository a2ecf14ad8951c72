package git

import "fmt"

func revList(r *repo, args []string) error {
	f, operands, after, dashes, err := parseLog(args)
	if err != nil {
		return err
	}
	revisions, names, err := r.split(operands, after, dashes)
	if err != nil {
		return err
	}
	if len(revisions) == 0 && !f.has("all") {
		return &failure{129, "usage: git rev-list [<options>] <commit>... [--] [<path>...]"}
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
