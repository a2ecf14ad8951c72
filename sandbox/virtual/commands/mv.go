package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const mvUsage = `[OPTION]... SOURCE... DEST
Rename SOURCE to DEST, or move several SOURCEs into the directory DEST.

  -f, --force  -i, --interactive  -n, --no-clobber  -u, --update
  -t, --target-directory=DIR  -T, --no-target-directory  --strip-trailing-slashes
  -b, --backup[=CONTROL]  -S, --suffix=SUFFIX
  -v, --verbose
`

func mv(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: mvUsage, Short: "bfinS:t:TuvZ",
		Long: "backup:: force=f interactive=i no-clobber=n strip-trailing-slashes suffix:=S target-directory:=t no-target-directory=T " +
			"update::=u verbose=v context=Z debug no-copy"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	c := newCopier(ctx, inv)
	c.moves = true
	var dir *string
	noDir := false
	for _, o := range p.Options {
		switch o.Key {
		case "b", "backup", "S":
			if !c.backups.option(spec, inv, o) {
				return 1
			}
		case "f":
			c.ask, c.noClobber = false, false
		case "i":
			c.ask, c.noClobber = true, false
		case "n":
			c.noClobber, c.ask = true, false
		case "t":
			dir = &o.Value
		case "T":
			noDir = true
		case "u":
			c.update = o.Value != "all" && o.Value != "none"
		case "v", "debug":
			c.verbose = true
		}
	}
	if c.backup != "" && c.noClobber {
		return spec.Misuse(inv, "options --backup and --no-clobber are mutually exclusive")
	}
	pairs, status := c.targets(spec, p.Operands, dir, noDir)
	for _, pair := range pairs {
		if !c.move(pair[0], pair[1]) {
			status = 1
		}
	}
	return status
}

func (c *copier) move(src, dst place) bool {
	if c.inv.Budget.Work(1) != nil || c.ctx.Err() != nil {
		return false
	}
	from, err := c.inv.FS.Lstat(src.full)
	if err != nil {
		return c.fail("cannot stat %s: %v", cli.Quote(src.name), err)
	}
	if c.sameFile(from, dst, false) && !c.noClobber {
		return c.fail("%s and %s are the same file", cli.Quote(src.name), cli.Quote(dst.name))
	}
	if from.IsDir() && c.within(from, dst) {
		return c.fail("cannot move %s to a subdirectory of itself, %s", cli.Quote(src.name), cli.Quote(dst.name))
	}
	if strings.HasSuffix(dst.name, "/") && !from.IsDir() {
		if i, err := c.inv.FS.Stat(dst.full); err != nil || !i.IsDir() {
			return c.fail("cannot move %s to %s: Not a directory", cli.Quote(src.name), cli.Quote(dst.name))
		}
	}
	backup, proceed, ok := c.ready(src, dst, from)
	if !proceed {
		return ok
	}
	switch err := c.inv.FS.Rename(src.full, dst.full); err {
	case nil:
		c.tell("renamed %s -> %s", src, dst, backup)
		return true
	case vfs.ErrCrossDevice:
		return c.moveAcross(src, dst, backup)
	default:
		return c.fail("cannot move %s to %s: %v", cli.Quote(src.name), cli.Quote(dst.name), err)
	}
}

// moveAcross copies to another mount and removes the source.
func (c *copier) moveAcross(src, dst place, backup string) bool {
	across := newCopier(c.ctx, c.inv)
	across.recursive, across.preserve, across.keepMode, across.links, across.follow = true, true, true, true, 'P'
	if !across.copy(src, dst, true) {
		return false
	}
	if err := c.inv.FS.RemoveAll(src.full); err != nil {
		return c.fail("cannot remove %s: %v", cli.Quote(src.name), err)
	}
	c.tell("renamed %s -> %s", src, dst, backup)
	return true
}
