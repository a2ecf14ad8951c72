package git

import (
	"bytes"
	"io"
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func applyPatch(r *repo, args []string) error {
	f, operands, after, _, err := parse("reverse=R check cached index=i p: stat? verbose=v whitespace: 3way=3 unsafe-paths recount", args)
	if err != nil {
		return err
	}
	if f.has("cached") || f.has("index") || f.has("3way") {
		return fatal("git apply changes the working tree only in this sandbox; add what it changed")
	}
	strip := f.last("p")
	if strip == "" {
		strip = "1"
	}
	call := []string{"patch", "-s", "-f", "-F0", "-p" + strip}
	if f.has("reverse") {
		call = append(call, "-R")
	}
	if operands = append(operands, after...); len(operands) == 0 {
		operands = []string{"-"}
	}
	for _, name := range operands {
		data, err := r.operand(name)
		if err != nil {
			return err
		}
		if !bytes.Contains(data, []byte("\n@@ ")) {
			return problem("No valid patches in input (allow with \"--allow-empty\")")
		}
		dry := append(slices.Clone(call), "--dry-run")
		if !f.has("reverse") && r.patchWith(append(slices.Clone(dry), "-R"), data) == nil { // it is applied already
			return problem("patch does not apply")
		}
		if err := r.patchWith(dry, data); err != nil || f.has("check") {
			return err
		}
		if err := r.patchWith(call, data); err != nil {
			return err
		}
	}
	return nil
}

// patchWith has the sandbox's patch do it, all or nothing.
func (r *repo) patchWith(args []string, data []byte) error {
	if r.inv.Exec(r.ctx, shell.Nested{Args: args, Dir: r.at, Stdin: bytes.NewReader(data), Stdout: io.Discard, Stderr: io.Discard}) != 0 {
		return problem("patch does not apply")
	}
	return nil
}
