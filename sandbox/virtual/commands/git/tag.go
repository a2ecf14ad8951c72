package git

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func tag(r *repo, args []string) error {
	f, operands, _, _, err := parse("annotate=a message:=m delete=d list=l force=f file:=F n? sort: contains? points-at:", args)
	if err != nil {
		return err
	}
	switch {
	case f.has("delete"):
		failed := false
		for _, name := range operands {
			h, ok := r.ref("refs/tags/" + name)
			if !ok {
				fmt.Fprintf(r.inv.Stderr, "error: tag '%s' not found.\n", name)
				failed = true
				continue
			}
			if err := r.deleteRef("refs/tags/" + name); err != nil {
				return err
			}
			fmt.Fprintf(r.out, "Deleted tag '%s' (was %s)\n", name, r.short(h))
		}
		if failed {
			return exit(1)
		}
		return nil
	case len(operands) == 0 || f.has("list"):
		p := &paths{}
		for _, pattern := range operands {
			p.list, p.glob, p.said, p.used = append(p.list, pattern), append(p.glob, cli.Glob(pattern)), append(p.said, pattern), append(p.used, false)
		}
		var names []string
		for _, name := range sortedNames(r.refs("refs/tags/")) {
			names = append(names, "refs/tags/"+name)
		}
		if err := sortRefs(f["sort"], names, r.created); err != nil {
			return err
		}
		for _, name := range names {
			if name = strings.TrimPrefix(name, "refs/tags/"); p.match(name) {
				fmt.Fprintln(r.out, name)
			}
		}
		return nil
	}
	name, at := operands[0], "HEAD"
	if len(operands) > 1 {
		at = operands[1]
	}
	if !validRef("refs/tags/"+name) || strings.HasPrefix(name, "-") {
		return fatal("'%s' is not a valid tag name.", name)
	}
	old, exists := r.ref("refs/tags/" + name)
	if exists && !f.has("force") {
		return fatal("tag '%s' already exists", name)
	}
	h, err := r.resolve(at)
	if err != nil {
		return fatal("Failed to resolve '%s' as a valid ref.", at)
	}
	if f.has("annotate") || f.has("message") || f.has("file") {
		if !f.has("message") && !f.has("file") {
			return fatal("there is no editor in this sandbox: give the message with -m or -F")
		}
		message, err := r.message(f, nil, false)
		if err != nil {
			return err
		}
		o, err := r.read(h)
		if err != nil {
			return err
		}
		if h, err = r.write("tag", fmt.Appendf(nil, "object %s\ntype %s\ntag %s\ntagger %s\n\n%s", h, o.kind, name, r.me("COMMITTER"), message)); err != nil {
			return err
		}
	}
	if exists && old != h {
		fmt.Fprintf(r.out, "Updated tag '%s' (was %s)\n", name, r.short(old))
	}
	return r.setRef("refs/tags/"+name, h, "")
}
