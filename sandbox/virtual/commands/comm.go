package commands

import (
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

func comm(ctx context.Context, inv *shell.Invocation) int {
	p, status := commSpec.Parse(inv)
	if p == nil {
		return status
	}
	var hide [4]bool
	delim, total, end, check, chosen := "\t", false, byte('\n'), "auto", false
	for _, o := range p.Options {
		switch o.Key {
		case "1", "2", "3":
			hide[o.Key[0]-'0'] = true
		case "check-order", "nocheck-order":
			check = o.Key
		case "output-delimiter":
			before := delim
			if delim = o.Value; delim == "" {
				delim = "\x00"
			}
			if chosen && delim != before {
				inv.Errorf("multiple output delimiters specified")
				return 1
			}
			chosen = true
		case "total":
			total = true
		case "z":
			end = 0
		}
	}
	switch {
	case len(p.Operands) == 0:
		return commSpec.Misuse(inv, "missing operand")
	case len(p.Operands) == 1:
		return commSpec.Misuse(inv, "missing operand after %s", cli.Quote(p.Operands[0]))
	case len(p.Operands) > 2:
		return commSpec.Misuse(inv, "extra operand %s", cli.Quote(p.Operands[2]))
	}
	sources, err := openSources(ctx, inv, p.Operands, end)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeSources(sources)
	out := inv.Buffered(inv.Stdout)
	var counts [4]int
	unsorted := [2]bool{}
	var last [2][]byte
	advance := func(i int) bool {
		s := sources[i]
		last[i] = append(last[i][:0], s.line...)
		had := !s.done && s.line != nil
		s.next()
		if had && !s.done && check != "nocheck-order" && bytes.Compare(last[i], s.line) > 0 && !unsorted[i] {
			unsorted[i] = true
			if check == "check-order" || counts[1]+counts[2] > 0 {
				out.Flush()
				inv.Errorf("file %d is not in sorted order", i+1)
				status = 1
				return check != "check-order"
			}
			unsorted[i] = false
		}
		return true
	}
	advance(0)
	advance(1)
	for a, b := sources[0], sources[1]; !a.done || !b.done; {
		column := 3
		switch {
		case b.done:
			column = 1
		case a.done:
			column = 2
		default:
			if c := bytes.Compare(a.line, b.line); c < 0 {
				column = 1
			} else if c > 0 {
				column = 2
			}
		}
		counts[column]++
		line := a.line
		if column == 2 {
			line = b.line
		}
		if !hide[column] {
			for k := 1; k < column; k++ {
				if !hide[k] {
					out.WriteString(delim)
				}
			}
			out.Write(line)
			if out.WriteByte(end) != nil {
				return 1
			}
		}
		if column != 2 && !advance(0) || column != 1 && !advance(1) {
			return 1
		}
	}
	if total {
		out.WriteString(strings.Join([]string{fmt.Sprint(counts[1]), fmt.Sprint(counts[2]), fmt.Sprint(counts[3]), "total"}, delim))
		out.WriteByte(end)
	}
	if out.Flush() != nil {
		return 1
	}
	if status != 0 && check == "auto" {
		inv.Errorf("input is not in sorted order")
	}
	return max(status, sourcesStatus(inv, sources))
}
