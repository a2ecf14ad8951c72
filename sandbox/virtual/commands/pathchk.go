package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// What POSIX promises of paths, and what this file system takes.
const (
	posixNameMax, posixPathMax = 14, 256
	nameMax, pathMax           = 255, 4096
)

func pathchk(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "pP", Posix: true, Long: "portability", Usage: `[OPTION]... NAME...
Tell whether file names are valid or portable.

  -p                 check for most POSIX systems
  -P                 check for empty names and a leading "-"
      --portability  check for all POSIX systems, as -p -P
`}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	portable, strict := false, false
	for _, o := range p.Options {
		portable = portable || o.Key != "P"
		strict = strict || o.Key != "p"
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	for _, name := range p.Operands {
		if !checkPath(inv, name, portable, strict) {
			status = 1
		}
	}
	return status
}

// checkPath reports what is wrong with a path.
func checkPath(inv *shell.Invocation, name string, portable, strict bool) bool {
	if strict {
		for _, part := range strings.Split(name, "/") {
			if strings.HasPrefix(part, "-") {
				inv.Errorf("leading '-' in a component of file name %s", cli.Quote(name))
				return false
			}
		}
	}
	if (portable || strict) && name == "" {
		inv.Errorf("empty file name")
		return false
	}
	mostPath, mostName := pathMax-1, nameMax
	if portable {
		mostPath, mostName = posixPathMax-1, posixNameMax
		for _, r := range name {
			if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/", r) {
				inv.Errorf("nonportable character %s in file name %s", cli.QuoteText(string(r)), cli.QuoteText(name))
				return false
			}
		}
	} else if _, err := inv.FS.Lstat(inv.Path(name)); err == nil {
		return true
	} else if name == "" {
		inv.Errorf("%s: %v", cli.Quote(name), err)
		return false
	}
	if len(name) > mostPath {
		inv.Errorf("limit %d exceeded by length %d of file name %s", mostPath, len(name), cli.QuoteText(name))
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if len(part) > mostName {
			inv.Errorf("limit %d exceeded by length %d of file name component %s", mostName, len(part), cli.QuoteText(part))
			return false
		}
	}
	return true
}
