package commands

import (
	"bufio"
	"context"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var columnSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Columnate lists.

  -t, --table                    create a table
  -s, --separator=STRING         characters that separate fields of the input
  -o, --output-separator=STRING  what separates columns of the table, two spaces by default
  -c, --output-width=WIDTH       width of output in number of characters, 80 by default
  -x, --fillrows                 fill rows before columns
  -N, --table-columns=NAMES      comma separated column names
  -R, --table-right=COLUMNS      right align text in these columns
  -n, -e, -L, --keep-empty-lines accepted
`,
	Short: "ts:o:c:xN:R:neLl:dH:",
	Long: "table=t separator:=s output-separator:=o output-width:=c columns:=c fillrows=x table-columns:=N table-right:=R " +
		"keep-empty-lines=L table-columns-limit:=l table-noheadings=d table-hide:=H",
}

func column(ctx context.Context, inv *shell.Invocation) int {
	p, status := columnSpec.Parse(inv)
	if p == nil {
		return status
	}
	table, sep, between, width, rows, keep := false, "", "  ", 80, false, false
	var names, right []string
	most := 0
	for _, o := range p.Options {
		switch o.Key {
		case "t":
			table = true
		case "s":
			sep = o.Value
		case "o":
			between = o.Value
		case "c":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n <= 0 {
				inv.Errorf("invalid columns argument: %s", cli.QuoteText(o.Value))
				return 1
			}
			width = n
		case "x":
			rows = true
		case "N":
			names = strings.Split(o.Value, ",")
		case "R":
			right = strings.Split(o.Value, ",")
		case "L":
			keep = true
		case "l":
			most, _ = strconv.Atoi(o.Value)
		}
	}
	out := inv.Buffered(inv.Stdout)
	var lines []string
	held := 0
	defer func() { inv.Budget.Release(held) }()
	status = eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, _ bool) {
		if len(strings.TrimSpace(string(line))) == 0 && !keep {
			return
		}
		if inv.Budget.Hold(len(line)+48) == nil {
			held += len(line) + 48
			lines = append(lines, string(line))
		}
	})
	if inv.Budget.Err() != nil {
		return 1
	}
	if table {
		columnTable(out, lines, sep, between, names, right, most)
	} else {
		columnList(out, lines, width, rows)
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

func columnWidth(s string) (n int) {
	for _, r := range s {
		n += cli.Width(r)
	}
	return n
}

// columnTable aligns fields below each other.
func columnTable(out *bufio.Writer, lines []string, sep, between string, names, right []string, most int) {
	var cells [][]string
	if names != nil {
		cells = append(cells, names)
	}
	for _, l := range lines {
		var row []string
		switch {
		case sep == "":
			row = strings.Fields(l)
		default:
			for {
				i := strings.IndexAny(l, sep)
				if i < 0 || most > 0 && len(row) == most-1 {
					break
				}
				row = append(row, l[:i])
				l = l[i+1:]
			}
			row = append(row, l)
		}
		cells = append(cells, row)
	}
	var widths []int
	for _, row := range cells {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columnWidth(c))
		}
	}
	alignRight := make([]bool, len(widths))
	for _, r := range right {
		n, err := strconv.Atoi(r)
		for i, name := range names {
			if err != nil && name == r {
				n, err = i+1, nil
			}
		}
		if err == nil && n >= 1 && n <= len(widths) {
			alignRight[n-1] = true
		}
	}
	for _, row := range cells {
		for i := range widths {
			c := ""
			if i < len(row) {
				c = row[i]
			}
			pad := strings.Repeat(" ", widths[i]-columnWidth(c))
			last := i == len(widths)-1
			switch {
			case alignRight[i]:
				out.WriteString(pad + c)
			case last:
				out.WriteString(c)
			default:
				out.WriteString(c + pad)
			}
			if !last {
				out.WriteString(between)
			}
		}
		out.WriteByte('\n')
	}
}

// columnList puts entries side by side, in columns that are a multiple of eight wide.
func columnList(out *bufio.Writer, lines []string, width int, byRows bool) {
	if len(lines) == 0 {
		return
	}
	widest := 0
	for _, l := range lines {
		widest = max(widest, columnWidth(l))
	}
	size := (widest + 8) / 8 * 8
	columns := max(width/size, 1)
	if widest >= width {
		for _, l := range lines {
			out.WriteString(l + "\n")
		}
		return
	}
	height := (len(lines) + columns - 1) / columns
	for row := range height {
		for k := 0; ; k++ {
			at, next := row+k*height, row+(k+1)*height
			more := next < len(lines)
			if byRows {
				at, next = row*columns+k, row*columns+k+1
				more = next < len(lines) && k+1 < columns
			}
			if at >= len(lines) {
				break
			}
			out.WriteString(lines[at])
			if !more {
				break
			}
			for w := columnWidth(lines[at]); w < size; w = w/8*8 + 8 {
				out.WriteByte('\t')
			}
		}
		out.WriteByte('\n')
	}
}
