package commands

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func (a *archiver) create() error {
	var out io.Writer = a.inv.Stdout
	if a.file != "-" {
		f, err := a.inv.Create(a.file)
		if err != nil {
			return fmt.Errorf("%s: Cannot open: %w", a.file, err)
		}
		defer f.Close()
		out = f
		if a.auto && a.format == nil {
			a.format = codec.BySuffix(a.file)
		}
	} else {
		a.messages = a.inv.Stderr
	}
	buffered := bufio.NewWriterSize(out, cli.BlockSize)
	var to io.Writer = buffered
	var c io.WriteCloser
	if a.format != nil {
		var err error
		if c, err = a.format.NewWriter(a.inv.Budget, buffered, 0, -1); err != nil {
			return err
		}
		to = c
	}
	blocks := &recordWriter{w: to}
	w := tar.NewWriter(blocks)
	for _, name := range a.names {
		if err := a.add(w, name); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Close(), blocks.fill()); err != nil {
		return err
	}
	if c != nil {
		if err := c.Close(); err != nil {
			return err
		}
	}
	if buffered.Flush() != nil {
		return cli.ErrStop
	}
	return a.removeAdded()
}

// removeAdded removes what is archived, what is in a directory before the directory.
func (a *archiver) removeAdded() error {
	for i := len(a.added) - 1; i >= 0; i-- {
		if err := a.inv.FS.Remove(a.path(a.added[i])); err != nil && err != vfs.ErrNotEmpty {
			a.fail("%s: Cannot unlink: %v", a.added[i], err)
		}
	}
	return nil
}

// add writes one file, and what is in it, to an archive.
func (a *archiver) add(w *tar.Writer, name string) error {
	if a.inv.Budget.Work(1) != nil || a.ctx.Err() != nil {
		return cli.ErrStop
	}
	if a.excluded(name) {
		return nil
	}
	full := a.path(name)
	stat := a.inv.FS.Lstat
	if a.follow {
		stat = a.inv.FS.Stat
	}
	info, err := stat(full)
	if err != nil {
		a.fail("%s: Cannot stat: %v", name, err)
		return nil
	}
	if a.file != "-" {
		if archive, err := a.inv.FS.Stat(a.inv.Path(a.file)); err == nil && archive.Ino == info.Ino {
			a.inv.Errorf("%s: file is the archive; not dumped", name)
			return nil
		}
	}
	stored := a.inside(name)
	h := &tar.Header{Name: stored, Mode: int64(filemode.Octal(info.Mode)), Uid: info.UID, Gid: info.GID, Uname: cli.UserName(info.UID),
		Gname: cli.UserName(info.GID), ModTime: info.ModTime, Typeflag: tar.TypeReg, Format: tar.FormatGNU}
	switch {
	case info.IsDir():
		h.Typeflag = tar.TypeDir
		if h.Name = strings.TrimSuffix(stored, "/") + "/"; stored == "" {
			h.Name = "./"
		}
	case info.Mode&fs.ModeSymlink != 0:
		h.Typeflag, h.Linkname = tar.TypeSymlink, info.Target
	case a.inodes[info.Ino] != "" && info.Nlink > 1:
		h.Typeflag, h.Linkname = tar.TypeLink, a.inodes[info.Ino]
	case info.Mode.IsRegular():
		h.Size = info.Size
		a.inodes[info.Ino] = stored
	default:
		a.inv.Errorf("%s: file is not archived: it is no file, directory or link", name)
		return nil
	}
	if a.verbose {
		fmt.Fprintln(a.messages, strings.TrimSuffix(name, "/")+map[bool]string{true: "/"}[info.IsDir()])
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	if a.remove {
		a.added = append(a.added, name)
	}
	if h.Typeflag == tar.TypeReg {
		f, err := a.inv.OpenFile(full, vfs.Read, 0)
		if err != nil {
			return err
		}
		err = cli.Copy(a.ctx, a.inv.Budget, w, io.LimitReader(f, h.Size))
		f.Close()
		if err != nil {
			return err
		}
	}
	if !info.IsDir() || a.flat {
		return nil
	}
	list, err := a.inv.FS.ReadDir(full)
	if err != nil {
		a.fail("%s: Cannot open: %v", name, err)
		return nil
	}
	for _, i := range list {
		if err := a.add(w, strings.TrimSuffix(name, "/")+"/"+i.Name); err != nil {
			return err
		}
	}
	return nil
}

// inside is the name that a member is stored by: without what would lead out.
func (a *archiver) inside(name string) string {
	if a.absolute {
		return name
	}
	short := strings.TrimLeft(name, "/")
	if i := strings.LastIndex("/"+short, "/../"); i >= 0 {
		short = short[i+3:]
	}
	if short != name && !a.warned {
		a.warned = true
		a.inv.Errorf("Removing leading `%s' from member names", name[:len(name)-len(short)])
	}
	return short
}

// extend appends files to an archive that is not compressed.
func (a *archiver) extend() error {
	if a.format != nil {
		return errors.New("Cannot update compressed archives")
	}
	data, err := a.inv.FS.ReadFile(a.inv.Path(a.file))
	if err != nil && err != vfs.ErrNotExist {
		return fmt.Errorf("%s: Cannot open: %w", a.file, err)
	}
	if err := a.inv.Budget.Hold(len(data)); err != nil {
		return err
	}
	defer a.inv.Budget.Release(len(data))
	if codec.Detect(bufio.NewReader(bytes.NewReader(data))) != nil {
		return errors.New("Cannot update compressed archives")
	}
	f, err := a.inv.Create(a.file)
	if err != nil {
		return fmt.Errorf("%s: Cannot open: %w", a.file, err)
	}
	defer f.Close()
	blocks := &recordWriter{w: f}
	w := tar.NewWriter(blocks)
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if err := cli.Copy(a.ctx, a.inv.Budget, w, r); err != nil {
			return err
		}
	}
	for _, name := range a.names {
		if err := a.add(w, name); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Close(), blocks.fill()); err != nil {
		return err
	}
	return a.removeAdded()
}

// tarRecord is how many bytes GNU's tar writes at once; an archive ends with a whole record.
const tarRecord = 20 * 512

// recordWriter counts what is written, to fill the last record.
type recordWriter struct {
	w    io.Writer
	size int64
}

func (r *recordWriter) Write(b []byte) (int, error) {
	n, err := r.w.Write(b)
	r.size += int64(n)
	return n, err
}

func (r *recordWriter) fill() error {
	_, err := r.w.Write(make([]byte, (tarRecord-r.size%tarRecord)%tarRecord))
	return err
}
