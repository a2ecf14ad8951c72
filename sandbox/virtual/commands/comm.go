package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var commSpec = cli.Spec{
	Usage: `[OPTION]... FILE1 FILE2
Compare sorted files FILE1 and FILE2 line by line: lines unique to FILE1, unique to FILE2, and in both.

  -1, -2, -3               suppress column 1, 2, 3
      --check-order        check that the input is correctly sorted
      --nocheck-order      do not check
      --output-delimiter=STR  separate columns with STR
      --total              output a summary
  -z, --zero-terminated    line delimiter is NUL, not newline
`,
	Short: "123z",
	Long:  "check-order nocheck-order output-delimiter: total zero-terminated=z",
}

// commer is one call of comm.
type commer struct {
	inv     *shell.Invocation
	out     *bufio.Writer
	hide    [4]bool // by column, from 1
	delim   string
	chosen  bool // delim, by an option
	total   bool
	end     byte
	check   string // "check-order", "nocheck-order", or "auto" to complain only once both files had a line of their own
	sources []*source
	last    [2][]byte
	counts  [4]int
	status  int

	complained [2]bool // of a file's order
}

func comm(ctx context.Context, inv *shell.Invocation) int {
	p, status := commSpec.Parse(inv)
	if p == nil {
		return status
	}
	c := &commer{inv: inv, delim: "\t", end: '\n', check: "auto"}
	for _, o := range p.Options {
		if !c.option(o) {
			return 1
		}
	}
	switch {
	case len(p.Operands) == 0:
		return commSpec.Misuse(inv, "missing operand")
	case len(p.Operands) == 1:
		return commSpec.Misuse(inv, "missing operand after %s", cli.QuoteText(p.Operands[0]))
	case len(p.Operands) > 2:
		return commSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[2]))
	}
	var err error
	if c.sources, err = openSources(ctx, inv, p.Operands, c.end); err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeSources(c.sources)
	c.out = inv.Buffered(inv.Stdout)
	if !c.run() {
		return 1
	}
	if c.total {
		c.out.WriteString(strings.Join([]string{fmt.Sprint(c.counts[1]), fmt.Sprint(c.counts[2]), fmt.Sprint(c.counts[3]), "total"}, strings.TrimPrefix(c.delim, "\x00")))
		c.out.WriteByte(c.end)
	}
	if c.out.Flush() != nil {
		return 1
	}
	if c.status != 0 && c.check == "auto" {
		inv.Errorf("input is not in sorted order")
	}
	return max(c.status, sourcesStatus(inv, c.sources))
}

// option takes an option; false after a complaint.
func (c *commer) option(o cli.Option) bool {
	switch o.Key {
	case "1", "2", "3":
		c.hide[o.Key[0]-'0'] = true
	case "check-order", "nocheck-order":
		c.check = o.Key
	case "output-delimiter":
		before := c.delim
		if c.delim = o.Value; c.delim == "" {
			c.delim = "\x00"
		}
		if c.chosen && c.delim != before {
			c.inv.Errorf("multiple output delimiters specified")
			return false
		}
		c.chosen = true
	case "total":
		c.total = true
	case "z":
		c.end = 0
	}
	return true
}

// run goes through both files; false ends comm.
func (c *commer) run() bool {
	c.advance(0)
	c.advance(1)
	for a, b := c.sources[0], c.sources[1]; !a.done || !b.done; {
		column := 3
		switch {
		case b.done:
			column = 1
		case a.done:
			column = 2
		default:
			if order := bytes.Compare(a.line, b.line); order < 0 {
				column = 1
			} else if order > 0 {
				column = 2
			}
		}
		c.counts[column]++
		line := a.line
		if column == 2 {
			line = b.line
		}
		if !c.put(column, line) || column != 2 && !c.advance(0) || column != 1 && !c.advance(1) {
			return false
		}
	}
	return true
}

// put writes a line in a column, unless that is hidden.
func (c *commer) put(column int, line []byte) bool {
	if c.hide[column] {
		return true
	}
	for k := 1; k < column; k++ {
		if !c.hide[k] {
			c.out.WriteString(c.delim)
		}
	}
	c.out.Write(line)
	return c.out.WriteByte(c.end) == nil
}

// advance reads the next line of a file; false if it must be sorted and is not.
func (c *commer) advance(i int) bool {
	s := c.sources[i]
	c.last[i] = append(c.last[i][:0], s.line...)
	had := !s.done && s.line != nil
	s.next()
	unsorted := had && !s.done && bytes.Compare(c.last[i], s.line) > 0
	switch {
	case !unsorted, c.complained[i], c.check == "nocheck-order", c.check == "auto" && c.counts[1]+c.counts[2] == 0:
		return true
	}
	c.complained[i] = true
	c.out.Flush()
	c.inv.Errorf("file %d is not in sorted order", i+1)
	c.status = 1
	return c.check != "check-order"
}
