package commands

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var odSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Write an unambiguous representation, octal bytes by default, of FILE to standard output.

  -A, --address-radix=RADIX   output format for file offsets: d, o, x or n for none
  -j, --skip-bytes=BYTES      skip BYTES input bytes first
  -N, --read-bytes=BYTES      limit dump to BYTES input bytes
  -t, --format=TYPE           select output formats: a, c, d[SIZE], f[SIZE], o[SIZE], u[SIZE], x[SIZE], each perhaps with z
  -v, --output-duplicates     do not use * to mark line suppression
  -w[BYTES], --width[=BYTES]  output BYTES bytes per output line; 32 when BYTES is not given
  -a, -b, -c, -d, -e, -f, -h, -i, -l, -o, -s, -x  like -t a, o1, c, u2, fD, fF, x2, dI, dL, o2, d2, x2
`,
	Short: "A:j:N:t:vw::abcdefhilosxS:BDFHILOX",
	Long:  "address-radix:=A skip-bytes:=j read-bytes:=N format:=t output-duplicates=v width::=w strings::=S endian: traditional",
}

// dumper is one call of od.
type dumper struct {
	inv     *shell.Invocation
	out     *bufio.Writer
	radix   byte // of addresses: 'd', 'o', 'x' or 'n' for none
	skip    int64
	limit   int64 // bytes to read; -1: all
	label   int64 // a second address that the first byte has; -1: none
	row     int   // bytes of a line
	all     bool  // lines that are the same, too
	strings int   // how long strings are at least; 0: a dump
	formats []odFormat
	order   binary.ByteOrder

	traditional bool
}

// odShort are the types that options have letters for.
var odShort = map[string]string{"a": "a", "b": "o1", "c": "c", "d": "u2", "e": "f8", "f": "f4", "h": "x2", "i": "d4", "l": "d8", "o": "o2", "s": "d2", "x": "x2",
	"B": "o2", "D": "u4", "F": "f8", "H": "x4", "I": "d8", "L": "d8", "O": "o4", "X": "x4"}

func od(ctx context.Context, inv *shell.Invocation) int {
	p, status := odSpec.Parse(inv)
	if p == nil {
		return status
	}
	d := &dumper{inv: inv, out: inv.Buffered(inv.Stdout), radix: 'o', limit: -1, label: -1, row: 16, order: binary.LittleEndian}
	for _, o := range p.Options {
		if status := d.option(o); status != 0 {
			return status
		}
	}
	if d.strings > 0 && len(d.formats) > 0 {
		inv.Errorf("no type may be specified when dumping strings")
		return 1
	}
	if len(d.formats) == 0 {
		d.formats, _ = odFormats("o2")
	}
	modern := slices.ContainsFunc(p.Options, func(o cli.Option) bool { return strings.Contains("A j N S t v w endian", o.Key) })
	if d.traditional || !modern {
		p.Operands, d.label = odOffset(p.Operands, d.traditional, &d.skip)
	}
	if d.traditional && len(p.Operands) > 1 {
		return odSpec.Misuse(inv, "extra operand %s\nod: compatibility mode supports at most one file", cli.QuoteText(p.Operands[1]))
	}
	data, status, ok := d.read(ctx, p.Operands)
	defer inv.Budget.Release(len(data))
	if !ok {
		return 1
	}
	if d.skip > int64(len(data)) {
		inv.Errorf("cannot skip past end of combined input")
		return 1
	}
	part := data[d.skip:]
	if d.limit >= 0 {
		part = part[:min(d.limit, int64(len(part)))]
	}
	if d.strings > 0 {
		d.writeStrings(part)
	} else {
		if unit := d.unit(); d.row%unit != 0 || d.row == 0 {
			inv.Errorf("warning: invalid width %d; using %d instead", d.row, unit)
			d.row = unit
		}
		d.dump(part)
	}
	if d.out.Flush() != nil {
		return 1
	}
	return status
}

// option takes an option. A status other than 0 ends od.
func (d *dumper) option(o cli.Option) (status int) {
	switch o.Key {
	case "A":
		if len(o.Value) == 0 || strings.IndexByte("doxn", o.Value[0]) < 0 {
			d.inv.Errorf("invalid output address radix '%s'; it must be one character from [doxn]", o.Value)
			return 1
		}
		d.radix = o.Value[0]
	case "j", "N":
		n, problem := odNumber(o.Value)
		if problem != "" {
			d.inv.Errorf(problem, "-"+o.Key, o.Value)
			return 1
		}
		if o.Key == "j" {
			d.skip = n
		} else {
			d.limit = n
		}
	case "v":
		d.all = true
	case "traditional":
		d.traditional = true
	case "S":
		d.strings = 3
		if o.Has {
			n, problem := odNumber(o.Value)
			if problem != "" {
				d.inv.Errorf(problem, "-S", o.Value)
				return 1
			}
			d.strings = int(min(n, 1<<30))
		}
	case "w":
		d.row = 32
		if o.Has {
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 || n > 1<<16 {
				d.inv.Errorf("invalid -w argument %s", cli.QuoteText(o.Value))
				return 1
			}
			d.row = n
		}
	case "endian":
		word, wrong := odSpec.Choose(d.inv, "endian", o.Value, "little", "big")
		if wrong != 0 {
			return wrong
		}
		if word == "big" {
			d.order = binary.BigEndian
		}
	default:
		types := o.Value
		if o.Key != "t" {
			types = odShort[o.Key]
		}
		list, problem := odFormats(types)
		if problem != "" {
			d.inv.Errorf("%s", problem)
			return 1
		}
		d.formats = append(d.formats, list...)
	}
	return 0
}

// read reads the files, one behind the other, as far as they are wanted. ok: one of them could be read.
func (d *dumper) read(ctx context.Context, names []string) (data []byte, status int, ok bool) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		most := int64(math.MaxInt64)
		if d.limit >= 0 && d.skip < 1<<60 && d.limit < 1<<60 {
			most = d.skip + d.limit - int64(len(data))
		}
		part, err := readFirst(ctx, d.inv, name, most)
		if err != nil {
			d.inv.Errorf("%s: %v", name, err)
			status = 1
		} else {
			ok = true
		}
		data = append(data, part...)
	}
	return data, status, ok
}

// readFirst reads so many bytes of a file at most.
func readFirst(ctx context.Context, inv *shell.Invocation, name string, most int64) ([]byte, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := cli.ReadAll(ctx, inv.Budget, io.LimitReader(r, most))
	if e := inv.Budget.Hold(len(data)); err == nil {
		err = e
	}
	return data, err
}
