package git

import (
	"fmt"
	"strings"
)

func symbolicRef(r *repo, args []string) error {
	f, operands, _, _, err := parse("short quiet=q", args)
	if err != nil {
		return err
	}
	if len(operands) == 2 && operands[0] == "HEAD" && strings.HasPrefix(operands[1], "refs/") && validRef(operands[1]) {
		return r.writeGit("HEAD", "ref: "+operands[1]+"\n")
	}
	name, _ := r.head()
	switch {
	case len(operands) != 1 || operands[0] != "HEAD":
		return fatal("only HEAD is a symbolic ref in this sandbox")
	case name == "" && f.has("quiet"):
		return exit(1)
	case name == "":
		return fatal("ref HEAD is not a symbolic ref")
	case f.has("short"):
		name = strings.TrimPrefix(name, "refs/heads/")
	}
	fmt.Fprintln(r.out, name)
	return nil
}
