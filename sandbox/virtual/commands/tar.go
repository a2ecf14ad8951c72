package commands

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const tarUsage = `[OPTION...] [FILE]...
Keep files in an archive.

  -c, --create  -x, --extract  -t, --list  -r, --append
  -f, --file=ARCHIVE  - is standard input or output, the default
  -z, --gzip  -a, --auto-compress  -v, --verbose  -C, --directory=DIR
  -O, --to-stdout  -k, --keep-old-files  -p  -h, --dereference  -m, --touch
  -T, --files-from=FILE  -X, --exclude-from=FILE  --exclude=PATTERN
  --strip-components=N  -P, --absolute-names  --no-recursion  --remove-files
`

// archiver is one call of tar.
type archiver struct {
	ctx  context.Context
	inv  *shell.Invocation
	spec *cli.Spec
	dir  string // where files are read and written

	mode                                          byte
	file                                          string
	gzip, verbose, toStdout, keep, follow, noTime bool
	absolute, flat, wildcards, auto, remove       bool
	strip                                         int
	exclude                                       []func(string) bool
	names                                         []string
	messages                                      io.Writer // of -v
	warned                                        bool
	added                                         []string // what --remove-files removes once it is archived
	inodes                                        map[uint64]string
	status                                        int
}

func tarCommand(ctx context.Context, inv *shell.Invocation) int {
	a := &archiver{ctx: ctx, inv: inv, dir: inv.Dir, file: "-", messages: inv.Stdout, inodes: map[uint64]string{},
		spec: &cli.Spec{Usage: tarUsage, Fail: 2, Short: "cxtruf:zajJZvC:OkphmT:X:PSUwWlBinsb:",
			Long: "create=c extract=x get=x list=t append=r update=u file:=f gzip=z gunzip=z ungzip=z auto-compress=a bzip2=j xz=J " +
				"verbose=v directory:=C to-stdout=O keep-old-files=k preserve-permissions=p same-permissions=p dereference=h touch=m " +
				"files-from:=T exclude-from:=X exclude: strip-components: strip:=strip-components absolute-names=P no-recursion recursion " +
				"numeric-owner owner: group: mtime: mode: sort: format: wildcards no-wildcards no-same-owner no-same-permissions overwrite " +
				"remove-files anchored no-anchored null totals"}}
	call := *inv
	call.Args = oldTarArgs(inv.Args)
	p, status := a.spec.Parse(&call)
	if p == nil {
		return status
	}
	for _, o := range p.Options {
		if status := a.option(o); status != 0 {
			return status
		}
	}
	a.names = append(a.names, p.Operands...)
	var err error
	switch a.mode {
	case 'c':
		if len(a.names) == 0 {
			inv.Errorf("Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.")
			return 2
		}
		err = a.create()
	case 'x', 't':
		err = a.read()
	case 'r', 'u':
		err = a.extend()
	default:
		inv.Errorf("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.")
		return 2
	}
	switch {
	case errors.Is(err, cli.ErrStop) || inv.Budget.Err() != nil:
		return 2
	case err != nil:
		inv.Errorf("%v\ntar: Error is not recoverable: exiting now", err)
		return 2
	}
	if a.status != 0 {
		inv.Errorf("Exiting with failure status due to previous errors")
	}
	return a.status
}

// oldTarArgs turns "tar cvf A" into "tar -c -v -f A".
func oldTarArgs(args []string) []string {
	if len(args) < 2 || args[1] == "" || args[1][0] == '-' {
		return args
	}
	out, rest := []string{args[0]}, args[2:]
	for _, c := range args[1] {
		out = append(out, "-"+string(c))
		if strings.ContainsRune("fCTXb", c) && len(rest) > 0 {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return append(out, rest...)
}

func (a *archiver) option(o cli.Option) int {
	switch o.Key {
	case "c", "x", "t", "r", "u":
		if a.mode != 0 && a.mode != o.Key[0] {
			a.inv.Errorf("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option\nTry 'tar --help' or 'tar --usage' for more information.")
			return 2
		}
		a.mode = o.Key[0]
	case "f":
		a.file = o.Value
	case "z":
		a.gzip = true
	case "j", "J", "Z":
		a.inv.Errorf("this compression is not available here; use -z")
		return 2
	case "a":
		a.auto = true
	case "v":
		a.verbose = true
	case "C":
		if strings.HasPrefix(o.Value, "/") {
			a.dir = o.Value
		} else {
			a.dir = strings.TrimSuffix(a.dir, "/") + "/" + o.Value
		}
		if i, err := a.inv.FS.Stat(a.dir); err != nil || !i.IsDir() {
			a.inv.Errorf("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", o.Value, dirError(err))
			return 2
		}
	case "O":
		a.toStdout = true
	case "k":
		a.keep = true
	case "h":
		a.follow = true
	case "m":
		a.noTime = true
	case "P":
		a.absolute = true
	case "remove-files":
		a.remove = true
	case "no-recursion":
		a.flat = true
	case "wildcards":
		a.wildcards = true
	case "exclude":
		a.excludePattern(o.Value)
	case "T", "X":
		f, err := cli.Open(a.inv, o.Value)
		if err != nil {
			a.inv.Errorf("%s: Cannot open: %v\ntar: Error is not recoverable: exiting now", o.Value, err)
			return 2
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if o.Key == "X" {
				a.excludePattern(lines.Text())
			} else if lines.Text() != "" {
				a.names = append(a.names, lines.Text())
			}
		}
	case "strip-components":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			a.inv.Errorf("%s: Invalid number of elements", o.Value)
			return 2
		}
		a.strip = n
	}
	return 0
}

// excludePattern matches a whole name or the end of one that begins after a slash.
func (a *archiver) excludePattern(pattern string) {
	match := cli.Glob(strings.TrimSuffix(pattern, "/"))
	a.exclude = append(a.exclude, func(name string) bool {
		name = strings.TrimSuffix(name, "/")
		for {
			if match(name) {
				return true
			}
			_, rest, ok := strings.Cut(name, "/")
			if !ok {
				return false
			}
			name = rest
		}
	})
}

func (a *archiver) excluded(name string) bool {
	for _, match := range a.exclude {
		if match(name) {
			return true
		}
	}
	return false
}

func (a *archiver) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimSuffix(a.dir, "/") + "/" + name
}

func (a *archiver) fail(format string, args ...any) {
	a.inv.Errorf(format, args...)
	a.status = 2
}

func (a *archiver) create() error {
	var out io.Writer = a.inv.Stdout
	if a.file != "-" {
		f, err := a.inv.Create(a.file)
		if err != nil {
			return fmt.Errorf("%s: Cannot open: %w", a.file, err)
		}
		defer f.Close()
		out = f
		a.gzip = a.gzip || a.auto && strings.HasSuffix(a.file, "gz")
	} else {
		a.messages = a.inv.Stderr
	}
	buffered := bufio.NewWriterSize(out, cli.BlockSize)
	var to io.Writer = buffered
	var c *gzip.Writer
	if a.gzip {
		c = gzip.NewWriter(buffered)
		to = c
	}
	w := tar.NewWriter(to)
	for _, name := range a.names {
		if err := a.add(w, name); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
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
	h := &tar.Header{Name: stored, Mode: int64(filemode.Octal(info.Mode)), Uid: info.UID, Gid: info.GID, Uname: userName(info.UID),
		Gname: userName(info.GID), ModTime: info.ModTime, Typeflag: tar.TypeReg, Format: tar.FormatGNU}
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

// open returns the archive, uncompressed.
func (a *archiver) open() (io.Reader, func(), error) {
	r, err := cli.Open(a.inv, a.file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: Cannot open: %w", a.file, err)
	}
	in := bufio.NewReaderSize(r, cli.BlockSize)
	magic, _ := in.Peek(2)
	if len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		c, err := gzip.NewReader(in)
		if err != nil {
			r.Close()
			return nil, nil, errors.New("This does not look like a tar archive")
		}
		return c, func() { r.Close() }, nil
	}
	if a.gzip && len(magic) > 0 {
		r.Close()
		return nil, nil, errors.New("gzip: stdin: not in gzip format")
	}
	return in, func() { r.Close() }, nil
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

// extend appends files to an archive that is not compressed.
func (a *archiver) extend() error {
	if a.gzip {
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
	f, err := a.inv.Create(a.file)
	if err != nil {
		return fmt.Errorf("%s: Cannot open: %w", a.file, err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	r := tar.NewReader(strings.NewReader(string(data)))
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
	if err := w.Close(); err != nil {
		return err
	}
	return a.removeAdded()
}
