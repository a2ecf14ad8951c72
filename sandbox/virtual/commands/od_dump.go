package commands

import (
	"bytes"
	"fmt"
	"strings"
)

// writeStrings writes the strings of at least so many printable characters that end in NUL.
func (d *dumper) writeStrings(data []byte) {
	format := map[byte]string{'d': "%07d ", 'o': "%07o ", 'x': "%06x "}[d.radix]
	begin := 0
	for i, c := range data {
		switch {
		case c == 0:
			if i-begin >= d.strings {
				if d.radix != 'n' {
					fmt.Fprintf(d.out, format, d.skip+int64(begin))
				}
				d.out.Write(data[begin:i])
				d.out.WriteByte('\n')
			}
			begin = i + 1
		case c < ' ' || c > '~':
			begin = i + 1
		}
	}
}

// unit is the size of the largest type: a line has whole ones.
func (d *dumper) unit() int {
	unit := 1
	for _, f := range d.formats {
		unit = max(unit, f.size)
	}
	return unit
}

// address writes where a line is; the last one stands alone.
func (d *dumper) address(at int64, last bool) {
	if d.radix == 'n' {
		return
	}
	format := map[byte]string{'d': "%07d", 'o': "%07o", 'x': "%06x"}[d.radix]
	fmt.Fprintf(d.out, format, d.skip+at)
	if d.label >= 0 {
		fmt.Fprintf(d.out, " ("+format+")", at+d.label)
	}
	if last {
		d.out.WriteByte('\n')
	}
}

func (d *dumper) dump(data []byte) {
	// Numbers of different formats stand below each other: all take the room of the widest.
	unit, room := d.unit(), 0
	for _, f := range d.formats {
		room = max(room, (f.width+1)*(unit/f.size))
	}
	var previous []byte
	starred := false
	for at := 0; at < len(data); at += d.row {
		b := data[at:min(at+d.row, len(data))]
		if !d.all && previous != nil && len(b) == d.row && bytes.Equal(b, previous) {
			if !starred {
				d.out.WriteString("*\n")
			}
			starred = true
			continue
		}
		previous, starred = b, false
		for i, f := range d.formats {
			if i == 0 {
				d.address(int64(at), false)
			} else if d.radix != 'n' {
				d.out.WriteString(strings.Repeat(" ", map[byte]int{'d': 7, 'o': 7, 'x': 6}[d.radix]))
			}
			d.line(f, b, unit/f.size, room)
		}
	}
	d.address(int64(len(data)), true)
}

// line writes a line's bytes in one format, per numbers for each of the widest, which take so much room.
func (d *dumper) line(f odFormat, b []byte, per, room int) {
	part := make([]byte, f.size)
	for k := 0; k < len(b); k += f.size {
		clear(part)
		copy(part, b[k:])
		n := k / f.size
		// What a field has too much of room is spread, the first ones getting more.
		spare := room - (f.width+1)*per
		left := per - n%per
		width := f.width + 1 + spare*left/per - spare*(left-1)/per
		fmt.Fprintf(d.out, "%*s", width, f.text(part, d.order))
	}
	if f.ascii {
		missing := (d.row - len(b) + f.size - 1) / f.size
		d.out.WriteString(strings.Repeat(" ", missing*room/per) + "  >")
		for _, c := range b {
			if c < ' ' || c > '~' {
				c = '.'
			}
			d.out.WriteByte(c)
		}
		d.out.WriteByte('<')
	}
	d.out.WriteByte('\n')
}
