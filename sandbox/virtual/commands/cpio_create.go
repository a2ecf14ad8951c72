package commands

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// eachName reads the names of files from standard input.
func (c *cpioCall) eachName(do func(name string) error) error {
	delim := byte('\n')
	if c.null {
		delim = 0
	}
	lines := cli.NewLines(c.ctx, c.inv.Budget, c.inv.Stdin, delim)
	defer lines.Close()
	for {
		line, _, err := lines.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(line) == 0:
			c.inv.Errorf("blank line ignored")
			continue
		}
		if err := do(string(line)); err != nil {
			return err
		}
	}
}

// cpioWriter writes an archive.
type cpioWriter struct {
	*cpioCall
	out    *bufio.Writer
	inos   map[uint64]uint32        // small numbers for files, as old formats have room for no others
	others map[uint64][]*cpioHeader // names of files with several, whose content goes with the last
	left   map[uint64]int           // names of such a file that are still to come
}

func (c *cpioCall) create() error {
	var to io.Writer = c.inv.Stdout
	if c.file != "" {
		f, err := c.inv.Create(c.file)
		if err != nil {
			return fmt.Errorf("Cannot open %s: %w", c.file, err)
		}
		defer f.Close()
		to = f
	}
	w := &cpioWriter{cpioCall: c, out: bufio.NewWriterSize(to, cli.BlockSize), inos: map[uint64]uint32{}, others: map[uint64][]*cpioHeader{}, left: map[uint64]int{}}
	if err := c.eachName(w.add); err != nil {
		return err
	}
	for ino := range w.others {
		if err := w.flushNames(ino, ""); err != nil {
			return err
		}
	}
	if err := w.header(&cpioHeader{name: cpioTrailer, nlink: 1}); err != nil {
		return err
	}
	fill := padding(c.bytes, int(c.block))
	c.bytes += fill
	w.out.Write(make([]byte, fill))
	if w.out.Flush() != nil {
		return cli.ErrStop
	}
	return nil
}

func (w *cpioWriter) write(b []byte) error {
	w.bytes += int64(len(b))
	if _, err := w.out.Write(b); err != nil {
		return cli.ErrStop
	}
	return nil
}

func (w *cpioWriter) header(h *cpioHeader) error { return w.write(appendCpioHeader(nil, w.format, h)) }

// add writes a file into the archive.
func (w *cpioWriter) add(name string) error {
	full := w.path(name)
	stat := w.inv.FS.Lstat
	if w.follow {
		stat = w.inv.FS.Stat
	}
	info, err := stat(full)
	if err != nil {
		w.fail("%s: Cannot stat: %v", name, err)
		return nil
	}
	if w.inos[info.Ino] == 0 {
		w.inos[info.Ino] = uint32(len(w.inos) + 1)
	}
	for strings.HasPrefix(name, "./") && len(name) > 2 {
		name = strings.TrimLeft(name[2:], "/")
	}
	h := &cpioHeader{name: name, ino: w.inos[info.Ino], mode: filemode.Octal(info.Mode), uid: uint32(info.UID), gid: uint32(info.GID), nlink: uint32(info.Nlink), mtime: info.ModTime.Unix()}
	switch {
	case info.IsDir():
		h.mode |= cpioDir
		return w.finish(h, nil)
	case info.Mode&fs.ModeSymlink != 0:
		h.mode |= cpioLink
		return w.finish(h, []byte(info.Target))
	case info.Mode&fs.ModeNamedPipe != 0:
		h.mode |= cpioFIFO
		return w.finish(h, nil)
	case !info.Mode.IsRegular():
		w.fail("%s: unknown file type", name)
		return nil
	}
	h.mode |= cpioFile
	h.size = info.Size
	if info.Nlink > 1 && cpioFormats[w.format] == 4 {
		if _, met := w.left[info.Ino]; !met {
			w.left[info.Ino] = info.Nlink
		}
		w.left[info.Ino]--
		w.others[info.Ino] = append(w.others[info.Ino], h)
		if w.left[info.Ino] > 0 {
			return w.inv.Budget.Hold(200)
		}
		return w.flushNames(info.Ino, full)
	}
	return w.file(h, full)
}

// finish writes a header and a short content.
func (w *cpioWriter) finish(h *cpioHeader, content []byte) error {
	h.size = int64(len(content))
	if err := w.header(h); err != nil {
		return err
	}
	if err := w.write(append(content, make([]byte, padding(h.size, cpioFormats[w.format]))...)); err != nil {
		return err
	}
	w.tell(h.name)
	return nil
}

// flushNames writes the names of a file that has several, the last with the content.
func (w *cpioWriter) flushNames(ino uint64, full string) error {
	names := w.others[ino]
	delete(w.others, ino)
	for i, h := range names {
		last := i == len(names)-1
		if !last {
			h.size = 0
			if err := w.finish(h, nil); err != nil {
				return err
			}
			continue
		}
		if full == "" {
			full = w.path(h.name)
		}
		if err := w.file(h, full); err != nil {
			return err
		}
	}
	return nil
}

// file writes a file with its content.
func (w *cpioWriter) file(h *cpioHeader, full string) error {
	f, err := w.inv.OpenFile(full, vfs.Read, 0)
	if err != nil {
		w.fail("%s: Cannot open: %v", h.name, err)
		return nil
	}
	defer f.Close()
	if w.format == "crc" {
		sum := &byteSum{}
		if err := cli.Copy(w.ctx, w.inv.Budget, sum, f); err != nil {
			return err
		}
		h.check = sum.value
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	if err := w.header(h); err != nil {
		return err
	}
	content := &countingReader{r: io.LimitReader(f, h.size)}
	if err := cli.Copy(w.ctx, w.inv.Budget, w.out, content); err != nil {
		return err
	}
	w.bytes += content.n
	// A file that became shorter meanwhile is filled up.
	if err := w.write(make([]byte, h.size-content.n+padding(h.size, cpioFormats[w.format]))); err != nil {
		return err
	}
	w.tell(h.name)
	return nil
}

// pass copies the named files below a directory.
func (c *cpioCall) pass(to string) error {
	root := c.inv.Path(to)
	if i, err := c.inv.FS.Stat(root); err != nil || !i.IsDir() {
		return fmt.Errorf("%s: Cannot open: %s", to, dirError(err))
	}
	return c.eachName(func(name string) error {
		if c.inv.Budget.Work(1) != nil {
			return cli.ErrStop
		}
		src := c.path(name)
		info, err := c.inv.FS.Lstat(src)
		if err != nil {
			c.fail("%s: Cannot stat: %v", name, err)
			return nil
		}
		shown := strings.TrimSuffix(to, "/") + "/" + strings.TrimLeft(name, "/")
		dst := strings.TrimSuffix(root+"/"+strings.TrimLeft(name, "/"), "/")
		if c.dirs {
			c.inv.FS.MkdirAll(path.Dir(dst), 0o777&^c.inv.Umask)
		}
		old, err := c.inv.FS.Lstat(dst)
		switch {
		case info.IsDir():
			if err := c.inv.FS.Mkdir(dst, info.Mode.Perm()); err != nil && err != vfs.ErrExist {
				c.fail("%s: Cannot mkdir: %v", shown, err)
			}
			c.tell(shown)
			return nil
		case err == nil && !c.unconditional && !old.ModTime.Before(info.ModTime):
			c.inv.Errorf("%s not created: newer or same age version exists", shown)
			return nil
		case err == nil:
			c.inv.FS.Remove(dst)
		}
		switch {
		case c.link:
			err = c.inv.FS.Link(src, dst)
		case info.Mode&fs.ModeSymlink != 0:
			err = c.inv.FS.Symlink(info.Target, dst)
		default:
			err = c.copyFile(src, dst, info)
		}
		if err != nil {
			c.fail("%s: Cannot open: %v", shown, err)
			return nil
		}
		c.tell(shown)
		return nil
	})
}

func (c *cpioCall) copyFile(src, dst string, info vfs.Info) error {
	in, err := c.inv.OpenFile(src, vfs.Read, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := c.inv.OpenFile(dst, vfs.Write|vfs.Create|vfs.Truncate, info.Mode.Perm())
	if err != nil {
		return err
	}
	content := &countingReader{r: in}
	err = cli.Copy(c.ctx, c.inv.Budget, out, content)
	out.Close()
	c.bytes += content.n
	c.inv.FS.Chmod(dst, info.Mode&filemode.Bits)
	if c.times {
		c.inv.FS.Chtimes(dst, info.ModTime)
	}
	return err
}
