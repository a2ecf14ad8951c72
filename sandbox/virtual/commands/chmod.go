package commands

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const chmodUsage = `[OPTION]... MODE[,MODE]... FILE...
Change the mode of the FILEs: MODE is octal, or [ugoa]*([-+=]([rwxXst]*|[ugo]))+.

  -R, --recursive  -v, --verbose  -c, --changes  -f, --silent, --quiet  --reference=FILE
`

type modeChanger struct {
	ctx                                context.Context
	inv                                *shell.Invocation
	change                             filemode.Change
	recursive, verbose, changes, quiet bool
	surprises                          bool // say where the umask keeps something from being taken away
	status                             int
}

func chmod(ctx context.Context, inv *shell.Invocation) int {
	// A mode like -x or -rwx looks like options.
	c := &modeChanger{ctx: ctx, inv: inv}
	copied, mode := *inv, ""
	args := []string{inv.Args[0]}
	for i, a := range inv.Args[1:] {
		if a == "--" {
			args = append(args, inv.Args[i+1:]...)
			break
		}
		if len(a) > 1 && a[0] == '-' && strings.Trim(a[1:], "rwxXstugo0123456789,+-=a") == "" && a[1] != '-' && strings.IndexByte("Rvcf", a[1]) < 0 {
			if mode != "" {
				mode += ","
			}
			mode += a
			continue
		}
		args = append(args, a)
	}
	copied.Args = args
	spec := &cli.Spec{Usage: chmodUsage, Short: "Rcfv", Long: "changes=c recursive=R no-preserve-root preserve-root quiet=f silent=f reference: verbose=v"}
	p, status := spec.Parse(&copied)
	if p == nil {
		return status
	}
	reference := false
	for _, o := range p.Options {
		switch o.Key {
		case "R":
			c.recursive = true
		case "c":
			c.changes, c.verbose = true, false
		case "f":
			c.quiet = true
		case "v":
			c.changes, c.verbose = false, true
		case "reference":
			info, err := inv.FS.Stat(inv.Path(o.Value))
			if err != nil {
				inv.Errorf("failed to get attributes of %s: %v", cli.Quote(o.Value), err)
				return 1
			}
			c.change = filemode.Exactly(info.Mode)
			reference = true
		}
	}
	names := p.Operands
	c.surprises = mode != "" // it looks like an option, and may have been meant as one
	if !reference {
		if mode == "" {
			if len(names) == 0 {
				return spec.Misuse(inv, "missing operand")
			}
			mode, names = names[0], names[1:]
		}
		change, ok := filemode.Parse(mode)
		if !ok {
			return spec.Misuse(inv, "invalid mode: %s", cli.QuoteText(mode))
		}
		c.change = change
	}
	if len(names) == 0 {
		if reference {
			return spec.Misuse(inv, "missing operand")
		}
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(mode))
	}
	for _, name := range names {
		c.apply(name, true)
	}
	return c.status
}

func (c *modeChanger) apply(name string, top bool) {
	if c.inv.Budget.Work(1) != nil || c.ctx.Err() != nil {
		c.status = 1
		return
	}
	full := c.inv.Path(name)
	info, err := c.inv.FS.Lstat(full)
	if err == nil && info.Mode&fs.ModeSymlink != 0 {
		if !top {
			return
		}
		if info, err = c.inv.FS.Stat(full); err != nil {
			if !c.quiet {
				c.inv.Errorf("cannot operate on dangling symlink %s", cli.Quote(name))
			}
			c.status = 1
			return
		}
	}
	if err != nil {
		if !c.quiet {
			c.inv.Errorf("cannot access %s: %v", cli.Quote(name), err)
		}
		if c.verbose {
			fmt.Fprintf(c.inv.Stdout, "%s could not be accessed\n", cli.Quote(name))
		}
		c.status = 1
		return
	}
	mode := c.change.Apply(info.Mode, c.inv.Umask)
	// A directory that is about to be closed is entered first.
	closing := mode&0o500 != 0o500
	if closing {
		c.below(name, full, info)
	}
	if err := c.inv.FS.Chmod(full, mode&filemode.Bits); err != nil {
		c.inv.Errorf("changing permissions of %s: %v", cli.Quote(name), err)
		c.status = 1
		return
	}
	old, now := filemode.Octal(info.Mode), filemode.Octal(mode)
	switch {
	case old != now && (c.verbose || c.changes):
		fmt.Fprintf(c.inv.Stdout, "mode of %s changed from %04o (%s) to %04o (%s)\n", cli.Quote(name), old, filemode.Letters(info.Mode)[1:], now, filemode.Letters(mode)[1:])
	case c.verbose:
		fmt.Fprintf(c.inv.Stdout, "mode of %s retained as %04o (%s)\n", cli.Quote(name), now, filemode.Letters(mode)[1:])
	}
	if naive := c.change.Apply(info.Mode, 0); c.surprises && mode&^naive&filemode.Bits != 0 {
		c.inv.Errorf("%s: new permissions are %s, not %s", cli.QuoteNeeded(name), filemode.Letters(mode)[1:], filemode.Letters(naive)[1:])
		c.status = 1
	}
	if !closing {
		c.below(name, full, info)
	}
}

// below goes on to what is in a directory.
func (c *modeChanger) below(name, full string, info vfs.Info) {
	if !c.recursive || !info.IsDir() {
		return
	}
	list, err := c.inv.FS.ReadDir(full)
	if err != nil {
		c.inv.Errorf("cannot read directory %s: %v", cli.Quote(name), err)
		c.status = 1
	}
	for _, i := range list {
		c.apply(strings.TrimSuffix(name, "/")+"/"+i.Name, false)
	}
}
