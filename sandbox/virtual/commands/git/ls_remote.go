package git

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func lsRemote(r *repo, args []string) error {
	f, operands, after, _, err := parse("heads=h branches tags=t refs quiet=q exit-code get-url symref sort: upload-pack:=u server-option:=o", args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	branch, _ := r.head()
	name, named := r.defaultRemote(branch), len(operands) > 0
	if named {
		name, operands = operands[0], operands[1:]
	}
	c, err := r.remoteOf(name)
	if err != nil {
		return err
	}
	if f.has("get-url") {
		fmt.Fprintln(r.out, c.url)
		return nil
	}
	p, err := r.open(c.url, false)
	if err != nil {
		return err
	}
	theirs, err := p.refs(nil)
	if err != nil {
		return err
	}
	if f.has("sort") {
		if theirs, err = sortFar(f["sort"], theirs); err != nil {
			return err
		}
	}
	if !named && !f.has("quiet") {
		fmt.Fprintf(r.inv.Stderr, "From %s\n", masked(c.url))
	}
	wanted := func(name string) bool {
		heads, tags := f.has("heads") || f.has("branches"), f.has("tags")
		if (heads || tags) && !(heads && strings.HasPrefix(name, "refs/heads/")) && !(tags && strings.HasPrefix(name, "refs/tags/")) || f.has("refs") && (!strings.HasPrefix(name, "refs/") || strings.HasSuffix(name, "^{}")) {
			return false
		}
		for _, pattern := range operands {
			if cli.Glob("*/" + pattern)("/" + name) {
				return true
			}
		}
		return len(operands) == 0
	}
	found := false
	for _, ref := range theirs {
		if ref.id.zero() {
			continue
		}
		if wanted(ref.name) {
			found = true
			if f.has("symref") && ref.target != "" {
				fmt.Fprintf(r.out, "ref: %s\t%s\n", ref.target, ref.name)
			}
			fmt.Fprintf(r.out, "%s\t%s\n", ref.id, ref.name)
		}
		if peeled := ref.name + "^{}"; !ref.peeled.zero() && wanted(peeled) {
			fmt.Fprintf(r.out, "%s\t%s\n", ref.peeled, peeled)
		}
	}
	if !found && f.has("exit-code") {
		return exit(2)
	}
	return nil
}

// sortFar orders the refs of another repository, what tags point to in its own right.
func sortFar(keys []string, list []farRef) ([]farRef, error) {
	byName, names := map[string]farRef{}, []string{}
	add := func(ref farRef) {
		byName[ref.name] = ref
		names = append(names, ref.name)
	}
	for _, ref := range list {
		peeled := farRef{name: ref.name + "^{}", id: ref.peeled}
		ref.peeled = id{}
		if add(ref); !peeled.id.zero() {
			add(peeled)
		}
	}
	err := sortRefs(keys, names, nil)
	sorted := make([]farRef, 0, len(names))
	for _, name := range names {
		sorted = append(sorted, byName[name])
	}
	return sorted, err
}
