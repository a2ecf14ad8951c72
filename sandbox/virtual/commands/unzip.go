package commands

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var unzipSpec = &cli.Spec{
	Usage: `[OPTION]... ARCHIVE[.zip] [MEMBER]... [-x MEMBER...]
Extract files from an archive.

  -l  list   -t  test   -p  write to standard output   -q  quiet
  -o  overwrite   -n  never overwrite   -j  without directories   -d DIR  extract into DIR
`,
	Short: "d:jlnopqtx",
}

// unzipper is one call of unzip.
type unzipper struct {
	ctx                    context.Context
	inv                    *shell.Invocation
	dir                    string
	mode                   byte // l, t, p, or x
	quiet, overwrite, keep bool
	flat                   bool
	status                 int
}

func unzip(ctx context.Context, inv *shell.Invocation) int {
	p, status := unzipSpec.Parse(inv)
	if p == nil {
		return status
	}
	u := &unzipper{ctx: ctx, inv: inv, dir: inv.Dir, mode: 'x'}
	excluding := false
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			u.dir = inv.Path(o.Value)
		case "j":
			u.flat = true
		case "l", "p", "t":
			u.mode = o.Key[0]
		case "n":
			u.keep = true
		case "o":
			u.overwrite = true
		case "q":
			u.quiet = true
		case "x":
			excluding = true
		}
	}
	if len(p.Operands) == 0 {
		return unzipSpec.Misuse(inv, "missing archive")
	}
	name, data, err := u.read(p.Operands[0])
	defer func() { inv.Budget.Release(len(data)) }()
	if err != nil {
		fmt.Fprintf(inv.Stderr, "unzip:  cannot find or open %s, %s.zip or %s.ZIP.\n", p.Operands[0], p.Operands[0], p.Operands[0])
		return 9
	}
	if !u.quiet && u.mode != 'p' {
		fmt.Fprintf(inv.Stdout, "Archive:  %s\n", name)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		inv.Errorf("%s: not a zip archive: %v", name, err)
		return 9
	}
	status = u.members(archive.File, p.Operands[1:], excluding)
	if u.mode == 't' && status == 0 && len(p.Operands) == 1 {
		u.say("No errors detected in compressed data of %s.\n", name)
	}
	return status
}

// read reads the archive, whose name may lack its ending.
func (u *unzipper) read(name string) (string, []byte, error) {
	if _, err := u.inv.FS.Stat(u.inv.Path(name)); err == vfs.ErrNotExist {
		name += ".zip"
	}
	info, err := u.inv.FS.Stat(u.inv.Path(name))
	if err != nil {
		return name, nil, err
	}
	if err := u.inv.Budget.Hold(int(info.Size)); err != nil {
		return name, nil, err
	}
	data, err := u.inv.FS.ReadFile(u.inv.Path(name))
	if len(data) != int(info.Size) {
		u.inv.Budget.Release(int(info.Size) - len(data))
	}
	return name, data, err
}

func (u *unzipper) members(files []*zip.File, names []string, excluding bool) int {
	if u.mode == 'l' {
		fmt.Fprint(u.inv.Stdout, "  Length      Date    Time    Name\n---------  ---------- -----   ----\n")
	}
	var size, count uint64
	for _, f := range files {
		if u.ctx.Err() != nil || u.inv.Budget.Work(100) != nil {
			return 2
		}
		named := slices.ContainsFunc(names, func(n string) bool { return cli.Glob(n)(f.Name) })
		if len(names) > 0 && named == excluding {
			continue
		}
		count++
		size += f.UncompressedSize64
		if u.mode == 'l' {
			fmt.Fprintf(u.inv.Stdout, "%9d  %s   %s\n", f.UncompressedSize64, f.Modified.Format("2006-01-02 15:04"), f.Name)
		} else if err := u.member(f); err == cli.ErrStop {
			return 2
		} else if err != nil {
			u.inv.Errorf("%s: %v", f.Name, err)
			u.status = 2
		}
	}
	switch {
	case u.mode == 'l':
		s := "s"
		if count == 1 {
			s = ""
		}
		fmt.Fprintf(u.inv.Stdout, "---------                     -------\n%9d                     %d file%s\n", size, count, s)
	case count == 0 && len(names) > 0 && !excluding:
		for _, n := range names {
			fmt.Fprintf(u.inv.Stderr, "caution: filename not matched:  %s\n", n)
		}
		return 11
	}
	return u.status
}

// member extracts, prints or tests one file.
func (u *unzipper) member(f *zip.File) error {
	isDir := strings.HasSuffix(f.Name, "/")
	var out io.Writer = io.Discard
	switch {
	case u.mode == 'p':
		out = u.inv.Stdout
	case u.mode == 't':
		u.say("    testing: %-22s   OK\n", f.Name)
	default:
		return u.extract(f, isDir)
	}
	if isDir {
		return nil
	}
	return u.copy(out, f)
}

func (u *unzipper) say(format string, args ...any) {
	if !u.quiet {
		fmt.Fprintf(u.inv.Stdout, format, args...)
	}
}

// copy decompresses a member; its checksum is checked. What it becomes too large for, the budget or the quota of files,
// ends it.
func (u *unzipper) copy(w io.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	return cli.Copy(u.ctx, u.inv.Budget, w, r)
}

func (u *unzipper) extract(f *zip.File, isDir bool) error {
	name := strings.TrimLeft(f.Name, "/")
	if u.flat {
		name = path.Base(name)
	}
	if climbs(name) {
		return fmt.Errorf("the name leads out of the directory: skipped")
	}
	full := strings.TrimSuffix(u.dir, "/") + "/" + strings.TrimSuffix(name, "/")
	shown := name
	if u.dir != u.inv.Dir {
		shown = strings.TrimPrefix(strings.TrimPrefix(full, u.inv.Dir), "/")
	}
	up := path.Dir(full)
	if isDir {
		up = full
	}
	if err := u.inv.FS.MkdirAll(u.dir, 0o777&^u.inv.Umask); err != nil {
		return err
	}
	if throughLink(u.inv, u.dir, up) {
		return fmt.Errorf("a symbolic link leads out of the directory: skipped")
	}
	if isDir {
		if _, err := u.inv.FS.Stat(full); err == nil || u.flat {
			return nil
		}
		u.say("   creating: %s/\n", strings.TrimSuffix(shown, "/"))
	}
	if err := u.inv.FS.MkdirAll(up, 0o777&^u.inv.Umask); err != nil || isDir {
		return err
	}
	if _, err := u.inv.FS.Lstat(full); err == nil {
		if u.keep {
			return nil
		}
		if !u.overwrite {
			return vfs.ErrExist // nobody is there to be asked
		}
		if err := u.inv.FS.Remove(full); err != nil {
			return err
		}
	}
	if f.Mode()&fs.ModeSymlink != 0 {
		var target strings.Builder
		if f.UncompressedSize64 > 4096 {
			return vfs.ErrNameTooLong
		}
		if err := u.copy(&target, f); err != nil {
			return err
		}
		u.say("    linking: %s -> %s\n", shown, target.String())
		return u.inv.FS.Symlink(target.String(), full)
	}
	how := "  inflating: %-22s  \n"
	if f.Method == zip.Store {
		how = " extracting: %-22s  \n"
	}
	u.say(how, shown)
	mode := f.Mode() & filemode.Bits
	if mode&0o777 == 0 {
		mode = 0o644
	}
	w, err := u.inv.OpenFile(full, vfs.Write|vfs.Create|vfs.Truncate, mode.Perm()&^u.inv.Umask)
	if err != nil {
		return err
	}
	err = u.copy(w, f)
	w.Close()
	if err == nil {
		err = u.inv.FS.Chtimes(full, f.Modified)
	}
	return err
}
