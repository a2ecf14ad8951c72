package commands

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var calSpec = cli.Spec{
	Usage: `[OPTION]... [[[DAY] MONTH] YEAR]
Print a calendar, of this month unless told otherwise.

  -1, -3, -y      one month, three, or the whole year
  -m, --monday    weeks begin with Monday    -s, --sunday  with Sunday
  -j, --julian    days of the year
`,
	Short: "13yYmsj",
	Long:  "one=1 three=3 year=y monday=m sunday=s julian=j",
}

func cal(_ context.Context, inv *shell.Invocation) int {
	p, status := calSpec.Parse(inv)
	if p == nil {
		return status
	}
	c := calendar{width: 2}
	months, wholeYear := 1, false
	for _, o := range p.Options {
		switch o.Key {
		case "3":
			months = 3
		case "y", "Y":
			wholeYear = true
		case "m":
			c.monday = true
		case "s":
			c.monday = false
		case "j":
			c.julian, c.width = true, 3
		}
	}
	now := inv.Now().UTC()
	year, month := now.Year(), int(now.Month())
	args := p.Operands
	if len(args) == 3 {
		args = args[1:]
	}
	switch len(args) {
	case 0:
	case 2:
		n, ok := monthNumber(args[0])
		if !ok {
			inv.Errorf("illegal month value: use 1-12")
			return 1
		}
		month = n
		args = args[1:]
		fallthrough
	case 1:
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 || n > 9999 {
			inv.Errorf("illegal year value: use 1-9999")
			return 1
		}
		year = n
		wholeYear = wholeYear || len(p.Operands) == 1
	default:
		return calSpec.Misuse(inv, "bad usage")
	}
	width := 7*(c.width+1) - 1
	switch {
	case wholeYear:
		columns := 3
		if c.julian {
			columns = 2
		}
		gap := 2
		all := columns*width + (columns-1)*gap
		fmt.Fprintln(inv.Stdout, centered(strconv.Itoa(year), all))
		for first := 1; first <= 12; first += columns {
			fmt.Fprintln(inv.Stdout)
			c.print(inv, year, first, columns, gap, false)
		}
	case months == 3:
		before := time.Date(year, time.Month(month-1), 1, 0, 0, 0, 0, time.UTC)
		c.print(inv, before.Year(), int(before.Month()), 3, 2, true)
	default:
		c.print(inv, year, month, 1, 0, true)
	}
	return 0
}

func monthNumber(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, n >= 1 && n <= 12
	}
	for m := time.January; m <= time.December; m++ {
		if len(text) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), strings.ToLower(text)) {
			return int(m), true
		}
	}
	return 0, false
}

func centered(text string, width int) string {
	return strings.TrimRight(strings.Repeat(" ", max((width-len(text))/2, 0))+text, " ")
}

// calendar says how months are printed.
type calendar struct {
	monday, julian bool
	width          int // of a day
}

// print prints months side by side.
func (c *calendar) print(inv *shell.Invocation, year, month, count, gap int, withYear bool) {
	var blocks [][]string
	for i := range count {
		at := time.Date(year, time.Month(month+i), 1, 0, 0, 0, 0, time.UTC)
		if !withYear && at.Year() != year {
			break
		}
		blocks = append(blocks, c.month(at.Year(), at.Month(), withYear))
	}
	width := 7*(c.width+1) - 1
	for row := range blocks[0] {
		var line strings.Builder
		for i, b := range blocks {
			if i > 0 {
				line.WriteString(strings.Repeat(" ", gap))
			}
			fmt.Fprintf(&line, "%-*s", width, b[row])
		}
		text := line.String()
		if count == 1 || row > 0 { // the names of several months are not cut
			text = strings.TrimRight(text, " ")
		}
		fmt.Fprintln(inv.Stdout, text)
	}
}

// month is the title, the days of the week, and six weeks.
func (c *calendar) month(year int, month time.Month, withYear bool) []string {
	width := 7*(c.width+1) - 1
	title := month.String()
	if withYear {
		title += " " + strconv.Itoa(year)
	}
	var names []string
	for i := range 7 {
		if c.monday {
			i = (i + 1) % 7
		}
		names = append(names, fmt.Sprintf("%*s", c.width, time.Weekday(i).String()[:2]))
	}
	lines := []string{centered(title, width), strings.Join(names, " ")}
	at := firstWeekday(year, int(month))
	if c.monday {
		at = (at + 6) % 7
	}
	var cells []string
	for range at {
		cells = append(cells, strings.Repeat(" ", c.width))
	}
	for _, day := range daysOf(year, int(month)) {
		if c.julian {
			day += daysBefore(year, int(month))
		}
		cells = append(cells, fmt.Sprintf("%*d", c.width, day))
	}
	for len(cells) < 42 {
		cells = append(cells, strings.Repeat(" ", c.width))
	}
	for ; len(cells) > 0; cells = cells[7:] {
		lines = append(lines, strings.Join(cells[:7], " "))
	}
	return lines
}

// The calendar is Julian up to 2 September 1752, and Gregorian from 14 September 1752 on.
func leapYear(year int) bool {
	if year <= 1752 {
		return year%4 == 0
	}
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

func daysOf(year, month int) (days []int) {
	last := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && leapYear(year) {
		last = 29
	}
	for d := 1; d <= last; d++ {
		if year == 1752 && month == 9 && d > 2 && d < 14 {
			continue
		}
		days = append(days, d)
	}
	return days
}

func daysBefore(year, month int) (n int) {
	for m := 1; m < month; m++ {
		n += len(daysOf(year, m))
	}
	return n
}

// firstWeekday is the day of the week, from Sunday, on which a month begins.
func firstWeekday(year, month int) int {
	if year > 1752 || year == 1752 && month > 9 {
		return int(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Weekday())
	}
	before := year - 1 // 1 January of the year 1 was a Saturday
	return (6 + before + before/4 + daysBefore(year, month)) % 7
}
