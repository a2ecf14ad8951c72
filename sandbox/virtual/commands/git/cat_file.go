package git

import "fmt"

func catFile(r *repo, args []string) error {
	f, operands, _, _, err := parse("t s p e batch-check? batch?", args)
	if err != nil {
		return err
	}
	kind := ""
	if len(operands) == 2 {
		kind, operands = operands[0], operands[1:]
	}
	if len(operands) != 1 {
		return misuse("cat-file", "")
	}
	h, err := r.resolve(operands[0])
	if err != nil {
		if f.has("e") {
			return exit(1)
		}
		return fatal("Not a valid object name %s", operands[0])
	}
	o, err := r.read(h)
	if err != nil {
		return err
	}
	switch {
	case f.has("e"):
	case f.has("t"):
		fmt.Fprintln(r.out, o.kind)
	case f.has("s"):
		fmt.Fprintln(r.out, len(o.data))
	case o.kind == "tree" && f.has("p"):
		return lsTree(r, []string{h.String()})
	case kind != "" && kind != o.kind:
		return fatal("git cat-file %s: bad file", operands[0])
	default:
		r.out.Write(o.data)
	}
	return nil
}
