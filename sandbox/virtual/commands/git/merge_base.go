package git

import (
	"fmt"
	"slices"
	"strings"
)

func mergeBaseCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("is-ancestor all=a", args)
	if err != nil {
		return err
	}
	if len(operands) != 2 {
		return misuse("merge-base", "")
	}
	a, err := r.commitOf(operands[0])
	if err != nil {
		return fatal("Not a valid object name %s", operands[0])
	}
	b, err := r.commitOf(operands[1])
	if err != nil {
		return fatal("Not a valid object name %s", operands[1])
	}
	base, err := r.mergeBase(a.id, b.id)
	switch {
	case err != nil:
		return err
	case f.has("is-ancestor") && base != a.id || base.zero():
		return exit(1)
	case !f.has("is-ancestor"):
		fmt.Fprintln(r.out, base)
	}
	return nil
}

// mergeBase is the newest commit that two have in common; zero where there is none.
func (r *repo) mergeBase(a, b id) (id, error) {
	set := map[id]bool{}
	if err := r.ancestors(a, set); err != nil {
		return id{}, err
	}
	others := map[id]bool{}
	if err := r.ancestors(b, others); err != nil {
		return id{}, err
	}
	var common []*commit
	for h := range others {
		if set[h] {
			c, err := r.commit(h)
			if err != nil {
				return id{}, err
			}
			common = append(common, c)
		}
	}
	// What is an ancestor of another common commit is no base.
	older := map[id]bool{}
	for _, c := range common {
		for _, p := range c.parents {
			older[p] = true
		}
	}
	common = slices.DeleteFunc(common, func(c *commit) bool { return older[c.id] })
	if len(common) == 0 {
		return id{}, nil
	}
	return slices.MaxFunc(common, func(x, y *commit) int {
		if x.committer.when != y.committer.when {
			return int(x.committer.when - y.committer.when)
		}
		return strings.Compare(y.id.String(), x.id.String())
	}).id, nil
}
