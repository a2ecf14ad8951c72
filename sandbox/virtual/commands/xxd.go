package commands

import (
	"bufio"
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
