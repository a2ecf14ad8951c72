package commands

import (
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// place is a path as the user wrote it, and absolute.
type place struct{ name, full string }

func (c *copier) place(name string) place { return place{name, c.inv.Path(name)} }

func (p place) child(name string) place {
	if strings.HasSuffix(p.name, "/") {
		return place{p.name + name, p.full + name}
	}
	return place{p.name + "/" + name, p.full + "/" + name}
}

// targets works out where each source goes: cp A B, cp A... DIR, cp -t DIR A.... A status other than 0 is of an error.
func (c *copier) targets(spec *cli.Spec, operands []string, dir *string, noDir bool) (pairs [][2]place, status int) {
	switch {
	case len(operands) == 0:
		return nil, spec.Misuse(c.inv, "missing file operand")
	case dir != nil && noDir:
		c.inv.Errorf("cannot combine --target-directory (-t) and --no-target-directory (-T)")
		return nil, 1
	case dir == nil && len(operands) == 1:
		return nil, spec.Misuse(c.inv, "missing destination file operand after %s", cli.QuoteText(operands[0]))
	case noDir && len(operands) > 2:
		return nil, spec.Misuse(c.inv, "extra operand %s", cli.QuoteText(operands[2]))
	}
	sources := operands
	var to place
	into := false
	if dir != nil {
		to, into = c.place(*dir), true
		if i, err := c.inv.FS.Stat(to.full); err != nil || !i.IsDir() {
			if err == nil {
				err = vfs.ErrNotDir
			}
			c.inv.Errorf("target directory %s: %v", cli.Quote(*dir), err)
			return nil, 1
		}
	} else {
		sources, to = operands[:len(operands)-1], c.place(operands[len(operands)-1])
		i, err := c.inv.FS.Stat(to.full)
		into = err == nil && i.IsDir() && !noDir
		if !into && len(sources) > 1 {
			if err == nil {
				err = vfs.ErrNotDir
			}
			c.inv.Errorf("target %s: %v", cli.Quote(to.name), err)
			return nil, 1
		}
		if !into && c.parents {
			return nil, spec.Misuse(c.inv, "with --parents, the destination must be a directory")
		}
	}
	for _, s := range sources {
		src := c.place(s)
		dst := to
		switch {
		case into && c.parents:
			dst = to.child(strings.TrimLeft(strings.TrimRight(s, "/"), "/"))
		case into:
			base := path.Base(s)
			if base == ".." && !c.moves {
				base = "."
			}
			dst = to.child(base)
		}
		pairs = append(pairs, [2]place{src, dst})
	}
	return pairs, 0
}

// ready decides whether what is at dst may be replaced, and makes a backup of it. proceed says whether to
// go on, and ok, where it does not, whether that is no failure.
func (c *copier) ready(src, dst place, from vfs.Info) (backup string, proceed, ok bool) {
	to, err := c.inv.FS.Lstat(dst.full)
	if err != nil {
		return "", true, true
	}
	switch {
	case c.noClobber:
		return "", false, true
	case c.update && !from.ModTime.After(to.ModTime):
		return "", false, true
	}
	if to.IsDir() && !from.IsDir() {
		return "", false, c.fail("cannot overwrite directory %s with non-directory", cli.Quote(dst.name))
	}
	if !to.IsDir() && from.IsDir() && (c.moves || to.Mode&fs.ModeSymlink == 0) {
		if !c.makes() {
			return "", false, c.fail("cannot overwrite non-directory %s with directory %s", cli.Quote(dst.name), cli.Quote(src.name))
		}
	}
	if to.IsDir() && !c.moves {
		return "", true, true
	}
	if c.ask && !c.confirm("overwrite %s? ", cli.Quote(dst.name)) {
		return "", false, false
	}
	if c.makes() {
		name := c.backups.name(c.inv, dst)
		if err := c.inv.FS.Rename(dst.full, c.inv.Path(name)); err != nil {
			return "", false, c.fail("cannot backup %s: %v", cli.Quote(dst.name), err)
		}
		return name, true, true
	}
	return "", true, true
}

// sameFile says whether two paths lead to one file.
func (c *copier) sameFile(a vfs.Info, dst place, follow bool) bool {
	stat := c.inv.FS.Lstat
	if follow {
		stat = c.inv.FS.Stat
	}
	b, err := stat(dst.full)
	return err == nil && a.Ino == b.Ino
}

// within says whether dst is in the directory dir.
func (c *copier) within(dir vfs.Info, dst place) bool {
	at := path.Clean(dst.full)
	for {
		if real, err := c.inv.FS.Realpath(at); err == nil {
			at = real
		}
		if i, err := c.inv.FS.Stat(at); err == nil && i.Ino == dir.Ino {
			return true
		}
		if at == "/" {
			return false
		}
		at = path.Dir(at)
	}
}

// makeParents makes the directories above dst that --parents asks for.
func (c *copier) makeParents(src, dst place) bool {
	up := path.Dir(dst.full)
	if err := c.inv.FS.MkdirAll(up, 0o777&^c.inv.Umask); err != nil {
		return c.fail("cannot make directory %s: %v", cli.Quote(path.Dir(dst.name)), err)
	}
	return true
}
