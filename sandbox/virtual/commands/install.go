package commands

import (
	"context"
	"path"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const installUsage = `[OPTION]... SOURCE... DEST
Copy files and set their modes; with -d make directories.

  -d, --directory  -D   make directories  -m, --mode=MODE  rwxr-xr-x by default
  -p, --preserve-timestamps  -C, --compare  -t, --target-directory=DIR  -T  -b, --backup  -v, --verbose
`

func install(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: installUsage, Short: "bcCdDg:m:o:pst:TvS:",
		Long: "backup:: compare=C directory=d group:=g mode:=m owner:=o preserve-timestamps=p strip=s target-directory:=t no-target-directory=T verbose=v suffix:=S"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	mode, _ := filemode.Parse("755")
	c := newCopier(ctx, inv)
	var dir *string
	noDir, dirs, parents := false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "b", "backup", "S":
			if !c.backups.option(spec, inv, o) {
				return 1
			}
		case "d":
			dirs = true
		case "D":
			parents = true
		case "m":
			change, ok := filemode.Parse(o.Value)
			if !ok {
				inv.Errorf("invalid mode %s", cli.QuoteText(o.Value))
				return 1
			}
			mode = change
		case "p":
			c.preserve = true
		case "t":
			dir = &o.Value
		case "T":
			noDir = true
		case "v":
			c.verbose = true
		}
	}
	isDir := func(name string) bool {
		info, err := inv.FS.Stat(inv.Path(name))
		return err == nil && info.IsDir()
	}
	if dirs {
		if len(p.Operands) == 0 {
			return spec.Misuse(inv, "missing file operand")
		}
		for _, name := range p.Operands {
			m := dirMaker{inv: inv, mode: 0o755, parents: true, verbose: c.verbose}
			if failed, err := m.make(name); err != nil {
				inv.Errorf("cannot create directory %s: %v", cli.QuoteText(failed), err)
				status = 1
				continue
			}
			inv.FS.Chmod(inv.Path(name), mode.Apply(0, 0)&filemode.Bits)
		}
		return status
	}
	if parents && len(p.Operands) > 0 {
		up := ""
		if dir != nil {
			up = *dir
		} else if len(p.Operands) == 2 {
			up = path.Dir(p.Operands[1])
		}
		if up != "" {
			m := dirMaker{inv: inv, mode: 0o755, parents: true, verbose: c.verbose}
			if failed, err := m.make(up); err != nil && !(err == vfs.ErrExist && isDir(up)) {
				inv.Errorf("cannot create directory %s: %v", cli.QuoteText(failed), err)
				return 1
			}
		}
	}
	c.mode, c.removeFirst = &mode, true
	pairs, status := c.targets(spec, p.Operands, dir, noDir)
	for _, pair := range pairs {
		if i, err := inv.FS.Stat(pair[0].full); err == nil && i.IsDir() {
			inv.Errorf("omitting directory %s", cli.Quote(pair[0].name))
			status = 1
			continue
		}
		if !c.copy(pair[0], pair[1], true) {
			status = 1
		}
	}
	return status
}
