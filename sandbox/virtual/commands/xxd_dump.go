package commands

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
)

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
