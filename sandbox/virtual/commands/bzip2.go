package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const bzip2Usage = `[OPTION]... [FILE]...
Compress the FILEs in place, to FILE.bz2; standard input to standard output.

  -d, --decompress  -z, --compress  -t, --test
  -c, --stdout  -k, --keep  -f, --force  -q, --quiet  -v, --verbose  -s, --small
  -1, --fast … -9, --best
`

func bzip2(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: bzip2Usage, Short: "cdfkqstvz123456789",
		Long: "stdout=c decompress=d force=f keep=k quiet=q small=s test=t verbose=v compress=z fast=1 best=9 repetitive-fast repetitive-best"}
	opts, status := spec.Parse(inv)
	if opts == nil {
		return status
	}
	p := &packer{ctx: ctx, inv: inv, format: codec.Bzip2, words: &bzip2Words}
	switch path.Base(inv.Args[0]) {
	case "bunzip2":
		p.decode = true
	case "bzcat":
		p.decode, p.stdout = true, true
	}
	for _, o := range opts.Options {
		p.option(o)
	}
	return p.run(opts.Operands)
}

// option is an option that bzip2 and xz share.
func (p *packer) option(o cli.Option) {
	switch o.Key {
	case "c":
		p.stdout = true
	case "d":
		p.decode = true
	case "f":
		p.force = true
	case "k":
		p.keep = true
	case "q":
		p.quiet = true
	case "t":
		p.test = true
	case "v":
		p.verbose = true
	case "z":
		p.decode, p.test = false, false
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9":
		p.level = max(int(o.Key[0]-'0'), 1)
	}
}

var bzip2Words = packerWords{
	stdin: "(stdin)", guess: ".out",
	missing:   complaint{1, "Can't open input file %s: %v."},
	directory: complaint{1, "Input file %s is a directory."},
	packed:    complaint{1, "Input file %s already has %s suffix."},
	exists:    complaint{1, "Output file %s already exists."},
	plain:     complaint{0, "Can't guess original name for %s -- using %s"},
	problem: func(err error, _ bool) complaint {
		switch {
		case errors.Is(err, codec.ErrFormat):
			return complaint{2, "%[1]s is not a bzip2 file."}
		case errors.Is(err, codec.ErrTrailer):
			return complaint{0, "%[1]s: trailing garbage after EOF ignored"}
		case errors.Is(err, io.ErrUnexpectedEOF):
			return complaint{2, "Compressed file ends unexpectedly;\n\tperhaps it is corrupted?\n\tInput file = %[1]s"}
		case errors.Is(err, codec.ErrCorrupt):
			return complaint{2, "Data integrity error when decompressing.\n\tInput file = %[1]s"}
		}
		return complaint{1, "%s: %v"}
	},
	done: func(p *packer, name, _ string, packed, plain int64) {
		switch {
		case !p.verbose:
		case p.test:
			fmt.Fprintf(p.inv.Stderr, "  %s: ok\n", name)
		case p.decode:
			fmt.Fprintf(p.inv.Stderr, "  %s: done\n", name)
		case plain == 0:
			fmt.Fprintf(p.inv.Stderr, "  %s:  no data compressed.\n", name)
		default:
			in, out := float64(plain), float64(packed)
			fmt.Fprintf(p.inv.Stderr, "  %s: %6.3f:1, %6.3f bits/byte, %5.2f%% saved, %d in, %d out.\n", name, in/out, 8*out/in, 100*(1-out/in), plain, packed)
		}
	},
}
