package diff

import (
	"fmt"
	"slices"
	"strings"
)

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

// copied writes the context format: of every hunk the lines of the one file, then those of the other, where any has changed.
func (d *differ) copied(a, b *file, changes []change) {
	d.header("***", a, 0)
	d.header("---", b, 1)
	for _, hunk := range d.hunks(changes) {
		e := d.extent(a, b, hunk)
		d.out.WriteString("***************" + d.function(a, e.fromA) + "\n")
		d.heading("*** " + span(e.fromA, e.toA) + " ****")
		d.copiedSide(a, "- ", e, hunk)
		mirrored := make([]change, len(hunk))
		for i, c := range hunk {
			mirrored[i] = c.mirrored()
		}
		d.heading("--- " + span(e.fromB, e.toB) + " ----")
		d.copiedSide(b, "+ ", e.mirrored(), mirrored)
	}
}

// copiedSide writes the lines of a hunk's first file; mark is for lines that have none beside them.
func (d *differ) copiedSide(f *file, mark string, extent change, hunk []change) {
	if !slices.ContainsFunc(hunk, func(c change) bool { return c.toA > c.fromA }) {
		return
	}
	i := extent.fromA
	for _, c := range hunk {
		for ; i < c.fromA; i++ {
			d.line("  ", f, i)
		}
		changed := mark
		if c.toB > c.fromB {
			changed = "! "
		}
		for ; i < c.toA; i++ {
			d.line(changed, f, i)
		}
	}
	for ; i < extent.toA; i++ {
		d.line("  ", f, i)
	}
}
