package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const gzipUsage = `[OPTION]... [FILE]...
Compress the FILEs in place, to FILE.gz; standard input to standard output.

  -d, --decompress  -t, --test  -l, --list
  -c, --stdout  -k, --keep  -f, --force  -r, --recursive
  -S, --suffix=SUF  -n, --no-name  -N, --name  -q, --quiet  -v, --verbose  -1 … -9
`

// zipper is one call of gzip, gunzip or zcat.
type zipper struct {
	ctx                                                context.Context
	inv                                                *shell.Invocation
	decode, test, list, stdout, keep, force, recursive bool
	quiet, verbose, noName, name                       bool
	level                                              int
	suffix                                             string
	input                                              string // what is read
	listed                                             bool
	status                                             int
}

func gzipCommand(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: gzipUsage, Short: "cdfhklLnNqrS:tvV123456789",
		Long: "stdout=c to-stdout=c decompress=d uncompress=d force=f keep=k list=l no-name=n name=N quiet=q recursive=r suffix:=S test=t verbose=v fast=1 best=9 rsyncable synchronous"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	z := &zipper{ctx: ctx, inv: inv, level: 6, suffix: ".gz"}
	switch path.Base(inv.Args[0]) {
	case "gunzip", "uncompress":
		z.decode = true
	case "zcat":
		z.decode, z.stdout = true, true
	}
	for _, o := range p.Options {
		switch o.Key {
		case "c":
			z.stdout = true
		case "d":
			z.decode = true
		case "f":
			z.force = true
		case "k":
			z.keep = true
		case "l":
			z.list, z.decode = true, true
		case "n":
			z.noName = true
		case "N":
			z.name = true
		case "q":
			z.quiet = true
		case "r":
			z.recursive = true
		case "S":
			z.suffix = o.Value
		case "t":
			z.test, z.decode = true, true
		case "v":
			z.verbose = true
		case "1", "2", "3", "4", "5", "6", "7", "8", "9":
			z.level = int(o.Key[0] - '0')
		}
	}
	if len(p.Operands) == 0 {
		p.Operands = []string{"-"}
	}
	for _, name := range p.Operands {
		z.operand(name)
		if inv.Budget.Err() != nil {
			return 1
		}
	}
	return z.status
}

// complain reports a problem; warnings are status 2, errors 1.
func (z *zipper) complain(status int, format string, args ...any) {
	if status == 1 || !z.quiet {
		fmt.Fprintf(z.inv.Stderr, "gzip: "+format+"\n", args...)
	}
	if z.status != 1 {
		z.status = status
	}
}

func (z *zipper) operand(name string) {
	z.input = name
	if name == "-" {
		z.input = "stdin"
		err := z.transform(z.inv.Stdout, z.inv.Stdin)
		switch {
		case z.list || z.test:
			if err == nil || errors.Is(err, cli.ErrStop) {
				return
			}
			fallthrough
		case err != nil && !errors.Is(err, cli.ErrStop):
			z.damaged("stdin", err)
		case err != nil:
			z.status = 1
		}
		return
	}
	full := z.inv.Path(name)
	info, err := cli.Stat(z.inv, name)
	if err == vfs.ErrNotExist && z.decode && !strings.HasSuffix(name, z.suffix) {
		if i, e := z.inv.FS.Stat(full + z.suffix); e == nil {
			name, full, info, err = name+z.suffix, full+z.suffix, i, nil
		}
	}
	if err != nil {
		z.complain(1, "%s: %v", name, err)
		return
	}
	if info.IsDir() {
		if !z.recursive {
			z.complain(2, "%s is a directory -- ignored", name)
			return
		}
		list, _ := z.inv.FS.ReadDir(full)
		for _, i := range list {
			z.operand(strings.TrimSuffix(name, "/") + "/" + i.Name)
		}
		return
	}
	z.file(name, full, info)
}

// targetName is the name of the other file; ok is false after a complaint.
func (z *zipper) targetName(name string) (string, bool) {
	if !z.decode {
		if strings.HasSuffix(name, z.suffix) && !z.force {
			z.complain(2, "%s already has %s suffix -- unchanged", name, z.suffix)
			return "", false
		}
		return name + z.suffix, true
	}
	for _, s := range []struct{ from, to string }{{z.suffix, ""}, {".tgz", ".tar"}, {".taz", ".tar"}, {".gz", ""}, {"-gz", ""}, {".z", ""}, {".Z", ""}, {"-z", ""}} {
		if rest, ok := strings.CutSuffix(name, s.from); ok && rest != "" {
			return rest + s.to, true
		}
	}
	z.complain(2, "%s: unknown suffix -- ignored", name)
	return "", false
}

func (z *zipper) file(name, full string, info vfs.Info) {
	in, err := z.inv.OpenFile(full, vfs.Read, 0)
	if err != nil {
		z.complain(1, "%s: %v", name, err)
		return
	}
	defer in.Close()
	if z.list {
		z.listFile(name, in, info)
		return
	}
	if z.stdout || z.test {
		if err := z.transform(z.inv.Stdout, in); err != nil && !errors.Is(err, cli.ErrStop) {
			z.damaged(name, err)
		} else if z.test && z.verbose {
			fmt.Fprintf(z.inv.Stderr, "%s:\t OK\n", name)
		}
		return
	}
	target, ok := z.targetName(name)
	if !ok {
		return
	}
	to := z.inv.Path(target)
	if _, err := z.inv.FS.Lstat(to); err == nil && !z.force {
		z.complain(2, "%s already exists;\tnot overwritten", target)
		return
	}
	out, err := z.inv.OpenFile(to, vfs.Write|vfs.Create|vfs.Truncate, info.Mode.Perm())
	if err != nil {
		z.complain(1, "%s: %v", target, err)
		return
	}
	keeper := &errorKeeper{w: out}
	err = z.transform(keeper, in)
	out.Close()
	if err != nil {
		if keeper.err != nil {
			err = keeper.err
		}
		if !errors.Is(err, cli.ErrStop) {
			z.damaged(name, err)
		}
		z.status = 1
		z.inv.FS.Remove(to)
		return
	}
	z.inv.FS.Chtimes(to, info.ModTime)
	if z.verbose {
		z.tell(name, target, info, to)
	}
	if !z.keep {
		z.inv.FS.Remove(full)
	}
}

// transform compresses or expands r to w.
func (z *zipper) transform(w io.Writer, r io.Reader) error {
	if z.test {
		w = io.Discard
	}
	if !z.decode {
		out := bufio.NewWriterSize(w, cli.BlockSize)
		c, err := codec.Gzip.NewWriter(z.inv.Budget, out, z.level, -1)
		if err != nil {
			return err
		}
		if err := cli.Copy(z.ctx, z.inv.Budget, c, r); err != nil {
			return err
		}
		if c.Close() != nil || out.Flush() != nil {
			return cli.ErrStop
		}
		return nil
	}
	in := bufio.NewReaderSize(r, cli.BlockSize)
	format := codec.Gzip
	if codec.Compress.Begins(in) {
		format = codec.Compress
	}
	c, err := format.NewReader(z.inv.Budget, in)
	if errors.Is(err, codec.ErrFormat) && z.force && z.stdout {
		return cli.Copy(z.ctx, z.inv.Budget, w, in)
	}
	if err != nil {
		return err
	}
	defer c.Close()
	if err := cli.Copy(z.ctx, z.inv.Budget, w, c); !errors.Is(err, codec.ErrTrailer) {
		return err
	}
	if !z.quiet {
		fmt.Fprintln(z.inv.Stderr)
	}
	z.complain(2, "%s: decompression OK, trailing garbage ignored", z.input)
	return nil
}
