package sqlite3

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// tableWriter keeps all rows, to know how wide the columns are: box, column, markdown, table.
type tableWriter struct {
	p     *program
	names []string
	cells [][][]string // of a row, of a column, the lines
	held  int
}

func (w *tableWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	if first {
		w.names = columns
	}
	cells := make([][]string, len(row))
	size := 0
	for i, v := range row {
		value := w.p.plain(v)
		if w.p.mode == "qbox" {
			value = literal(v)
		}
		cells[i] = w.lines(value, i)
		size += len(value) + 48
	}
	if w.p.inv.Budget.Hold(size) != nil {
		return
	}
	w.held += size
	w.cells = append(w.cells, cells)
}

// lines breaks a value at ends of lines, and where it is wider than its column may be.
func (w *tableWriter) lines(value string, column int) []string {
	limit := w.p.wrap
	if column < len(w.p.widths) && w.p.widths[column] != 0 {
		limit = abs(w.p.widths[column])
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSuffix(value, "\n"), "\n") {
		var b strings.Builder
		width := 0
		for _, r := range line {
			n := cli.Width(r)
			if r == '\t' {
				n = 8 - width%8
			}
			if limit > 0 && width+n > limit && width > 0 {
				lines = append(lines, b.String())
				b.Reset()
				width = 0
			}
			if width += n; r == '\t' {
				b.WriteString(strings.Repeat(" ", n))
			} else {
				b.WriteRune(r)
			}
		}
		lines = append(lines, b.String())
	}
	return lines
}

func abs(n int) int { return max(n, -n) }

func width(s string) (n int) {
	for _, r := range s {
		n += cli.Width(r)
	}
	return n
}

// frame is the characters between cells: left, between and right of a line of text, and of three kinds of rules.
type frame struct {
	text             [3]string
	top, middle, end [3]string
	fill             string
}

var frames = map[string]frame{
	"box":      {[3]string{"│ ", " │ ", " │"}, [3]string{"┌─", "─┬─", "─┐"}, [3]string{"├─", "─┼─", "─┤"}, [3]string{"└─", "─┴─", "─┘"}, "─"},
	"table":    {[3]string{"| ", " | ", " |"}, [3]string{"+-", "-+-", "-+"}, [3]string{"+-", "-+-", "-+"}, [3]string{"+-", "-+-", "-+"}, "-"},
	"markdown": {text: [3]string{"| ", " | ", " |"}, middle: [3]string{"|-", "-|-", "-|"}, fill: "-"},
	"column":   {text: [3]string{"", "  ", ""}, middle: [3]string{"", "  ", ""}, fill: "-"},
}

func (w *tableWriter) end() {
	defer w.p.inv.Budget.Release(w.held)
	mode := w.p.mode
	if mode == "qbox" {
		mode = "box"
	}
	f := frames[mode]
	widths := make([]int, len(w.names))
	headers := make([][]string, len(w.names))
	for i, name := range w.names {
		if i < len(w.p.widths) {
			widths[i] = abs(w.p.widths[i])
		}
		headers[i] = w.lines(name, i)[:1]
		for _, line := range headers[i] {
			widths[i] = max(widths[i], width(line))
		}
	}
	several := false
	for _, row := range w.cells {
		for i, lines := range row {
			several = several || len(lines) > 1
			for _, line := range lines {
				widths[i] = max(widths[i], width(line))
			}
		}
	}
	w.rule(f, f.top, widths)
	if mode != "column" || w.p.header {
		w.line(f, headers, widths, mode != "column")
		w.rule(f, f.middle, widths)
	}
	for n, row := range w.cells {
		if n > 0 && several && mode == "column" {
			w.p.print("\n")
		} else if n > 0 && several && mode != "markdown" {
			w.rule(f, f.middle, widths)
		}
		w.line(f, row, widths, false)
	}
	w.rule(f, f.end, widths)
}

func (w *tableWriter) rule(f frame, parts [3]string, widths []int) {
	if parts == [3]string{} {
		return
	}
	w.p.print(parts[0])
	for i, n := range widths {
		if i > 0 {
			w.p.print(parts[1])
		}
		w.p.print(strings.Repeat(f.fill, n))
	}
	w.p.print(parts[2] + "\n")
}

// line prints one row, which may take several lines.
func (w *tableWriter) line(f frame, row [][]string, widths []int, centered bool) {
	height := 1
	for _, lines := range row {
		height = max(height, len(lines))
	}
	for n := range height {
		w.p.print(f.text[0])
		for i, lines := range row {
			if i > 0 {
				w.p.print(f.text[1])
			}
			cell := ""
			if n < len(lines) {
				cell = lines[n]
			}
			pad := widths[i] - width(cell)
			left := 0
			if centered {
				left = pad / 2
			} else if i < len(w.p.widths) && w.p.widths[i] < 0 {
				left = pad
			}
			w.p.print(strings.Repeat(" ", left) + cell + strings.Repeat(" ", pad-left))
		}
		w.p.print(f.text[2] + "\n")
	}
}

// planWriter draws the tree of EXPLAIN QUERY PLAN.
type planWriter struct {
	p     *program
	steps []planStep
}

type planStep struct{ id, parent, text string }

func (w *planWriter) row(_ []string, row []sandbox.SQLValue, _ bool) {
	w.steps = append(w.steps, planStep{string(row[0].Text), string(row[1].Text), string(row[3].Text)})
}

func (w *planWriter) end() {
	w.p.print("QUERY PLAN\n")
	w.below("0", "")
}

func (w *planWriter) below(parent, indent string) {
	var children []planStep
	for _, s := range w.steps {
		if s.parent == parent {
			children = append(children, s)
		}
	}
	for i, s := range children {
		branch, more := "|--", "|  "
		if i == len(children)-1 {
			branch, more = "`--", "   "
		}
		w.p.print(indent + branch + s.text + "\n")
		if len(indent) < 300 {
			w.below(s.id, indent+more)
		}
	}
}

// explainWriter prints the instructions that EXPLAIN shows.
type explainWriter struct{ p *program }

func (w *explainWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	widths := []int{4, 13, 4, 4, 4, 13, 2, 13}
	line := func(cell func(i int) string) {
		var b strings.Builder
		for i := range min(len(row), len(widths)) {
			fmt.Fprintf(&b, "%-*s", widths[i], cell(i))
			if i < len(row)-1 {
				b.WriteString("  ")
			}
		}
		w.p.print(b.String() + "\n")
	}
	if first {
		line(func(i int) string { return columns[i] })
		line(func(i int) string { return strings.Repeat("-", widths[i]) })
	}
	line(func(i int) string { return w.p.plain(row[i]) })
}

func (w *explainWriter) end() {}
