package diff

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
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

// function is what stands behind the heading of a hunk that begins at line from: the last line before it that -F or -p shows.
func (d *differ) function(f *file, from int) string {
	if d.functions == nil {
		return ""
	}
	for i := from - 1; i >= 0; i-- {
		if d.inv.Budget.Work(1) != nil {
			return ""
		}
		if d.functions.Match(f.lines[i].text) {
			text := strings.TrimLeft(string(f.lines[i].text), " \t")
			return " " + strings.TrimRight(text[:min(len(text), 40)], " \t")
		}
	}
	return ""
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

// ed writes an ed script, last change first.
func (d *differ) ed(b *file, changes []change) {
	for k := len(changes) - 1; k >= 0; k-- {
		c := changes[k]
		switch {
		case c.fromA == c.toA:
			fmt.Fprintf(d.out, "%da\n", c.fromA)
		case c.fromB == c.toB:
			d.out.WriteString(span(c.fromA, c.toA) + "d\n")
			continue
		default:
			d.out.WriteString(span(c.fromA, c.toA) + "c\n")
		}
		for i := c.fromB; i < c.toB; i++ {
			if string(b.lines[i].text) == "." {
				d.out.WriteString("..\n.\ns/.//\na\n")
				continue
			}
			d.out.Write(b.lines[i].text)
			d.out.WriteByte('\n')
		}
		d.out.WriteString(".\n")
	}
}

// forwardEd writes changes as ed does, from the first on, which no ed can read.
func (d *differ) forwardEd(b *file, changes []change) {
	lines := func(letter string, from, to int) {
		text := letter + strconv.Itoa(from+1)
		if to > from+1 {
			text += " " + strconv.Itoa(to)
		}
		d.out.WriteString(text + "\n")
	}
	for _, c := range changes {
		switch {
		case c.fromA == c.toA:
			fmt.Fprintf(d.out, "a%d\n", c.fromA)
		case c.fromB == c.toB:
			lines("d", c.fromA, c.toA)
			continue
		default:
			lines("c", c.fromA, c.toA)
		}
		for i := c.fromB; i < c.toB; i++ {
			d.out.Write(b.lines[i].text)
			d.out.WriteByte('\n')
		}
		d.out.WriteString(".\n")
	}
}

// rcs writes what rcs(1) reads: lines of the first file that go, and lines that come behind one of it.
func (d *differ) rcs(b *file, changes []change) {
	for _, c := range changes {
		if c.toA > c.fromA {
			fmt.Fprintf(d.out, "d%d %d\n", c.fromA+1, c.toA-c.fromA)
		}
		if c.toB == c.fromB {
			continue
		}
		fmt.Fprintf(d.out, "a%d %d\n", c.toA, c.toB-c.fromB)
		for j := c.fromB; j < c.toB; j++ {
			d.out.Write(b.lines[j].text)
			if j < len(b.lines)-1 || b.ended {
				d.out.WriteByte('\n')
			}
		}
	}
}

// hunks groups changes whose context touches.
func (d *differ) hunks(changes []change) (groups [][]change) {
	for i, c := range changes {
		if i > 0 && c.fromA-changes[i-1].toA <= 2*d.around {
			groups[len(groups)-1] = append(groups[len(groups)-1], c)
		} else {
			groups = append(groups, []change{c})
		}
	}
	return groups
}

// extent is the lines of a hunk with its context.
func (d *differ) extent(a, b *file, hunk []change) change {
	first, last := hunk[0], hunk[len(hunk)-1]
	before := min(d.around, first.fromA, first.fromB)
	after := min(d.around, len(a.lines)-last.toA, len(b.lines)-last.toB)
	return change{first.fromA - before, last.toA + after, first.fromB - before, last.toB + after}
}

func (d *differ) header(mark string, f *file, side int) {
	name := f.name + "\t" + f.info.ModTime.UTC().Format("2006-01-02 15:04:05.000000000 -0700")
	if side < len(d.labels) {
		name = d.labels[side]
	}
	if d.color {
		d.out.WriteString("\x1b[1m" + mark + " " + name + "\x1b[0m\n")
		return
	}
	d.out.WriteString(mark + " " + name + "\n")
}

func (d *differ) unified(a, b *file, changes []change) {
	d.header("---", a, 0)
	d.header("+++", b, 1)
	count := func(from, to int) string {
		switch to - from {
		case 0:
			return fmt.Sprintf("%d,0", from)
		case 1:
			return fmt.Sprint(to)
		}
		return fmt.Sprintf("%d,%d", from+1, to-from)
	}
	for _, hunk := range d.hunks(changes) {
		e := d.extent(a, b, hunk)
		d.heading("@@ -" + count(e.fromA, e.toA) + " +" + count(e.fromB, e.toB) + " @@" + d.function(a, e.fromA))
		i := e.fromA
		for _, c := range hunk {
			for ; i < c.fromA; i++ {
				d.line(" ", a, i)
			}
			for ; i < c.toA; i++ {
				d.line("-", a, i)
			}
			for j := c.fromB; j < c.toB; j++ {
				d.line("+", b, j)
			}
		}
		for ; i < e.toA; i++ {
			d.line(" ", a, i)
		}
	}
}

// copied writes the context format.
func (d *differ) copied(a, b *file, changes []change) {
	d.header("***", a, 0)
	d.header("---", b, 1)
	for _, hunk := range d.hunks(changes) {
		e := d.extent(a, b, hunk)
		d.out.WriteString("***************" + d.function(a, e.fromA) + "\n")
		deleted, inserted := false, false
		for _, c := range hunk {
			deleted = deleted || c.toA > c.fromA
			inserted = inserted || c.toB > c.fromB
		}
		d.heading("*** " + span(e.fromA, e.toA) + " ****")
		if deleted {
			i := e.fromA
			for _, c := range hunk {
				for ; i < c.fromA; i++ {
					d.line("  ", a, i)
				}
				mark := "- "
				if c.toB > c.fromB {
					mark = "! "
				}
				for ; i < c.toA; i++ {
					d.line(mark, a, i)
				}
			}
			for ; i < e.toA; i++ {
				d.line("  ", a, i)
			}
		}
		d.heading("--- " + span(e.fromB, e.toB) + " ----")
		if inserted {
			j := e.fromB
			for _, c := range hunk {
				for ; j < c.fromB; j++ {
					d.line("  ", b, j)
				}
				mark := "+ "
				if c.toA > c.fromA {
					mark = "! "
				}
				for ; j < c.toB; j++ {
					d.line(mark, b, j)
				}
			}
			for ; j < e.toB; j++ {
				d.line("  ", b, j)
			}
		}
	}
}

// gutter is the least room between the columns.
const gutter = 3

// sideBySide writes both files in columns.
func (d *differ) sideBySide(a, b *file, changes []change) {
	// The second column begins at a tab stop, if there are tabs.
	stop := 8
	if d.expandTabs {
		stop = 1
	}
	offset := (d.width + stop + gutter) / (2 * stop) * stop
	half := max(min(offset-gutter, d.width-offset), 0)
	row := func(left, right *line, mark byte, ended bool) {
		column := 0
		if left != nil {
			text := clip(string(left.text), half)
			d.text([]byte(text))
			column = columns(text, 0)
		}
		if mark != ' ' {
			d.tab(column, (half+offset-1)/2)
			d.out.WriteByte(mark)
			column = (half+offset-1)/2 + 1
		}
		if right != nil && len(right.text) > 0 {
			d.tab(column, offset)
			d.text([]byte(clip(string(right.text), half)))
		}
		if ended {
			d.out.WriteByte('\n')
		}
	}
	endedA := func(i int) bool { return a.ended || i < len(a.lines)-1 }
	endedB := func(j int) bool { return b.ended || j < len(b.lines)-1 }
	i, j := 0, 0
	common := func(to int) {
		for ; i < to; i, j = i+1, j+1 {
			if d.leftColumn {
				row(&a.lines[i], nil, '(', endedA(i))
			} else if !d.onlyChanges {
				row(&a.lines[i], &b.lines[j], ' ', endedA(i))
			}
		}
	}
	for _, c := range changes {
		common(c.fromA)
		for i < c.toA || j < c.toB {
			switch {
			case i < c.toA && j < c.toB:
				mark := byte('|')
				switch {
				case endedA(i) && !endedB(j):
					mark = '/'
				case !endedA(i) && endedB(j):
					mark = '\\'
				}
				row(&a.lines[i], &b.lines[j], mark, true)
				i++
				j++
			case i < c.toA:
				row(&a.lines[i], nil, '<', true)
				i++
			default:
				row(nil, &b.lines[j], '>', true)
				j++
			}
		}
	}
	common(len(a.lines))
}

// tab goes from one column to another with tabs and spaces.
func (d *differ) tab(from, to int) {
	for !d.expandTabs && from/8*8+8 <= to {
		if d.out.WriteByte('	') != nil {
			return
		}
		from = from/8*8 + 8
	}
	for ; from < to; from++ {
		if d.out.WriteByte(' ') != nil {
			return
		}
	}
}

func columns(text string, column int) int {
	for _, r := range text {
		if r == '\t' {
			column = column/8*8 + 8
		} else {
			column += cli.Width(r)
		}
	}
	return column
}

// clip cuts text that is wider than a column.
func clip(text string, width int) string {
	column := 0
	for i, r := range text {
		if column = columns(string(r), column); column > width {
			return text[:i]
		}
	}
	return text
}
