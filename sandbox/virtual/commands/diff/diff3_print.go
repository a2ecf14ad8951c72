package diff

import (
	"fmt"
)

// show prints a block for a reader.
func (c *comparison) show(b block) {
	mark, order, same := "====", []int{0, 1, 2}, 3
	if b.odd < 3 {
		mark = fmt.Sprintf("====%d", b.odd+1)
		if same = 0; b.odd == 0 {
			same = 1
		}
		if b.odd == 1 {
			order = []int{0, 2, 1}
		}
	}
	fmt.Fprintln(c.out, mark)
	for _, i := range order {
		fmt.Fprintf(c.out, "%d:", i+1)
		command := "c"
		if b.from[i] == b.to[i] {
			command = "a"
		}
		c.out.WriteString(span(b.from[i], b.to[i]) + command + "\n")
		if i != same {
			c.lines(i, b, c.indent)
		}
	}
}

// lines prints a block's lines of one file.
func (c *comparison) lines(i int, b block, indent string) {
	f := c.files[i]
	for n := b.from[i]; n < b.to[i]; n++ {
		c.out.WriteString(indent)
		c.out.Write(f.lines[n].text)
		switch {
		case f.ended || n < len(f.lines)-1:
			c.out.WriteByte('\n')
		case indent != "":
			c.out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// merge prints MYFILE with what changed from OLDFILE to YOURFILE, and returns 1 if there were conflicts.
func (c *comparison) merge(blocks []block) (status int) {
	at := 0
	for _, b := range blocks {
		conflict := b.odd == 3 && c.bracket || b.odd == 1 && c.showSecond
		switch {
		case b.odd == 0, b.odd == 1 && !c.showSecond, b.odd == 3 && c.easy, b.odd == 2 && c.overlap:
			continue
		}
		c.lines(0, block{from: [3]int{at}, to: [3]int{b.from[0]}}, "")
		at = b.to[0]
		if !conflict {
			c.lines(2, b, "")
			continue
		}
		status = 1
		if b.odd == 3 {
			c.out.WriteString("<<<<<<< " + c.labels[0] + "\n")
			c.lines(0, b, "")
			if c.showSecond {
				c.out.WriteString("||||||| " + c.labels[1] + "\n")
				c.lines(1, b, "")
			}
		} else {
			c.out.WriteString("<<<<<<< " + c.labels[1] + "\n")
			c.lines(1, b, "")
		}
		c.out.WriteString("=======\n")
		c.lines(2, b, "")
		c.out.WriteString(">>>>>>> " + c.labels[2] + "\n")
	}
	c.lines(0, block{from: [3]int{at}, to: [3]int{len(c.files[0].lines)}}, "")
	return status
}

// script prints the commands of ed that do what merge does, from the end of the file to its begin.
func (c *comparison) script(blocks []block) {
	for n := len(blocks) - 1; n >= 0; n-- {
		b := blocks[n]
		if b.odd < 2 || b.odd == 3 && c.easy || b.odd == 2 && c.overlap {
			continue
		}
		where := span(b.from[0], b.to[0])
		switch {
		case b.to[2] == b.from[2]:
			fmt.Fprintf(c.out, "%sd\n", where)
			continue
		case b.to[0] == b.from[0]:
			fmt.Fprintf(c.out, "%sa\n", where)
		default:
			fmt.Fprintf(c.out, "%sc\n", where)
		}
		dots := false
		for _, l := range c.files[2].lines[b.from[2]:b.to[2]] {
			if dots = dots || len(l.text) > 0 && l.text[0] == '.'; len(l.text) > 0 && l.text[0] == '.' {
				c.out.WriteByte('.')
			}
			c.out.Write(l.text)
			c.out.WriteByte('\n')
		}
		c.out.WriteString(".\n")
		if dots {
			fmt.Fprintf(c.out, "%ss/^\\.//\n", span(b.from[0], b.from[0]+b.to[2]-b.from[2]))
		}
	}
	if c.quitEd {
		c.out.WriteString("w\nq\n")
	}
}
