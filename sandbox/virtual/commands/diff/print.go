package diff

import (
	"bytes"
	"fmt"
	"strings"
)

// span writes a range of lines, counted from 1.
func span(from, to int) string {
	if to-from <= 1 {
		return fmt.Sprint(to)
	}
	return fmt.Sprintf("%d,%d", from+1, to)
}

// line writes one line with its mark, and says when its newline is missing.
func (d *differ) line(mark string, f *file, i int) {
	color := ""
	if d.color && mark != "" {
		switch mark[0] {
		case '<', '-':
			color = "31"
		case '>', '+':
			color = "32"
		}
	}
	if color != "" {
		d.out.WriteString("\x1b[" + color + "m")
	}
	if d.initialTab && mark != "" {
		if mark = mark[:1] + "\t"; d.format == 'u' {
			mark = strings.TrimPrefix(mark, " ")
		}
	}
	d.out.WriteString(mark)
	d.text(f.lines[i].text)
	if color != "" {
		d.out.WriteString("\x1b[0m")
	}
	d.out.WriteByte('\n')
	if i == len(f.lines)-1 && !f.ended {
		d.out.WriteString("\\ No newline at end of file\n")
	}
}

// text writes what is in a line, with -t as if it began at a tab stop.
func (d *differ) text(text []byte) {
	if !d.expandTabs || bytes.IndexByte(text, '\t') < 0 {
		d.out.Write(text)
		return
	}
	column := 0
	for _, r := range string(text) {
		next := columns(string(r), column)
		if r == '\t' {
			d.out.WriteString(strings.Repeat(" ", next-column))
		} else {
			d.out.WriteRune(r)
		}
		column = next
	}
}

func (d *differ) heading(text string) {
	if d.color {
		text = "\x1b[36m" + text + "\x1b[0m"
	}
	d.out.WriteString(text + "\n")
}

func (d *differ) normal(a, b *file, changes []change) {
	for _, c := range changes {
		switch {
		case c.fromA == c.toA:
			d.heading(fmt.Sprintf("%da%s", c.fromA, span(c.fromB, c.toB)))
		case c.fromB == c.toB:
			d.heading(fmt.Sprintf("%sd%d", span(c.fromA, c.toA), c.fromB))
		default:
			d.heading(span(c.fromA, c.toA) + "c" + span(c.fromB, c.toB))
		}
		for i := c.fromA; i < c.toA; i++ {
			d.line("< ", a, i)
		}
		if c.fromA < c.toA && c.fromB < c.toB {
			d.out.WriteString("---\n")
		}
		for i := c.fromB; i < c.toB; i++ {
			d.line("> ", b, i)
		}
	}
}
