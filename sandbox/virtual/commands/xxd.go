package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var xxdSpec = cli.Spec{
	Usage: `[OPTION]... [INFILE [OUTFILE]]
Make a hex dump, or with -r the reverse.

  -a        a '*' replaces lines of NUL bytes        -b        binary digits
  -c COLS   octets per line                          -e        little-endian
  -g BYTES  octets per group                         -i        output in C include file style
  -l LEN    stop after LEN octets                    -n NAME   the variable name of -i
  -o OFF    add OFF to the displayed offset          -p        plain hex dump style
  -r        convert hex dump into binary             -s SEEK   start at SEEK bytes
  -u        upper case hex letters
`,
	Short: "abc:eg:il:n:o:prs:u",
	Long:  "autoskip=a bits=b cols:=c groupsize:=g include=i len:=l name:=n offset:=o plain=p ps=p postscript=p revert=r seek:=s uppercase=u",
}

func xxd(ctx context.Context, inv *shell.Invocation) int {
	for i, a := range inv.Args { // -ps and -cols are written with one dash
		for _, long := range []string{"-ps", "-plain", "-postscript", "-revert", "-include", "-cols", "-len", "-seek", "-bits", "-groupsize"} {
			if a == long {
				copied := *inv
				copied.Args = append([]string{}, inv.Args...)
				copied.Args[i] = "-" + long
				inv = &copied
			}
		}
	}
	p, status := xxdSpec.Parse(inv)
	if p == nil {
		return status
	}
	var skipNul, bits, little, include, plain, revert bool
	cols, group, limit, offset, seek := 0, -1, int64(-1), int64(0), int64(0)
	digits, name := "0123456789abcdef", ""
	for _, o := range p.Options {
		var n int64
		if o.Has && o.Key != "n" {
			v, err := strconv.ParseInt(strings.TrimPrefix(o.Value, "+"), 0, 64)
			if err != nil {
				inv.Errorf("invalid number %s", cli.QuoteText(o.Value))
				return 1
			}
			n = v
		}
		switch o.Key {
		case "a":
			skipNul = true
		case "b":
			bits = true
		case "c":
			cols = int(min(max(n, 0), 256))
		case "e":
			little = true
		case "g":
			group = int(n)
		case "i":
			include = true
		case "l":
			limit = n
		case "n":
			name = o.Value
		case "o":
			offset = n
		case "p":
			plain = true
		case "r":
			revert = true
		case "s":
			seek = n
		case "u":
			digits = "0123456789ABCDEF"
		}
	}
	in := "-"
	if len(p.Operands) > 0 {
		in = p.Operands[0]
	}
	data, err := readAll(ctx, inv, in)
	defer inv.Budget.Release(len(data))
	if err != nil {
		inv.Errorf("%s: %v", in, err)
		return 2
	}
	var w io.Writer = inv.Stdout
	if len(p.Operands) > 1 {
		f, err := inv.OpenFile(inv.Path(p.Operands[1]), vfs.Write|vfs.Create|vfs.Truncate, 0o644)
		if err != nil {
			inv.Errorf("%s: %v", p.Operands[1], err)
			return 3
		}
		defer f.Close()
		w = f
	}
	out := inv.Buffered(w)
	if revert {
		unhex(out, data, plain)
	} else {
		if seek < 0 {
			seek = max(int64(len(data))+seek, 0)
		}
		data = data[min(seek, int64(len(data))):]
		if limit >= 0 && limit < int64(len(data)) {
			data = data[:limit]
		}
		switch {
		case plain:
			plainHex(out, data, cols, digits)
		case include:
			includeC(out, data, in, name, cols, digits)
		default:
			d := hexDump{cols: cols, group: group, bits: bits, little: little, digits: digits, offset: seek + offset, skipNul: skipNul}
			d.write(out, data)
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

func plainHex(out *bufio.Writer, data []byte, cols int, digits string) {
	if cols == 0 {
		cols = 30
	}
	for i, c := range data {
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
		if (i+1)%cols == 0 || i == len(data)-1 {
			out.WriteByte('\n')
		}
	}
}

func includeC(out *bufio.Writer, data []byte, in, name string, cols int, digits string) {
	if cols == 0 {
		cols = 12
	}
	if name == "" && in != "-" {
		name = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
				return r
			}
			return '_'
		}, in)
		if name[0] >= '0' && name[0] <= '9' {
			name = "__" + name
		}
	}
	if name != "" {
		fmt.Fprintf(out, "unsigned char %s[] = {\n", name)
	}
	for i, c := range data {
		if i%cols == 0 {
			out.WriteByte(' ')
		}
		out.WriteString(" 0x")
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
		switch {
		case i == len(data)-1:
			out.WriteByte('\n')
		case (i+1)%cols == 0:
			out.WriteString(",\n")
		default:
			out.WriteByte(',')
		}
	}
	if name != "" {
		fmt.Fprintf(out, "};\nunsigned int %s_len = %d;\n", name, len(data))
	}
}

// hexDump is the usual form of xxd.
type hexDump struct {
	cols, group           int
	bits, little, skipNul bool
	digits                string
	offset                int64
}

func (d *hexDump) write(out *bufio.Writer, data []byte) {
	if d.cols == 0 {
		d.cols = 16
		if d.bits {
			d.cols = 6
		}
	}
	if d.group < 0 {
		d.group = 2
		if d.bits {
			d.group = 1
		}
		if d.little {
			d.group = 4
		}
	}
	if d.group == 0 {
		d.group = d.cols
	}
	width := 2
	if d.bits {
		width = 8
	}
	nuls := 0
	for at := 0; at < len(data); at += d.cols {
		row := data[at:min(at+d.cols, len(data))]
		if d.skipNul && len(bytes.Trim(row, "\x00")) == 0 && at+d.cols < len(data) {
			if nuls++; nuls == 2 {
				out.WriteString("*\n")
			}
			if nuls > 1 {
				continue
			}
		} else {
			nuls = 0
		}
		fmt.Fprintf(out, "%08x: ", d.offset+int64(at))
		for i := 0; i < d.cols; i += d.group {
			size := min(d.group, d.cols-i)
			for k := range size {
				index := i + k
				if d.little {
					index = i + size - 1 - k
				}
				switch {
				case index >= len(row):
					out.WriteString(strings.Repeat(" ", width))
				case d.bits:
					fmt.Fprintf(out, "%08b", row[index])
				default:
					out.WriteByte(d.digits[row[index]>>4])
					out.WriteByte(d.digits[row[index]&15])
				}
			}
			out.WriteByte(' ')
		}
		out.WriteByte(' ')
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			out.WriteByte(c)
		}
		out.WriteByte('\n')
	}
}

// unhex writes what a hex dump stands for.
func unhex(out *bufio.Writer, data []byte, plain bool) {
	written := int64(0)
	for line := range bytes.Lines(data) {
		if !plain {
			head, rest, ok := bytes.Cut(line, []byte{':'})
			at, err := strconv.ParseInt(string(bytes.TrimSpace(head)), 16, 64)
			if !ok || err != nil {
				continue
			}
			for ; written < at && at < 1<<30; written++ {
				out.WriteByte(0)
			}
			line, _, _ = bytes.Cut(rest, []byte("  "))
		}
		high := -1
		for _, c := range line {
			var v int
			if c >= '0' && c <= '9' {
				v = int(c - '0')
			} else if lower := c | 0x20; lower >= 'a' && lower <= 'f' {
				v = int(lower-'a') + 10
			} else {
				continue
			}
			if high < 0 {
				high = v
				continue
			}
			out.WriteByte(byte(high<<4 | v))
			high = -1
			written++
		}
	}
}
