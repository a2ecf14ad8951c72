package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// copier is what cp, mv and install share: where sources go (copy_target.go), backups, questions, and the copy itself.
type copier struct {
	ctx context.Context
	inv *shell.Invocation

	noClobber, update, ask, verbose, force, removeFirst bool
	recursive, links, preserve, keepMode                bool
	hard, symbolic, parents, attributesOnly             bool
	follow                                              byte // 'L' all links, 'H' those on the command line, 'P' none, 0 by -r
	backups
	mode    *filemode.Change // of install
	answers *bufio.Reader
	moves   bool // mv
	inodes  map[uint64]string
	created map[string]bool
}

func (c *copier) fail(format string, args ...any) bool {
	c.inv.Errorf(format, args...)
	return false
}

// confirm asks on standard error and reads the answer from standard input.
func (c *copier) confirm(format string, args ...any) bool {
	fmt.Fprintf(c.inv.Stderr, "%s: %s", path.Base(c.inv.Args[0]), fmt.Sprintf(format, args...))
	if c.answers == nil {
		c.answers = bufio.NewReader(c.inv.Stdin)
	}
	line, _ := c.answers.ReadString('\n')
	return strings.HasPrefix(line, "y") || strings.HasPrefix(line, "Y")
}

func (c *copier) tell(format string, src, dst place, backup string) {
	if !c.verbose {
		return
	}
	line := fmt.Sprintf(format, cli.Quote(src.name), cli.Quote(dst.name))
	if backup != "" {
		line += " (backup: " + cli.Quote(backup) + ")"
	}
	fmt.Fprintln(c.inv.Stdout, line)
}

// copy copies src to dst; top says that src is an operand.
func (c *copier) copy(src, dst place, top bool) bool {
	if c.inv.Budget.Work(1) != nil || c.ctx.Err() != nil {
		return false
	}
	follow := c.follow == 'L' || c.follow == 'H' && top || c.follow == 0 && !c.recursive && !c.symbolic
	stat := c.inv.FS.Lstat
	if follow {
		stat = c.inv.FS.Stat
	}
	from, err := stat(src.full)
	if err != nil && c.inv.Path(src.name) == src.full {
		// /dev/stdin and the like are no files of the tree.
		if f, e := c.inv.OpenFile(src.full, vfs.Read, 0); e == nil {
			from, err = f.Stat()
			f.Close()
		}
	}
	if err != nil {
		return c.fail("cannot stat %s: %v", cli.Quote(src.name), err)
	}
	if from.IsDir() {
		return c.copyDir(src, dst, from)
	}
	if c.sameFile(from, dst, !(c.recursive || c.symbolic || c.hard) || follow) && !c.removeFirst {
		if c.hard || c.noClobber {
			return true
		}
		if !(c.force && c.backup != "") {
			return c.fail("%s and %s are the same file", cli.Quote(src.name), cli.Quote(dst.name))
		}
	}
	if c.created[path.Clean(dst.full)] {
		return c.fail("will not overwrite just-created %s with %s", cli.Quote(dst.name), cli.Quote(src.name))
	}
	if c.parents && !c.makeParents(src, dst) {
		return false
	}
	backup, proceed, ok := c.ready(src, dst, from)
	if !proceed {
		return ok
	}
	c.created[path.Clean(dst.full)] = true
	to, err := c.inv.FS.Lstat(dst.full)
	exists := err == nil
	if exists && (c.removeFirst || (c.symbolic || c.hard) && (c.force || c.ask) || from.Mode&fs.ModeSymlink != 0) {
		if err := c.inv.FS.Remove(dst.full); err != nil {
			return c.fail("cannot remove %s: %v", cli.Quote(dst.name), err)
		}
		exists = false
		if c.verbose && c.removeFirst {
			fmt.Fprintf(c.inv.Stdout, "removed %s\n", cli.Quote(dst.name))
		}
	}
	if !c.create(src, dst, from, to, exists) {
		return false
	}
	c.tell("%s -> %s", src, dst, backup)
	return true
}

// create makes dst what src is, which from tells: a link to it, the same link, a pipe or a file. to is what exists there.
func (c *copier) create(src, dst place, from, to vfs.Info, exists bool) bool {
	switch {
	case c.symbolic:
		if !strings.HasPrefix(src.name, "/") && c.inv.Path(path.Dir(dst.name)) != c.inv.Path(".") {
			return c.fail("%s: can make relative symbolic links only in current directory", cli.QuoteNeeded(dst.name))
		}
		if err := c.inv.FS.Symlink(src.name, dst.full); err != nil {
			return c.fail("cannot create symbolic link %s to %s: %v", cli.Quote(dst.name), cli.Quote(src.name), err)
		}
	case c.hard:
		if err := c.inv.FS.Link(src.full, dst.full); err != nil {
			return c.fail("cannot create hard link %s to %s: %v", cli.Quote(dst.name), cli.Quote(src.name), err)
		}
	case from.Mode&fs.ModeSymlink != 0:
		if err := c.inv.FS.Symlink(from.Target, dst.full); err != nil {
			return c.fail("cannot create symbolic link %s: %v", cli.Quote(dst.name), err)
		}
	case from.Mode&fs.ModeNamedPipe != 0 && (c.recursive || c.moves):
		if exists {
			c.inv.FS.Remove(dst.full)
		}
		if err := c.inv.FS.Mkfifo(dst.full, from.Mode.Perm()&^c.inv.Umask); err != nil {
			return c.fail("cannot create fifo %s: %v", cli.Quote(dst.name), err)
		}
		if c.preserve {
			c.attributes(dst, from)
		}
	default:
		if earlier, ok := c.inodes[from.Ino]; ok && c.links && from.Nlink > 1 {
			c.inv.FS.Remove(dst.full)
			if err := c.inv.FS.Link(earlier, dst.full); err != nil {
				return c.fail("cannot create hard link %s to %s: %v", cli.Quote(dst.name), cli.Quote(earlier), err)
			}
			return true
		}
		if exists && to.Mode&fs.ModeSymlink != 0 {
			if _, err := c.inv.FS.Stat(dst.full); err != nil {
				return c.fail("not writing through dangling symlink %s", cli.Quote(dst.name))
			}
		}
		if !c.copyContent(src, dst, from, exists) {
			return false
		}
		c.inodes[from.Ino] = dst.full
	}
	return true
}

func (c *copier) copyContent(src, dst place, from vfs.Info, exists bool) bool {
	in, err := c.inv.OpenFile(src.full, vfs.Read, 0)
	if err != nil {
		return c.fail("cannot open %s for reading: %v", cli.Quote(src.name), err)
	}
	defer in.Close()
	flags := vfs.Write | vfs.Create | vfs.Truncate
	if c.attributesOnly && exists {
		flags = vfs.Write
	}
	out, err := c.inv.OpenFile(dst.full, flags, from.Mode.Perm()&^c.inv.Umask)
	if err != nil {
		if strings.HasSuffix(dst.name, "/") && (err == vfs.ErrIsDir || err == vfs.ErrNotExist) {
			err = vfs.ErrNotDir
		}
		return c.fail("cannot create regular file %s: %v", cli.Quote(dst.name), err)
	}
	if !c.attributesOnly {
		// A write that fails is the quota's, so it is told apart from a budget that is spent.
		w := &errorKeeper{w: out}
		err = cli.Copy(c.ctx, c.inv.Budget, w, in)
		if errors.Is(err, cli.ErrStop) && w.err != nil {
			c.fail("error writing %s: %v", cli.Quote(dst.name), w.err)
		} else if err != nil && !errors.Is(err, cli.ErrStop) {
			c.fail("error reading %s: %v", cli.Quote(src.name), err)
		}
	}
	out.Close()
	if err != nil {
		return false
	}
	c.attributes(dst, from)
	return true
}

// attributes sets the mode and times that -p, -a and install ask for.
func (c *copier) attributes(dst place, from vfs.Info) {
	if c.keepMode {
		c.inv.FS.Chmod(dst.full, from.Mode&filemode.Bits)
	}
	if c.mode != nil {
		c.inv.FS.Chmod(dst.full, c.mode.Apply(from.Mode.Type(), 0)&filemode.Bits)
	}
	if c.preserve {
		c.inv.FS.SetTimes(dst.full, from.AccessTime, from.ModTime, false)
	}
}

func (c *copier) copyDir(src, dst place, from vfs.Info) bool {
	if !c.recursive {
		return c.fail("-r not specified; omitting directory %s", cli.Quote(src.name))
	}
	if c.parents && !c.makeParents(src, dst) {
		return false
	}
	to, err := c.inv.FS.Stat(dst.full)
	if err == nil && !to.IsDir() {
		return c.fail("cannot overwrite non-directory %s with directory %s", cli.Quote(dst.name), cli.Quote(src.name))
	}
	if c.within(from, dst) {
		if err == vfs.ErrNotExist && c.inv.FS.Mkdir(dst.full, from.Mode.Perm()&^c.inv.Umask) == nil {
			c.tell("%s -> %s", src, dst, "")
		}
		return c.fail("cannot copy a directory, %s, into itself, %s", cli.Quote(src.name), cli.Quote(dst.name))
	}
	if err != nil {
		if err := c.inv.FS.Mkdir(dst.full, from.Mode.Perm()&^c.inv.Umask|0o700); err != nil {
			return c.fail("cannot create directory %s: %v", cli.Quote(dst.name), err)
		}
		c.tell("%s -> %s", src, dst, "")
	}
	list, err := c.inv.FS.ReadDir(src.full)
	if err != nil {
		return c.fail("cannot access %s: %v", cli.Quote(src.name), err)
	}
	ok := true
	parents := c.parents
	c.parents = false
	for _, i := range list {
		ok = c.copy(src.child(i.Name), dst.child(i.Name), false) && ok
	}
	c.parents = parents
	c.attributes(dst, from)
	return ok
}
