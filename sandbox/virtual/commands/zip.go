package commands

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var zipSpec = &cli.Spec{
	Usage: `[OPTION]... ARCHIVE[.zip] FILE... [-x PATTERN]...
Put files into an archive, in the place of those it has by their names.

  -r  directories with what is in them   -j  without directories   -y  links as links   -q  quiet
  -x PATTERN  leave out   -0 … -9  store, or compress fast to well   -m  remove the files
`,
	Short: "0123456789jmqrx:y",
}

// zipMaker is one call of zip.
type zipMaker struct {
	ctx                                   context.Context
	inv                                   *shell.Invocation
	recursive, flat, quiet, links, remove bool
	level                                 int
	exclude                               []string
	w                                     *zip.Writer
	out                                   *bytes.Buffer
	names                                 []string // of the members, and
	files                                 []string // their paths
}

func zipCommand(ctx context.Context, inv *shell.Invocation) int {
	p, status := zipSpec.Parse(inv)
	if p == nil {
		return status
	}
	z := &zipMaker{ctx: ctx, inv: inv, level: flate.DefaultCompression, out: &bytes.Buffer{}}
	for _, o := range p.Options {
		switch o.Key {
		case "j":
			z.flat = true
		case "m":
			z.remove = true
		case "q":
			z.quiet = true
		case "r":
			z.recursive = true
		case "x":
			z.exclude = append(z.exclude, o.Value)
		case "y":
			z.links = true
		default:
			z.level = int(o.Key[0] - '0')
		}
	}
	if len(p.Operands) < 2 {
		return zipSpec.Misuse(inv, "missing archive or files")
	}
	archive := p.Operands[0]
	if !strings.Contains(archive[strings.LastIndexByte(archive, '/')+1:], ".") {
		archive += ".zip"
	}
	for _, name := range p.Operands[1:] {
		if err := z.find(name, archive); err != nil {
			if !z.quiet {
				fmt.Fprintf(inv.Stdout, "\tzip warning: name not matched: %s\n", name)
			}
			status = 12
		}
	}
	if len(z.names) == 0 {
		fmt.Fprintf(inv.Stdout, "\nzip error: Nothing to do! (%s)\n", archive)
		return 12
	}
	err := z.write(archive)
	inv.Budget.Release(z.out.Cap())
	if err != nil {
		inv.Errorf("%s: %v", archive, err)
		return 15
	}
	return status
}

// find collects a file, and with -r what is in a directory.
func (z *zipMaker) find(name, archive string) error {
	if err := z.inv.Budget.Work(100); err != nil || z.ctx.Err() != nil {
		return cli.ErrStop
	}
	info, err := z.inv.FS.Stat(z.inv.Path(name))
	if l, lerr := z.inv.FS.Lstat(z.inv.Path(name)); z.links && lerr == nil {
		info, err = l, nil
	}
	stored := strings.TrimPrefix(strings.TrimLeft(name, "/"), "./")
	switch {
	case err != nil:
		return err
	case climbs(stored), name == archive, slices.ContainsFunc(z.exclude, func(p string) bool { return cli.Glob(p)(stored) }):
		return nil
	case !info.IsDir():
		if z.flat {
			stored = stored[strings.LastIndexByte(stored, '/')+1:]
		}
		z.names, z.files = append(z.names, stored), append(z.files, name)
		return nil
	}
	if stored = strings.TrimSuffix(stored, "/"); stored != "." && stored != "" && !z.flat {
		z.names, z.files = append(z.names, stored+"/"), append(z.files, name)
	}
	if !z.recursive {
		return nil
	}
	list, err := z.inv.FS.ReadDir(z.inv.Path(name))
	for _, i := range list {
		if err := z.find(strings.TrimSuffix(name, "/")+"/"+i.Name, archive); err != nil {
			return err
		}
	}
	return err
}

// write makes the archive: members it has and that are not replaced, then the files.
func (z *zipMaker) write(archive string) error {
	z.w = zip.NewWriter(&zipBuffer{z})
	if z.level >= 0 {
		z.w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, z.level) })
	}
	old, err := z.inv.FS.ReadFile(z.inv.Path(archive))
	replaced := map[string]bool{}
	if err == nil {
		r, err := zip.NewReader(bytes.NewReader(old), int64(len(old)))
		if err != nil {
			return err
		}
		for _, f := range r.File {
			if slices.Contains(z.names, f.Name) {
				replaced[f.Name] = true
			} else if err := z.w.Copy(f); err != nil {
				return err
			}
		}
	}
	var added []*zip.FileHeader
	for i, name := range z.names {
		h, err := z.add(name, z.files[i])
		if err != nil {
			return err
		}
		added = append(added, h)
	}
	if err := z.w.Close(); err != nil { // the sizes are known from here on
		return err
	}
	for _, h := range added {
		z.report(h, replaced[h.Name])
	}
	if err := z.inv.FS.WriteFile(z.inv.Path(archive), z.out.Bytes(), 0o666&^z.inv.Umask); err != nil || !z.remove {
		return err
	}
	for i := len(z.files) - 1; i >= 0; i-- {
		if err := z.inv.FS.Remove(z.inv.Path(z.files[i])); err != nil && err != vfs.ErrNotEmpty {
			return err
		}
	}
	return nil
}

// zipBuffer holds the archive that is made.
type zipBuffer struct{ z *zipMaker }

func (b *zipBuffer) Write(p []byte) (int, error) {
	before := b.z.out.Cap()
	b.z.out.Grow(len(p))
	if err := b.z.inv.Budget.Hold(b.z.out.Cap() - before); err != nil {
		return 0, err
	}
	return b.z.out.Write(p)
}

func (z *zipMaker) add(name, file string) (*zip.FileHeader, error) {
	info, err := z.inv.FS.Stat(z.inv.Path(file))
	if z.links {
		info, err = z.inv.FS.Lstat(z.inv.Path(file))
	}
	if err != nil {
		return nil, err
	}
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: info.ModTime}
	h.SetMode(info.Mode)
	if info.IsDir() || info.Size == 0 || z.level == 0 || info.Mode&fs.ModeSymlink != 0 {
		h.Method = zip.Store
	}
	if h.Method == zip.Deflate && info.Size <= zipTried && !z.shrinks(file) {
		h.Method = zip.Store
	}
	w, err := z.w.CreateHeader(h)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
	case info.Mode&fs.ModeSymlink != 0:
		_, err = io.WriteString(w, info.Target)
	default:
		var f vfs.File
		if f, err = z.inv.Open(file); err != nil {
			return nil, err
		}
		err = cli.Copy(z.ctx, z.inv.Budget, w, f)
		f.Close()
	}
	return h, err
}

// zipTried is how large a file may be to be compressed twice, the first time to see whether that makes it smaller.
const zipTried = 64 << 10

// shrinks says whether compressing makes a file smaller.
func (z *zipMaker) shrinks(file string) bool {
	data, err := readAll(z.ctx, z.inv, file)
	defer z.inv.Budget.Release(len(data))
	if err != nil {
		return true
	}
	packed := &counter{}
	w, err := flate.NewWriter(packed, z.level)
	if err != nil {
		return true
	}
	w.Write(data)
	w.Close()
	return packed.n < int64(len(data))
}

// report says what became of a file.
func (z *zipMaker) report(h *zip.FileHeader, replaced bool) {
	if z.quiet {
		return
	}
	verb, how, saved := "  adding", "stored", int64(0)
	if replaced {
		verb = "updating"
	}
	if h.Method == zip.Deflate {
		how = "deflated"
		size := int64(h.UncompressedSize64)
		saved = max(0, 100-(int64(h.CompressedSize64)*100+size/2)/max(size, 1))
	}
	fmt.Fprintf(z.inv.Stdout, "%s: %s (%s %d%%)\n", verb, h.Name, how, saved)
}
