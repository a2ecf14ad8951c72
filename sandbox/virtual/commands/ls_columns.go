package commands

import "github.com/flue-run/flue/sandbox/virtual/commands/cli"

// minColumn is the least width of a column: a letter and what separates it.
const minColumn = 3

// columns writes as many columns as fit: down with -C, across with -x.
func (l *lister) columns(entries []entry) {
	if len(entries) == 0 {
		return
	}
	inodes, blocks := l.prefixWidths(entries)
	labels, widths := make([]string, len(entries)), make([]int, len(entries))
	for i, e := range entries {
		prefix := l.prefix(e, inodes, blocks)
		labels[i] = prefix + l.painted(e)
		widths[i] = nameWidth(prefix + l.label(e))
	}
	n := len(entries)
	cell := func(row, col, rows, cols int) int {
		if l.format == 'x' {
			return row*cols + col
		}
		return col*rows + row
	}
	best, sizes := 1, []int{0}
	for cols := min(n, max(1, l.width/3)); cols > 1; cols-- {
		rows := (n + cols - 1) / cols
		if l.inv.Budget.Work(n) != nil {
			return
		}
		if l.format == 'C' && (n+rows-1)/rows != cols {
			continue
		}
		size, total := make([]int, cols), 0
		for col := range cols {
			for row := range rows {
				if i := cell(row, col, rows, cols); i < n {
					w := widths[i]
					if col < cols-1 {
						w += 2
					}
					size[col] = max(size[col], w, minColumn)
				}
			}
			total += size[col]
		}
		if total < l.width {
			best, sizes = cols, size
			break
		}
	}
	rows := (n + best - 1) / best
	for row := range rows {
		at, want := 0, 0
		for col := range best {
			i := cell(row, col, rows, best)
			if i >= n {
				break
			}
			l.indent(at, want)
			l.out.WriteString(labels[i])
			at = want + widths[i]
			want += sizes[col]
		}
		l.out.WriteByte('\n')
	}
}

// indent goes from one column to another with tabs where they fit.
func (l *lister) indent(from, to int) {
	for from < to {
		if l.colors == nil && l.tabs > 0 && to/l.tabs > (from+1)/l.tabs { // colours and tabs confuse terminals
			l.out.WriteByte('\t')
			from += l.tabs - from%l.tabs
		} else {
			l.out.WriteByte(' ')
			from++
		}
	}
}

func (l *lister) commas(entries []entry) {
	at := 0
	inodes, blocks := 0, 0
	for i, e := range entries {
		prefix := l.prefix(e, inodes, blocks)
		w := nameWidth(prefix + l.label(e))
		if i > 0 {
			if at+w+2 < l.width {
				l.out.WriteString(", ")
				at += 2
			} else {
				l.out.WriteString(",\n")
				at = 0
			}
		}
		l.out.WriteString(prefix + l.painted(e))
		at += w
	}
	if len(entries) > 0 {
		l.out.WriteByte('\n')
	}
}

// nameWidth is the columns that a name takes.
func nameWidth(s string) int {
	n := 0
	for _, r := range s {
		n += cli.Width(r)
	}
	return n
}
