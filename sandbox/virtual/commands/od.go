package commands

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
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
	Short: "A:j:N:t:vw::abcdefhilosxS:",
	Long:  "address-radix:=A skip-bytes:=j read-bytes:=N format:=t output-duplicates=v width::=w strings::=S endian: traditional",
}

func od(ctx context.Context, inv *shell.Invocation) int {
	p, status := odSpec.Parse(inv)
	if p == nil {
		return status
	}
	radix, skip, limit, all, row := byte('o'), int64(0), int64(-1), false, 16
	least, traditional := 0, false // least: how long strings are, 0 for a dump
	var order binary.ByteOrder = binary.LittleEndian
	var formats []odFormat
	short := map[string]string{"a": "a", "b": "o1", "c": "c", "d": "u2", "e": "f8", "f": "f4", "h": "x2", "i": "d4", "l": "d8", "o": "o2", "s": "d2", "x": "x2"}
	for _, o := range p.Options {
		switch o.Key {
		case "A":
			if len(o.Value) == 0 || strings.IndexByte("doxn", o.Value[0]) < 0 {
				inv.Errorf("invalid output address radix '%s'; it must be one character from [doxn]", o.Value)
				return 1
			}
			radix = o.Value[0]
		case "j", "N":
			n, problem := odNumber(o.Value)
			if problem != "" {
				inv.Errorf(problem, "-"+o.Key, o.Value)
				return 1
			}
			if o.Key == "j" {
				skip = n
			} else {
				limit = n
			}
		case "v":
			all = true
		case "traditional":
			traditional = true
		case "S":
			least = 3
			if o.Has {
				n, problem := odNumber(o.Value)
				if problem != "" {
					inv.Errorf(problem, "-S", o.Value)
					return 1
				}
				least = int(min(n, 1<<30))
			}
		case "w":
			row = 32
			if o.Has {
				n, err := strconv.Atoi(o.Value)
				if err != nil || n < 0 || n > 1<<16 {
					inv.Errorf("invalid -w argument %s", cli.Quote(o.Value))
					return 1
				}
				row = n
			}
		case "endian":
			word, wrong := odSpec.Choose(inv, "endian", o.Value, "little", "big")
			if wrong != 0 {
				return wrong
			}
			if word == "big" {
				order = binary.BigEndian
			}
		default:
			spec := o.Value
			if o.Key != "t" {
				spec = short[o.Key]
			}
			list, problem := odFormats(spec)
			if problem != "" {
				inv.Errorf("%s", problem)
				return 1
			}
			formats = append(formats, list...)
		}
	}
	if least > 0 && len(formats) > 0 {
		inv.Errorf("no type may be specified when dumping strings")
		return 1
	}
	if len(formats) == 0 {
		formats, _ = odFormats("o2")
	}
	unit := 1
	for _, f := range formats {
		unit = max(unit, f.size)
	}
	asked := row
	if row%unit != 0 || row == 0 {
		row = -unit
	}
	modern := slices.ContainsFunc(p.Options, func(o cli.Option) bool { return strings.Contains("A j N S t v w endian", o.Key) })
	label := int64(-1)
	if traditional || !modern {
		p.Operands, label = odOffset(p.Operands, traditional, &skip)
	}
	if traditional && len(p.Operands) > 1 {
		return odSpec.Misuse(inv, "extra operand %s\nod: compatibility mode supports at most one file", cli.Quote(p.Operands[1]))
	}
	var data []byte
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	failed := 0
	for _, name := range names {
		most := int64(math.MaxInt64)
		if limit >= 0 && skip < 1<<60 && limit < 1<<60 {
			most = skip + limit - int64(len(data))
		}
		b, err := readFirst(ctx, inv, name, most)
		defer inv.Budget.Release(len(b))
		if err != nil {
			inv.Errorf("%s: %v", name, err)
			failed++
		}
		data = append(data, b...)
	}
	if failed == len(names) {
		return 1
	}
	status = min(failed, 1)
	if skip > int64(len(data)) {
		inv.Errorf("cannot skip past end of combined input")
		return 1
	}
	data = data[skip:]
	if limit >= 0 {
		data = data[:min(limit, int64(len(data)))]
	}
	out := inv.Buffered(inv.Stdout)
	if least > 0 {
		odStrings(out, data, skip, least, radix)
		if out.Flush() != nil {
			return 1
		}
		return status
	}
	if row < 0 {
		row = -row
		inv.Errorf("warning: invalid width %d; using %d instead", asked, row)
	}
	odDump(out, data, skip, label, row, formats, radix, all, order)
	if out.Flush() != nil {
		return 1
	}
	return status
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

// odStrings writes the strings of at least so many printable characters that end in NUL.
func odStrings(out *bufio.Writer, data []byte, start int64, least int, radix byte) {
	format := map[byte]string{'d': "%07d ", 'o': "%07o ", 'x': "%06x "}[radix]
	begin := 0
	for i, c := range data {
		switch {
		case c == 0:
			if i-begin >= least {
				if radix != 'n' {
					fmt.Fprintf(out, format, start+int64(begin))
				}
				text := string(data[begin:i])
				for k, escape := range []string{"\a", "\b", "\f", "\n", "\r", "\t", "\v"} {
					text = strings.ReplaceAll(text, escape, `\`+"abfnrtv"[k:k+1])
				}
				out.WriteString(text + "\n")
			}
			begin = i + 1
		case (c < ' ' || c > '~') && strings.IndexByte("\a\b\f\n\r\t\v", c) < 0:
			begin = i + 1
		}
	}
}

func odDump(out *bufio.Writer, data []byte, start, label int64, row int, formats []odFormat, radix byte, all bool, order binary.ByteOrder) {
	// Numbers of different formats stand below each other: all take the room of the widest.
	unit := 1
	for _, f := range formats {
		unit = max(unit, f.size)
	}
	room := 0
	for _, f := range formats {
		room = max(room, (f.width+1)*(unit/f.size))
	}
	address := func(at int64, last bool) {
		format := map[byte]string{'d': "%07d", 'o': "%07o", 'x': "%06x"}[radix]
		if radix != 'n' {
			fmt.Fprintf(out, format, at)
			if label >= 0 {
				fmt.Fprintf(out, " ("+format+")", at-start+label)
			}
		}
		if last && radix != 'n' {
			out.WriteByte('\n')
		}
	}
	var previous []byte
	starred := false
	for at := 0; at < len(data); at += row {
		b := data[at:min(at+row, len(data))]
		if !all && previous != nil && len(b) == row && bytes.Equal(b, previous) {
			if !starred {
				out.WriteString("*\n")
			}
			starred = true
			continue
		}
		previous, starred = b, false
		for i, f := range formats {
			if i == 0 {
				address(start+int64(at), false)
			} else if radix != 'n' {
				out.WriteString(strings.Repeat(" ", map[byte]int{'d': 7, 'o': 7, 'x': 6}[radix]))
			}
			per := unit / f.size
			for k := 0; k < len(b); k += f.size {
				part := make([]byte, f.size)
				copy(part, b[k:])
				n := k / f.size
				// What a field has too much of room is spread, the first ones getting more.
				spare := room - (f.width+1)*per
				left := per - n%per
				width := f.width + 1 + spare*left/per - spare*(left-1)/per
				fmt.Fprintf(out, "%*s", width, f.text(part, order))
			}
			if f.ascii {
				missing := (row - len(b) + f.size - 1) / f.size
				out.WriteString(strings.Repeat(" ", missing*room/per) + "  >")
				for _, c := range b {
					if c < ' ' || c > '~' {
						c = '.'
					}
					out.WriteByte(c)
				}
				out.WriteByte('<')
			}
			out.WriteByte('\n')
		}
	}
	address(start+int64(len(data)), true)
}
