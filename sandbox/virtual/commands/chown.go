package commands

import (
	"context"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// chown is also chgrp. There is one user, who may give files to nobody else: what stays as it is succeeds, and anything
// else is not permitted.
func chown(_ context.Context, inv *shell.Invocation) int {
	group := path.Base(inv.Args[0]) == "chgrp"
	synopsis := "[OPTION]... [OWNER][:[GROUP]] FILE..."
	if group {
		synopsis = "[OPTION]... GROUP FILE..."
	}
	spec := &cli.Spec{Short: "cfhvRHLP", Long: "changes=c silent=f quiet=f no-dereference=h dereference verbose=v recursive=R preserve-root no-preserve-root reference: from:",
		Usage: synopsis + "\nChange the owner and group of each FILE, as far as the one user may.\n\n  -R, --recursive  -f, --quiet  -v, --verbose  --reference=RFILE  --from=OWNER:GROUP\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	quiet, recursive, reference := false, false, ""
	for _, o := range p.Options {
		switch o.Key {
		case "f":
			quiet = true
		case "R":
			recursive = true
		case "reference":
			reference = o.Value
		}
	}
	names := p.Operands
	uid, gid := -1, -1
	switch {
	case len(names) == 0:
		return spec.Misuse(inv, "missing operand")
	case reference != "":
		info, err := inv.FS.Stat(inv.Path(reference))
		if err != nil {
			inv.Errorf("failed to get attributes of %s: %v", cli.Quote(reference), err)
			return 1
		}
		uid, gid = info.UID, info.GID
	case len(names) == 1:
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(names[0]))
	default:
		owner, groupName, both := strings.Cut(names[0], ":")
		if group {
			owner, groupName, both = "", names[0], true
		}
		var ok bool
		if owner != "" {
			if uid, ok = cli.UserID(owner); !ok {
				inv.Errorf("invalid user: %s", cli.QuoteText(names[0]))
				return 1
			}
		}
		if both && groupName != "" {
			if gid, ok = cli.UserID(groupName); !ok {
				inv.Errorf("invalid group: %s", cli.QuoteText(names[0]))
				return 1
			}
		}
		names = names[1:]
	}
	var change func(name string)
	change = func(name string) {
		info, err := inv.FS.Lstat(inv.Path(name))
		what := "changing ownership of"
		if group {
			what = "changing group of"
		}
		switch {
		case err != nil:
			what = "cannot access"
		case uid >= 0 && uid != info.UID || gid >= 0 && gid != info.GID:
			err = vfs.ErrNotAllowed
		}
		if err != nil {
			if !quiet {
				inv.Errorf("%s %s: %v", what, cli.Quote(name), err)
			}
			status = 1
		}
		if err != nil || !recursive || !info.IsDir() || inv.Budget.Work(1) != nil {
			return
		}
		entries, err := inv.FS.ReadDir(inv.Path(name))
		if err != nil {
			inv.Errorf("cannot read directory %s: %v", cli.Quote(name), err)
			status = 1
		}
		for _, e := range entries {
			change(strings.TrimSuffix(name, "/") + "/" + e.Name)
		}
	}
	for _, name := range names {
		change(name)
	}
	return status
}
