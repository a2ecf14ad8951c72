package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const xzUsage = `[OPTION]... [FILE]...
Compress or decompress FILEs in the .xz format.

  -z, --compress  -d, --decompress  -t, --test
  -c, --stdout  -k, --keep  -f, --force  -S, --suffix=.SUF  -F, --format=auto|xz|lzma
  -0 … -9  -e, --extreme  -T, --threads=NUM  -q, --quiet  -v, --verbose
`

// xz is xz, unxz, xzcat, lzma, unlzma and lzcat.
func xz(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: xzUsage, Hint: "NAME: Try `NAME --help' for more information.", Short: "cdefkqtvzS:F:C:T:M:hVQ0123456789",
		Long: "stdout=c to-stdout=c decompress=d uncompress=d extreme=e force=f keep=k quiet=q test=t verbose=v compress=z suffix:=S format:=F check:=C " +
			"threads:=T memlimit:=M no-sparse single-stream no-warn=Q fast=0 best=9 block-size: no-adjust ignore-check"}
	opts, status := spec.Parse(inv)
	if opts == nil {
		return status
	}
	p := &packer{ctx: ctx, inv: inv, format: codec.Xz, auto: true, words: &xzWords}
	name := path.Base(inv.Args[0])
	p.decode = strings.HasPrefix(name, "un") || strings.HasSuffix(name, "cat")
	p.stdout = strings.HasSuffix(name, "cat")
	if strings.Contains(name, "lz") {
		p.format, p.auto = codec.Lzma, false
	}
	for _, o := range opts.Options {
		switch o.Key {
		case "S":
			p.suffix = o.Value
		case "F":
			switch o.Value {
			case "auto":
			case "xz":
				p.format, p.auto = codec.Xz, false
			case "lzma", "alone":
				p.format, p.auto = codec.Lzma, false
			default:
				inv.Errorf("%s: Unknown file format type", o.Value)
				return 1
			}
		default:
			p.option(o)
		}
	}
	return p.run(opts.Operands)
}

var xzWords = packerWords{
	stdin:     "(stdin)",
	missing:   complaint{1, "%s: %v"},
	directory: complaint{2, "%s: Is a directory, skipping"},
	packed:    complaint{2, "%s: File already has `%s' suffix, skipping"},
	exists:    complaint{1, "%s: File exists"},
	plain:     complaint{2, "%s: Filename has an unknown suffix, skipping"},
	problem: func(err error, _ bool) complaint {
		switch {
		case errors.Is(err, codec.ErrFormat):
			return complaint{1, "%[1]s: File format not recognized"}
		case errors.Is(err, io.ErrUnexpectedEOF):
			return complaint{1, "%[1]s: Unexpected end of input"}
		case errors.Is(err, codec.ErrCorrupt), errors.Is(err, codec.ErrTrailer):
			return complaint{1, "%[1]s: Compressed data is corrupt"}
		}
		return complaint{1, "%s: %v"}
	},
	done: func(p *packer, name, _ string, packed, plain int64) {
		if p.verbose {
			ratio := ""
			if plain > 0 {
				ratio = fmt.Sprintf("= %.3f", float64(packed)/float64(plain))
			}
			if packed >= 10*plain {
				ratio = "> 9.999"
			}
			fmt.Fprintf(p.inv.Stderr, "%s: %s / %s %s\n", name, xzSize(packed), xzSize(plain), ratio)
		}
	},
}

// xzSize is a number of bytes as xz writes it: "72 B", "12.3 KiB".
func xzSize(n int64) string {
	if n < 10000 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/1024, 0
	for size > 9999.9 && unit < 2 {
		size, unit = size/1024, unit+1
	}
	return fmt.Sprintf("%.1f %ciB", size, "KMG"[unit])
}
