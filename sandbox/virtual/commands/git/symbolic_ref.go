package git

import (
	"fmt"
	"strings"
)

func symbolicRef(r *repo, args []string) error {
	f, operands, _, _, err := parse("short quiet=q delete=d recurse no-recurse", args)
	if err != nil {
		return err
	}
	if len(operands) == 0 || len(operands) > 2 {
		return misuse("symbolic-ref", "")
	}
	name := operands[0]
	if name != "HEAD" && !(strings.HasPrefix(name, "refs/") && validRef(name)) {
		return fatal("No such ref: %s", name)
	}
	if len(operands) == 2 {
		if to := operands[1]; !strings.HasPrefix(to, "refs/") || !validRef(to) || name == "HEAD" && !strings.HasPrefix(to, "refs/heads/") {
			return fatal("Refusing to point %s outside of refs/", name)
		}
		return r.writeGit(name, "ref: "+operands[1]+"\n")
	}
	text, _ := r.gitFile(name)
	target, ok := strings.CutPrefix(text, "ref: ")
	switch {
	case !ok && f.has("quiet"):
		return exit(1)
	case !ok:
		return fatal("ref %s is not a symbolic ref", name)
	case f.has("delete"):
		if name == "HEAD" {
			return fatal("deleting 'HEAD' is not allowed")
		}
		return r.deleteRef(name)
	case f.has("short"):
		target = shortRef(target)
	}
	fmt.Fprintln(r.out, target)
	return nil
}
