package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const cpUsage = `[OPTION]... SOURCE... DEST
Copy SOURCE to DEST, or several SOURCEs into the directory DEST.

  -r, -R, --recursive   directories with what is in them
  -a, --archive         as -dR --preserve=all
  -p, --preserve[=LIST] keep mode and times
  -d, -P, -L, -H        keep or follow symbolic links
  -f, --force  -i, --interactive  -n, --no-clobber  -u, --update  --remove-destination
  -l, --link  -s, --symbolic-link   make links instead of copies
  -t, --target-directory=DIR  -T, --no-target-directory  --parents
  -b, --backup[=CONTROL]  -S, --suffix=SUFFIX
  -v, --verbose
`

func newCopier(ctx context.Context, inv *shell.Invocation) *copier {
	suffix, _ := inv.Env.Get("SIMPLE_BACKUP_SUFFIX")
	return &copier{ctx: ctx, inv: inv, backups: backups{suffix: suffix}, inodes: map[uint64]string{}, created: map[string]bool{}}
}

func cp(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: cpUsage, Short: "abdfHilLnpPrRsS:t:TuvxZ",
		Long: "archive=a attributes-only backup:: copy-contents dereference=L no-dereference=P force=f interactive=i link=l " +
			"no-clobber=n one-file-system=x parents preserve:: no-preserve: recursive=r reflink:: remove-destination sparse: " +
			"strip-trailing-slashes suffix:=S symbolic-link=s target-directory:=t no-target-directory=T update::=u verbose=v debug"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	c := newCopier(ctx, inv)
	var dir *string
	noDir := false
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			c.recursive, c.preserve, c.keepMode, c.links, c.follow = true, true, true, true, 'P'
		case "attributes-only":
			c.attributesOnly = true
		case "b", "backup", "S":
			if !c.backups.option(spec, inv, o) {
				return 1
			}
		case "d":
			c.follow, c.links = 'P', true
		case "f":
			c.force = true
		case "H", "L", "P":
			c.follow = o.Key[0]
		case "i":
			c.ask, c.noClobber = true, false
		case "l":
			c.hard = true
		case "n":
			c.noClobber, c.ask = true, false
		case "p":
			c.preserve, c.keepMode = true, true
		case "preserve", "no-preserve":
			for _, what := range strings.Split(o.Value, ",") {
				on := o.Key == "preserve"
				switch {
				case what == "" || what == "all":
					c.preserve, c.keepMode, c.links = on, on, on && what == "all" || c.links
				case strings.HasPrefix("mode", what):
					c.keepMode = on
				case strings.HasPrefix("timestamps", what):
					c.preserve = on
				case strings.HasPrefix("links", what):
					c.links = on
				default:
					if _, wrong := spec.Choose(inv, o.Key, what, "mode", "timestamps", "ownership", "links", "context", "xattr", "all"); wrong != 0 {
						return wrong
					}
				}
			}
		case "reflink":
			if o.Has {
				if _, wrong := spec.Choose(inv, o.Key, o.Value, "auto", "always", "never"); wrong != 0 {
					return wrong
				}
			}
		case "sparse":
			if _, wrong := spec.Choose(inv, o.Key, o.Value, "never", "auto", "always"); wrong != 0 {
				return wrong
			}
		case "r", "R":
			c.recursive = true
		case "parents":
			c.parents = true
		case "remove-destination":
			c.removeFirst = true
		case "s":
			c.symbolic = true
		case "strip-trailing-slashes":
			for i, name := range p.Operands {
				if t := strings.TrimRight(name, "/"); t != "" {
					p.Operands[i] = t
				}
			}
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
	if c.hard && c.symbolic {
		return spec.Misuse(inv, "cannot make both hard and symbolic links")
	}
	if c.backup != "" && c.noClobber {
		return spec.Misuse(inv, "options --backup and --no-clobber are mutually exclusive")
	}
	pairs, status := c.targets(spec, p.Operands, dir, noDir)
	for _, pair := range pairs {
		if !c.copy(pair[0], pair[1], true) {
			status = 1
		}
	}
	return status
}
