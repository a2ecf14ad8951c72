package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"path"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var hexdumpSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Display file contents in hexadecimal, decimal, octal, or ascii.

  -b  one-byte octal display     -c  one-byte character display    -C  canonical hex+ASCII display
  -d  two-byte decimal display   -o  two-byte octal display        -x  two-byte hexadecimal display (default)
  -e FORMAT  display by FORMAT: units of [COUNT][/SIZE] "TEXT WITH %x AND ITS LIKE"
  -n LENGTH  interpret only LENGTH bytes of input
  -s OFFSET  skip OFFSET bytes from the beginning
  -v         display without squeezing similar lines
`,
	Short: "bcCdoxe:n:s:v",
	Long:  "one-byte-octal=b one-byte-char=c canonical=C two-bytes-decimal=d two-bytes-octal=o two-bytes-hex=x format:=e length:=n skip:=s no-squeezing=v",
}

// hexdump is also hd, which is hexdump -C.
func hexdump(ctx context.Context, inv *shell.Invocation) int {
	p, status := hexdumpSpec.Parse(inv)
	if p == nil {
		return status
	}
	var formats [][]hexUnit // of -e
	kind, limit, skip, all := byte('h'), int64(-1), int64(0), false
	if path.Base(inv.Args[0]) == "hd" {
		kind = 'C'
	}
	for _, o := range p.Options {
		switch o.Key {
		case "n", "s":
			n, err := strconv.ParseInt(o.Value, 0, 64)
			if err != nil {
				var ok bool
				if n, ok = cli.Size(o.Value); !ok {
					inv.Errorf("failed to parse %s: %s", map[string]string{"n": "length", "s": "offset"}[o.Key], cli.Quote(o.Value))
					return 1
				}
			}
			if o.Key == "n" {
				limit = n
			} else {
				skip = n
			}
		case "v":
			all = true
		case "e":
			units, err := parseHexFormat(o.Value)
			if err != nil {
				inv.Errorf("%v", err)
				return 1
			}
			formats = append(formats, units)
		default:
			kind = o.Key[0]
		}
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	var data []byte
	failed := 0
	for _, name := range names {
		b, err := readAll(ctx, inv, name)
		defer inv.Budget.Release(len(b))
		if err != nil {
			inv.Errorf("%s: %v", name, err)
			status = 1
			failed++
		}
		data = append(data, b...)
	}
	if failed == len(names) {
		inv.Errorf("all input file arguments failed")
		return 1
	}
	skip = min(skip, int64(len(data)))
	data = data[skip:]
	if limit >= 0 {
		data = data[:min(limit, int64(len(data)))]
	}
	out := inv.Buffered(inv.Stdout)
	if formats != nil {
		if hexFormatted(out, formats, data, skip, all) != nil || out.Flush() != nil {
			return 1
		}
		return status
	}
	hexdumpRows(out, data, skip, kind, all)
	if out.Flush() != nil {
		return 1
	}
	return status
}

// hexdumpRows writes data, whose first byte is at start; a "*" stands for rows that are the same, unless all are asked for.
func hexdumpRows(out *bufio.Writer, data []byte, start int64, kind byte, all bool) {
	width := 7
	if kind == 'C' {
		width = 8
	}
	var previous []byte
	starred := false
	for at := 0; at < len(data); at += 16 {
		row := data[at:min(at+16, len(data))]
		if !all && len(row) == 16 && bytes.Equal(row, previous) {
			if !starred {
				out.WriteString("*\n")
			}
			starred = true
			continue
		}
		previous, starred = row, false
		fmt.Fprintf(out, "%0*x", width, start+int64(at))
		hexdumpRow(out, row, kind)
		out.WriteByte('\n')
	}
	if len(data) > 0 {
		fmt.Fprintf(out, "%0*x\n", width, start+int64(len(data)))
	}
}

func hexdumpRow(out *bufio.Writer, row []byte, kind byte) {
	character := odFormat{kind: 'c'}
	for i := range 16 {
		if i < len(row) && kind == 'b' {
			fmt.Fprintf(out, " %03o", row[i])
		} else if i < len(row) && kind == 'c' {
			fmt.Fprintf(out, " %3s", character.text(row[i:i+1], nil))
		} else if kind == 'C' {
			if i%8 == 0 {
				out.WriteByte(' ')
			}
			if i < len(row) {
				fmt.Fprintf(out, " %02x", row[i])
			} else {
				out.WriteString("   ")
			}
		} else if kind == 'b' || kind == 'c' {
			out.WriteString("    ")
		} else if i%2 == 0 {
			format, blank := " %04x", "     "
			switch kind {
			case 'd':
				format, blank = "   %05d", "        "
			case 'o':
				format, blank = "  %06o", "        "
			case 'x':
				format, blank = "    %04x", "        "
			}
			if i >= len(row) {
				out.WriteString(blank)
				continue
			}
			word := int(row[i])
			if i+1 < len(row) {
				word |= int(row[i+1]) << 8
			}
			fmt.Fprintf(out, format, word)
		}
	}
	if kind == 'C' {
		out.WriteString("  |")
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			out.WriteByte(c)
		}
		out.WriteByte('|')
	}
}
