package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// extract lists or extracts what is in the archive.
func (c *cpioCall) extract() error {
	name := c.file
	if name == "" {
		name = "-"
	}
	in, err := cli.Open(c.inv, name)
	if err != nil {
		return fmt.Errorf("Cannot open %s: %w", name, err)
	}
	defer in.Close()
	counted := &countingReader{r: in}
	r := &cpioReader{r: bufio.NewReaderSize(counted, cli.BlockSize), work: c.inv.Budget.Work}
	for {
		h, err := r.next()
		if c.inv.Budget.Work(100) != nil || c.ctx.Err() != nil {
			return cli.ErrStop
		}
		if r.junk > 0 && !errors.Is(err, errCpioEnd) {
			c.inv.Errorf("warning: skipped %d byte%s of junk", r.junk, map[bool]string{false: "s"}[r.junk == 1])
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		content := io.LimitReader(r.r, h.size)
		if c.wanted(h.name) {
			if err := c.member(h, content); err != nil {
				return err
			}
		}
		if err := cli.Copy(c.ctx, c.inv.Budget, io.Discard, content); err != nil {
			return err
		}
		r.end(h)
	}
	c.flushWaiting()
	c.bytes = counted.n
	return nil
}

// countingReader counts what is read.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

func (c *cpioCall) wanted(name string) bool {
	if len(c.patterns) == 0 {
		return true
	}
	for _, match := range c.patterns {
		if match(name) {
			return !c.others
		}
	}
	return c.others
}

// member lists, prints or extracts one.
func (c *cpioCall) member(h *cpioHeader, content io.Reader) error {
	switch {
	case c.list:
		return c.listMember(h, content)
	case c.toStdout:
		if h.kind() == cpioFile {
			return cli.Copy(c.ctx, c.inv.Budget, c.inv.Stdout, content)
		}
		return nil
	}
	name := h.name
	if !c.absolute {
		if name = strings.TrimLeft(name, "/"); name != h.name && !c.warned {
			c.warned = true
			c.inv.Errorf("Removing leading `%s' from member names", h.name[:len(h.name)-len(name)])
		}
		if climbs(name) {
			c.fail("%s: Member name contains '..', skipped", h.name)
			return nil
		}
	}
	if name == "" {
		return nil
	}
	full := strings.TrimSuffix(c.path(name), "/")
	up := path.Dir(full)
	if !c.absolute && throughLink(c.inv, c.dir, up) {
		c.fail("%s: Cannot open: a symbolic link leads out of the directory", h.name)
		return nil
	}
	if c.dirs {
		if err := c.inv.FS.MkdirAll(up, 0o777&^c.inv.Umask); err != nil {
			c.fail("%s: Cannot mkdir: %v", path.Dir(name), err)
			return nil
		}
	}
	if old, err := c.inv.FS.Lstat(full); err == nil && !(old.IsDir() && h.kind() == cpioDir) {
		if !c.unconditional && !old.ModTime.Before(time.Unix(h.mtime, 0)) && c.linked[h.ino] == "" {
			c.inv.Errorf("%s not created: newer or same age version exists", h.name)
			return nil
		}
		if err := c.inv.FS.Remove(full); err != nil {
			c.fail("cannot remove current %s: %v", h.name, err)
			return nil
		}
	}
	made, err := c.make(h, full, content)
	switch {
	case errors.Is(err, cli.ErrStop) || errors.Is(err, errCpioEnd):
		return err
	case err != nil:
		c.fail("%s: Cannot open: %v", h.name, err)
		return nil
	}
	if made {
		c.tell(h.name)
	}
	return nil
}

// create1 makes what a header says at full; made is false where that waits for another name's content.
func (c *cpioCall) make(h *cpioHeader, full string, content io.Reader) (made bool, err error) {
	files := c.inv.FS
	mode := h.fileMode()
	switch h.kind() {
	case cpioDir:
		if err := files.Mkdir(full, mode.Perm()); err != nil && err != vfs.ErrExist {
			return false, err
		}
		files.Chmod(full, mode&filemode.Bits)
	case cpioLink:
		target, err := io.ReadAll(io.LimitReader(content, cpioMaxName))
		if err != nil {
			return false, err
		}
		return true, files.Symlink(string(target), full)
	case cpioFIFO:
		if err := files.Mkfifo(full, mode.Perm()); err != nil {
			return false, err
		}
	case cpioFile:
		if h.nlink > 1 {
			if first := c.linked[h.ino]; first != "" && h.size == 0 {
				return true, files.Link(first, full)
			} else if h.size == 0 {
				c.waiting[h.ino] = append(c.waiting[h.ino], &cpioHeader{name: full, mode: h.mode, mtime: h.mtime})
				return true, nil
			}
		}
		if err := c.writeFile(h, full, content); err != nil {
			return false, err
		}
	default:
		return false, vfs.ErrNotAllowed
	}
	if c.times {
		files.Chtimes(full, time.Unix(h.mtime, 0))
	}
	return true, nil
}

func (c *cpioCall) writeFile(h *cpioHeader, full string, content io.Reader) error {
	mode := h.fileMode()
	f, err := c.inv.OpenFile(full, vfs.Write|vfs.Create|vfs.Truncate, mode.Perm())
	if err != nil {
		return err
	}
	keeper := &errorKeeper{w: f}
	sum := &byteSum{}
	err = cli.Copy(c.ctx, c.inv.Budget, io.MultiWriter(keeper, sum), content)
	f.Close()
	switch {
	case keeper.err != nil:
		return keeper.err
	case err != nil:
		return err
	case sum.size < h.size:
		return errCpioEnd
	case h.check != 0 && h.check != sum.value:
		c.inv.Errorf("%s: checksum error (0x%x, should be 0x%x)", h.name, sum.value, h.check)
	}
	c.inv.FS.Chmod(full, mode&filemode.Bits)
	if h.nlink > 1 {
		c.linked[h.ino] = full
		for _, other := range c.waiting[h.ino] {
			if err := c.inv.FS.Link(full, other.name); err != nil {
				c.fail("cannot link %s to %s: %v", other.name, full, err)
			}
		}
		delete(c.waiting, h.ino)
	}
	return nil
}

// flushWaiting makes the files with several names whose content never came: they are empty.
func (c *cpioCall) flushWaiting() {
	for _, names := range c.waiting {
		first := names[0]
		if err := c.inv.FS.WriteFile(first.name, nil, first.fileMode().Perm()); err != nil {
			c.fail("%s: Cannot open: %v", first.name, err)
			continue
		}
		for _, other := range names[1:] {
			if err := c.inv.FS.Link(first.name, other.name); err != nil {
				c.fail("cannot link %s to %s: %v", other.name, first.name, err)
			}
		}
		if c.times {
			c.inv.FS.Chtimes(first.name, time.Unix(first.mtime, 0))
		}
	}
}

// byteSum is the checksum of the format crc: the sum of all bytes.
type byteSum struct {
	value uint32
	size  int64
}

func (s *byteSum) Write(b []byte) (int, error) {
	for _, x := range b {
		s.value += uint32(x)
	}
	s.size += int64(len(b))
	return len(b), nil
}

func (c *cpioCall) listMember(h *cpioHeader, content io.Reader) error {
	line := h.name
	if c.verbose {
		user, group := fmt.Sprint(h.uid), fmt.Sprint(h.gid)
		if !c.numeric {
			user, group = cli.UserName(int(h.uid)), cli.UserName(int(h.gid))
		}
		tz, _ := c.inv.Env.Get("TZ")
		at, format := time.Unix(h.mtime, 0), "%b %e %H:%M"
		if age := c.inv.Now().Sub(at); age < 0 || age > 183*24*time.Hour {
			format = "%b %e  %Y"
		}
		line = fmt.Sprintf("%s %3d %-8s %-8s %8d %s %s", filemode.Letters(h.fileMode()), h.nlink, user, group, h.size,
			datetime.Format(at.In(datetime.Zone(tz)), format), h.name)
		if h.fileMode()&fs.ModeSymlink != 0 {
			target, err := io.ReadAll(io.LimitReader(content, cpioMaxName))
			if err != nil {
				return err
			}
			line += " -> " + string(target)
		}
	}
	if _, err := fmt.Fprintln(c.inv.Stdout, line); err != nil {
		return cli.ErrStop
	}
	return nil
}
