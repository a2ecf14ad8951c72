package diff

import (
	"fmt"
	"strconv"
)

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
