package commands

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// tell is -v: the ratio, and what became of the file.
func (z *zipper) tell(name, target string, info vfs.Info, to string) {
	made, err := z.inv.FS.Stat(to)
	if err != nil {
		return
	}
	small, large := made.Size, info.Size
	if z.decode {
		small, large = large, small
	}
	what := "replaced with"
	if z.keep {
		what = "created"
	}
	fmt.Fprintf(z.inv.Stderr, "%s:\t%s -- %s %s\n", name, ratio(small, large), what, target)
}

func ratio(small, large int64) string {
	if large == 0 {
		return fmt.Sprintf("%5.1f%%", 0.0)
	}
	return fmt.Sprintf("%5.1f%%", 100*float64(large-small)/float64(large))
}

// damaged reports an input that cannot be expanded, after an empty line as gzip does.
func (z *zipper) damaged(name string, err error) {
	fmt.Fprintln(z.inv.Stderr)
	z.complain(1, "%s: %s", name, gzipProblem(err))
}

// gzipProblem words an error as gzip does.
func gzipProblem(err error) string {
	switch {
	case errors.Is(err, codec.ErrFormat):
		return "not in gzip format"
	case errors.Is(err, gzip.ErrChecksum):
		return "invalid compressed data--crc error"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected end of file"
	case errors.Is(err, codec.ErrCorrupt):
		return "invalid compressed data--format violated"
	}
	return err.Error()
}

func (z *zipper) listFile(name string, in io.Reader, info vfs.Info) {
	c := &counter{}
	if err := z.transform(c, in); err != nil {
		if !errors.Is(err, cli.ErrStop) {
			z.damaged(name, err)
		}
		return
	}
	if !z.listed {
		fmt.Fprintln(z.inv.Stdout, "         compressed        uncompressed  ratio uncompressed_name")
		z.listed = true
	}
	target, _ := z.targetName(name)
	fmt.Fprintf(z.inv.Stdout, "%19d %19d %s %s\n", info.Size, c.n, ratio(info.Size, c.n), target)
}
