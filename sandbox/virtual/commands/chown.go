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
	c := &ownerChange{inv: inv, group: group, uid: -1, gid: -1}
	reference := ""
	for _, o := range p.Options {
		switch o.Key {
		case "f":
			c.quiet = true
		case "R":
			c.recursive = true
		case "reference":
			reference = o.Value
		}
	}
	names := p.Operands
	switch {
	case len(names) == 0:
		return spec.Misuse(inv, "missing operand")
	case reference != "":
		info, err := inv.FS.Stat(inv.Path(reference))
		if err != nil {
			inv.Errorf("failed to get attributes of %s: %v", cli.Quote(reference), err)
			return 1
		}
		c.uid, c.gid = info.UID, info.GID
	case len(names) == 1:
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(names[0]))
	default:
		if !c.to(names[0]) {
			return 1
		}
		names = names[1:]
	}
	for _, name := range names {
		c.change(name)
	}
	return c.status
}

// ownerChange is one call of chown or chgrp.
type ownerChange struct {
	inv              *shell.Invocation
	group            bool // chgrp
	quiet, recursive bool
	uid, gid         int // to give files to; -1: as it is
	status           int
}

// to reads OWNER:GROUP, or for chgrp GROUP; false after a complaint.
func (c *ownerChange) to(text string) bool {
	owner, groupName, both := strings.Cut(text, ":")
	if c.group {
		owner, groupName, both = "", text, true
	}
	var ok bool
	if owner != "" {
		if c.uid, ok = cli.UserID(owner); !ok {
			c.inv.Errorf("invalid user: %s", cli.QuoteText(text))
			return false
		}
	}
	if both && groupName != "" {
		if c.gid, ok = cli.UserID(groupName); !ok {
			c.inv.Errorf("invalid group: %s", cli.QuoteText(text))
			return false
		}
	}
	return true
}

// change gives away a file, and with -R what is below it.
func (c *ownerChange) change(name string) {
	info, err := c.inv.FS.Lstat(c.inv.Path(name))
	what := "changing ownership of"
	if c.group {
		what = "changing group of"
	}
	switch {
	case err != nil:
		what = "cannot access"
	case c.uid >= 0 && c.uid != info.UID || c.gid >= 0 && c.gid != info.GID:
		err = vfs.ErrNotAllowed
	}
	if err != nil {
		if !c.quiet {
			c.inv.Errorf("%s %s: %v", what, cli.Quote(name), err)
		}
		c.status = 1
	}
	if err != nil || !c.recursive || !info.IsDir() || c.inv.Budget.Work(1) != nil {
		return
	}
	entries, err := c.inv.FS.ReadDir(c.inv.Path(name))
	if err != nil {
		c.inv.Errorf("cannot read directory %s: %v", cli.Quote(name), err)
		c.status = 1
	}
	for _, e := range entries {
		c.change(strings.TrimSuffix(name, "/") + "/" + e.Name)
	}
}
