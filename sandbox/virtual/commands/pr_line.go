package commands

import (
	"fmt"
	"strings"
)

// prLine is a line of output as it grows. Spaces wait until something follows them.
type prLine struct {
	at   int // the column that is written up to
	want int // and the one that is to come next
}

// pad has the next character come at a column.
func (p *printer) pad(column int) { p.line.want = max(p.line.want, column) }

// fill writes the spaces that wait, as tabs where -i says so.
func (p *printer) fill() {
	l := &p.line
	if p.prLayout.out.on {
		for width := p.prLayout.out.width; l.want-l.at > 1 && l.at+width-l.at%width <= l.want; {
			p.out.WriteByte(p.prLayout.out.char)
			l.at += width - l.at%width
		}
	}
	for ; l.at < l.want; l.at++ {
		p.out.WriteByte(' ')
	}
}

// indent begins a line with its margin.
func (p *printer) indent() { p.line = prLine{want: p.margin} }

// put writes a character that takes so many columns.
func (p *printer) put(c byte, width int) {
	p.fill()
	p.out.WriteByte(c)
	p.line.at = max(p.line.at+width, 0)
	p.line.want = p.line.at
}

// row writes the cells of a row; those without a line are not there.
func (p *printer) row(cells []prCell) {
	p.indent()
	if !p.prLayout.out.on {
		p.fill()
	}
	start := p.margin
	if p.merge && p.number {
		p.writeNumber(cells[0].number, start)
		start += p.numberWidth()
	}
	width := p.columnWidth()
	last := len(cells) - 1
	if !p.merge {
		for last > 0 && cells[last].line == nil {
			last--
		}
	}
	for c := 0; c <= last; c++ {
		if c > 0 {
			if !p.join {
				p.pad(start + width)
				start += width + len(p.separator)
			}
			for _, b := range []byte(p.separator) {
				if b == ' ' {
					p.pad(p.line.want + 1)
				} else {
					p.put(b, 1)
				}
			}
			p.fill()
			if p.join {
				start = p.line.want
			}
		}
		room := width
		if p.number && !p.merge && cells[c].line != nil {
			p.writeNumber(cells[c].number, start)
			room -= p.numberWidth()
		}
		p.text(cells[c].line, room)
	}
	p.out.WriteByte('\n') // spaces at the end of the last cell are left out
}

// writeNumber writes a line's number.
func (p *printer) writeNumber(n, start int) {
	n += p.startAt - 1
	text := fmt.Sprintf("%*d", p.digits, n)
	text = text[len(text)-p.digits:]
	trimmed := strings.TrimLeft(text, " ")
	p.pad(p.line.want + len(text) - len(trimmed))
	for i := range len(trimmed) {
		p.put(trimmed[i], 1)
	}
	switch {
	case p.numberSep != '\t':
		p.put(p.numberSep, 1)
	case p.columns > 1 || p.merge:
		p.pad(start + p.numberWidth())
	default:
		width := p.prLayout.out.width
		p.put('\t', width-p.line.at%width)
	}
}

// text writes as much of a cell's line as fits into so many columns, and one character at least.
func (p *printer) text(line []byte, room int) {
	at := 0 // in the line
	for i, c := range line {
		fits := func(width int) bool { at += width; return at <= room || i == 0 }
		switch {
		case c == '\t', c == p.in.char && p.in.on:
			width := 8
			if c == p.in.char {
				width = p.in.width
			}
			width -= at % width
			switch fit := fits(width); {
			case p.in.on:
				p.pad(p.line.want + width)
			case !fit:
				return
			default:
				p.put(c, 0)
			}
		case c == ' ' && p.prLayout.out.on:
			if !fits(1) {
				return
			}
			p.pad(p.line.want + 1)
		case c < ' ' || c >= 0x7f:
			shown := p.visible(c)
			if !fits(len(shown)) {
				return
			}
			for _, b := range []byte(shown) {
				p.put(b, 1)
			}
			if shown == "" {
				width := 0
				if c == '\b' {
					width = -1
				}
				p.put(c, width)
				at = max(at+width, 0)
			}
		default:
			if !fits(1) {
				return
			}
			p.put(c, 1)
		}
	}
}

// visible is what -c and -v show for a character that has no form; "" without them.
func (p *printer) visible(c byte) string {
	switch {
	case p.octal, p.hats && c >= 0x80:
		return fmt.Sprintf(`\%03o`, c)
	case p.hats:
		return "^" + string(c^0x40)
	}
	return ""
}
