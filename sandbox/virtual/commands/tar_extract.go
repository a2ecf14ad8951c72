package commands

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// open returns the archive, uncompressed.
func (a *archiver) open() (io.Reader, func(), error) {
	r, err := cli.Open(a.inv, a.file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: Cannot open: %w", a.file, err)
	}
	in := bufio.NewReaderSize(r, cli.BlockSize)
	format := a.format
	if format == nil {
		format = codec.Detect(in)
	}
	if format == nil {
		return in, func() { r.Close() }, nil
	}
	c, err := format.NewReader(a.inv.Budget, in)
	if err != nil {
		r.Close()
		if a.inv.Budget.Err() != nil {
			return nil, nil, cli.ErrStop
		}
		return nil, nil, a.unpackProblem(format, err)
	}
	return c, func() { c.Close(); r.Close() }, nil
}

// unpackProblem says what the program that expands the archive says.
func (a *archiver) unpackProblem(format *codec.Format, err error) error {
	words := map[*codec.Format]*packerWords{codec.Bzip2: &bzip2Words, codec.Xz: &xzWords, codec.Lzma: &xzWords, codec.Zstd: &zstdWords}[format]
	if words == nil {
		fmt.Fprintf(a.inv.Stderr, "\ngzip: stdin: %s\n", gzipProblem(err))
		return errors.New("Child returned status 1")
	}
	c := words.problem(err, true)
	fmt.Fprintf(a.inv.Stderr, words.called(format.Name)+": "+c.format+"\n", words.stdin)
	return fmt.Errorf("Child returned status %d", c.status)
}

// read lists or extracts.
func (a *archiver) read() error {
	in, done, err := a.open()
	if err != nil {
		return err
	}
	defer done()
	if a.toStdout {
		a.messages = a.inv.Stderr
	}
	found := make([]bool, len(a.names))
	r := tar.NewReader(in)
	var dirs []*tar.Header
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if errors.Is(err, tar.ErrHeader) {
				return errors.New("This does not look like a tar archive")
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return errors.New("Unexpected EOF in archive")
			}
			return err
		}
		if a.inv.Budget.Work(512) != nil || a.ctx.Err() != nil {
			return cli.ErrStop
		}
		if !a.wanted(h.Name, found) || a.excluded(h.Name) {
			continue
		}
		if a.mode == 't' {
			if err := a.list(h); err != nil {
				return err
			}
			continue
		}
		if err := a.extract(h, r); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir {
			dirs = append(dirs, h)
		}
	}
	// The times of directories are set last: extracting into them changes them.
	for i := len(dirs) - 1; i >= 0 && !a.noTime && !a.toStdout; i-- {
		if name, ok := a.target(dirs[i].Name); ok {
			a.inv.FS.Chtimes(a.path(name), dirs[i].ModTime)
		}
	}
	for i, name := range a.names {
		if !found[i] {
			a.fail("%s: Not found in archive", name)
		}
	}
	return nil
}

func (a *archiver) wanted(name string, found []bool) bool {
	if len(a.names) == 0 {
		return true
	}
	trimmed := strings.TrimSuffix(name, "/")
	for i, want := range a.names {
		want = strings.TrimSuffix(want, "/")
		if trimmed == want || strings.HasPrefix(trimmed, want+"/") || a.wildcards && cli.Glob(want)(trimmed) {
			found[i] = true
			return true
		}
	}
	return false
}

func (a *archiver) list(h *tar.Header) error {
	line := h.Name
	if a.verbose {
		mode := h.FileInfo().Mode()
		owner := h.Uname + "/" + h.Gname
		if h.Uname == "" {
			owner = fmt.Sprintf("%d/%d", h.Uid, h.Gid)
		}
		tz, _ := a.inv.Env.Get("TZ")
		letters := filemode.Letters(mode)
		switch h.Typeflag {
		case tar.TypeSymlink:
			letters, line = "l"+letters[1:], line+" -> "+h.Linkname
		case tar.TypeLink:
			letters, line = "h"+letters[1:], line+" link to "+h.Linkname
		}
		size := strconv.FormatInt(h.Size, 10)
		line = fmt.Sprintf("%s %s %*s %s %s", letters, owner, max(len(size), 18-len(owner)), size,
			datetime.Format(h.ModTime.In(datetime.Zone(tz)), "%Y-%m-%d %H:%M"), line)
	}
	if _, err := io.WriteString(a.inv.Stdout, line+"\n"); err != nil {
		return cli.ErrStop
	}
	return nil
}

// target is where a member goes; ok is false if it climbs out or nothing is left of its name.
func (a *archiver) target(name string) (string, bool) {
	if !a.absolute {
		name = strings.TrimLeft(name, "/")
	}
	for range a.strip {
		_, rest, ok := strings.Cut(strings.TrimLeft(name, "/"), "/")
		if !ok {
			return "", false
		}
		name = rest
	}
	if strings.Trim(name, "/") == "" {
		return "", false
	}
	return name, true
}

func climbs(name string) bool {
	return strings.Contains("/"+name+"/", "/../")
}

func (a *archiver) extract(h *tar.Header, r io.Reader) error {
	name, ok := a.target(h.Name)
	if !ok {
		return nil
	}
	if climbs(name) && !a.absolute {
		a.fail("%s: Member name contains '..', skipped", h.Name)
		return nil
	}
	if a.verbose {
		fmt.Fprintln(a.messages, h.Name)
	}
	if a.toStdout {
		if h.Typeflag != tar.TypeReg {
			return nil
		}
		return cli.Copy(a.ctx, a.inv.Budget, a.inv.Stdout, r)
	}
	full := strings.TrimSuffix(a.path(name), "/")
	if full == "" {
		return nil
	}
	if up := path.Dir(full); !a.absolute && throughLink(a.inv, a.dir, up) {
		a.fail("%s: Cannot open: a symbolic link leads out of the directory", h.Name)
		return nil
	} else if err := a.inv.FS.MkdirAll(up, 0o777&^a.inv.Umask); err != nil {
		a.fail("%s: Cannot mkdir: %v", path.Dir(name), err)
		return nil
	}
	old, err := a.inv.FS.Lstat(full)
	if exists := err == nil; exists && h.Typeflag != tar.TypeDir {
		if a.keep {
			a.fail("%s: Cannot open: File exists", name)
			return nil
		}
		if old.IsDir() {
			a.fail("%s: Cannot open: Is a directory", name)
			return nil
		}
		a.inv.FS.Remove(full)
	}
	mode := filemode.FromOctal(uint32(h.Mode) & 0o7777)
	switch h.Typeflag {
	case tar.TypeDir:
		err = a.inv.FS.MkdirAll(full, 0o777&^a.inv.Umask)
		if err == nil {
			a.inv.FS.Chmod(full, mode&^a.inv.Umask)
		}
	case tar.TypeSymlink:
		err = a.inv.FS.Symlink(h.Linkname, full)
	case tar.TypeLink:
		target, ok := a.target(h.Linkname)
		if !ok || climbs(target) && !a.absolute {
			a.fail("%s: Cannot hard link to '%s': the name leads out of the directory", name, h.Linkname)
			return nil
		}
		err = a.inv.FS.Link(a.path(target), full)
	case tar.TypeReg:
		return a.extractFile(h, r, full, mode)
	default:
		a.inv.Errorf("%s: is no file, directory or link: skipped", name)
		return nil
	}
	if err != nil {
		a.fail("%s: Cannot create: %v", name, err)
	}
	return nil
}

func (a *archiver) extractFile(h *tar.Header, r io.Reader, full string, mode fs.FileMode) error {
	f, err := a.inv.OpenFile(full, vfs.Write|vfs.Create|vfs.Truncate, mode.Perm()&^a.inv.Umask)
	if err != nil {
		a.fail("%s: Cannot open: %v", h.Name, err)
		return nil
	}
	keeper := &errorKeeper{w: f}
	err = cli.Copy(a.ctx, a.inv.Budget, keeper, r)
	f.Close()
	if keeper.err != nil {
		return fmt.Errorf("%s: Cannot write: %w", h.Name, keeper.err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("Unexpected EOF in archive")
	}
	if err != nil {
		return err
	}
	a.inv.FS.Chmod(full, mode&^a.inv.Umask)
	if !a.noTime {
		a.inv.FS.Chtimes(full, h.ModTime)
	}
	return nil
}

// throughLink says whether dir, as far as it exists, is elsewhere than below the directory that is extracted to.
func throughLink(inv *shell.Invocation, to, dir string) bool {
	root, err := inv.FS.Realpath(to)
	if err != nil {
		return false
	}
	real := resolveMissing(inv, dir)
	return real != root && !strings.HasPrefix(real, strings.TrimSuffix(root, "/")+"/")
}
