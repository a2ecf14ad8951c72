package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const zstdUsage = `[OPTIONS...] [INPUT... | -] [-o OUTPUT]
Compress or decompress the INPUT files, which are kept; standard input to standard output.

  -d, --decompress  -z, --compress  -t, --test
  -o OUTPUT  -c, --stdout  -k, --keep  --rm  -f, --force  -r  -q, --quiet  -v, --verbose
  -1 … -19  --fast[=NUM]  --ultra  --long[=NUM]  -T NUM  --format=zstd|gzip|xz|lzma
`

func zstd(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: zstdUsage, Short: "cdfhkqrtvzo:T:D:B:C#",
		Long: "stdout=c decompress=d uncompress=d force=f keep=k quiet=q test=t verbose=v compress=z rm fast:: ultra long:: threads:=T format: " +
			"check no-check progress no-progress rsyncable single-thread adapt sparse no-sparse content-size no-content-size asyncio no-asyncio"}
	opts, status := spec.Parse(inv)
	if opts == nil {
		return status
	}
	p := &packer{ctx: ctx, inv: inv, format: codec.Zstd, auto: true, keep: true, words: &zstdWords}
	switch path.Base(inv.Args[0]) {
	case "unzstd":
		p.decode = true
	case "zstdcat":
		p.decode, p.stdout, p.force = true, true, true
	}
	for _, o := range opts.Options {
		switch o.Key {
		case "o":
			p.output = o.Value
		case "r":
			p.recursive = true
		case "rm":
			p.keep = false
		case "fast":
			p.level = 1
		case "#":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n > 22 {
				n = 22
			}
			p.level = n
		case "D":
			inv.Errorf("dictionaries are not available here")
			return 1
		case "format":
			for _, f := range codec.All {
				if f.Name == o.Value {
					p.format = f
				}
			}
			if p.format.Name != o.Value {
				return spec.Misuse(inv, "unknown format %s", cli.QuoteText(o.Value))
			}
		default:
			p.option(o)
		}
	}
	if p.output == "-" {
		p.output, p.stdout = "", true
	}
	p.files = len(opts.Operands)
	if p.files > 1 && p.output != "" {
		inv.Errorf("-o takes one INPUT here")
		return 1
	}
	if status := p.run(opts.Operands); status != 0 || p.files < 2 || p.quiet || p.stdout {
		return status
	}
	if p.decode || p.test {
		fmt.Fprintf(inv.Stderr, "%d files decompressed : %6d bytes total \n", p.files, p.plain)
	} else {
		fmt.Fprintf(inv.Stderr, "%3d files compressed : %.2f%% (%s => %s)\n", p.files, percent(p.packed, p.plain),
			strings.Replace(zstdSize(p.plain), " B", "   B", 1), strings.Replace(zstdSize(p.packed), " B", "   B", 1))
	}
	return 0
}

var zstdWords = packerWords{
	name: "zstd", stdin: `/*stdin*\`,
	missing:   complaint{1, "can't stat %s : %v -- ignored "},
	directory: complaint{1, "%s is a directory -- ignored "},
	exists:    complaint{1, "%s already exists; overwrite (y/n) ? Not overwritten  \n "},
	plain: complaint{1, "%s: unknown suffix (.zst/.tzst/.gz/.tgz/.lzma/.xz/.txz/.lz4/.tlz4 expected). " +
		"Can't derive the output file name. Specify it with -o dstFileName. Ignoring."},
	problem: func(err error, _ bool) complaint {
		switch {
		case errors.Is(err, codec.ErrFormat), errors.Is(err, codec.ErrTrailer):
			return complaint{1, "%[1]s: unsupported format "}
		case errors.Is(err, io.ErrUnexpectedEOF):
			return complaint{1, "%[1]s: unexpected end of file "}
		case errors.Is(err, codec.ErrCorrupt):
			return complaint{1, "%[1]s : Decoding error (36) : Data corruption detected "}
		}
		return complaint{1, "%s: %v"}
	},
	done: func(p *packer, name, target string, packed, plain int64) {
		p.packed, p.plain = p.packed+packed, p.plain+plain
		if p.quiet || p.files > 1 && !p.verbose {
			return
		}
		short := name[max(0, len(name)-20):]
		if p.decode || p.test {
			fmt.Fprintf(p.inv.Stderr, "%-20s: %d bytes \n", short, plain)
			return
		}
		fmt.Fprintf(p.inv.Stderr, "%-20s :%6.2f%%   (%s => %s, %s) \n", short, percent(packed, plain), zstdSize(plain), zstdSize(packed), target)
	},
}

func percent(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

// zstdSize is a number of bytes in ten columns: "    18 B  ", "  72.3 KiB".
func zstdSize(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%6d B", n)
	}
	size, unit := float64(n)/1024, 0
	for size >= 1024 && unit < 3 {
		size, unit = size/1024, unit+1
	}
	digits := 2
	if size >= 10 {
		digits = 1
	}
	if size >= 100 {
		digits = 0
	}
	return fmt.Sprintf("%6s %ciB", strings.TrimSpace(strconv.FormatFloat(size, 'f', digits, 64)), "KMGT"[unit])
}
