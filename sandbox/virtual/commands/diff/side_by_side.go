package diff

import (
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

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
