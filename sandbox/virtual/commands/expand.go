package commands

import (
	"bufio"
	"context"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var expandSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Convert tabs in each FILE to spaces, writing to standard output.

  -i, --initial    do not convert tabs after non blanks
  -t, --tabs=N     have tabs N characters apart, not 8
  -t, --tabs=LIST  use comma separated list of tab positions; the last may begin with '/' or '+'
`,
	Short: "#it:",
	Long:  "initial=i tabs:=t",
}

var unexpandSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Convert blanks in each FILE to tabs, writing to standard output.

  -a, --all        convert all blanks, instead of just initial blanks
      --first-only convert only leading sequences of blanks (overrides -a)
  -t, --tabs=N     have tabs N characters apart instead of 8 (enables -a)
  -t, --tabs=LIST  use comma separated list of tab positions; the last may begin with '/' or '+'
`,
	Short: "#at:",
	Long:  "all=a first-only tabs:=t",
}

// tabStops is a list of columns, and what follows the last: every multiple, or every so many from the last.
type tabStops struct {
	list     []int
	multiple int
	step     int
}

func parseTabs(list string) (t tabStops, problem string) {
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		kind := byte(0)
		if item[0] == '/' || item[0] == '+' {
			kind, item = item[0], item[1:]
		}
		if item == "" && kind != 0 { // a sign without a number
			continue
		}
		n, err := strconv.Atoi(item)
		switch {
		case t.multiple > 0 || t.step > 0:
			sign := "/"
			if t.step > 0 {
				sign = "+"
			}
			return t, cli.Quote(sign) + " specifier only allowed with the last value"
		case n == 0 && kind != 0 && err == nil:
			continue
		case strings.Trim(item, "0123456789") != "":
			return t, "tab size contains invalid character(s): " + cli.Quote(strings.TrimLeft(item, "0123456789"))
		case err != nil:
			return t, "tab stop is too large " + cli.Quote(item)
		case n == 0:
			return t, "tab size cannot be 0"
		case kind == '/':
			t.multiple = n
		case kind == '+':
			t.step = n
		case len(t.list) > 0 && n <= t.list[len(t.list)-1]:
			return t, "tab sizes must be ascending"
		default:
			t.list = append(t.list, n)
		}
	}
	switch {
	case len(t.list) == 1 && t.multiple == 0 && t.step == 0:
		t = tabStops{multiple: t.list[0]}
	case len(t.list) == 0 && t.multiple == 0 && t.step == 0:
		t.multiple = 8
	}
	return t, ""
}

// next is the first stop behind column, and false if there is none.
func (t *tabStops) next(column int) (int, bool) {
	last := 0
	for _, stop := range t.list {
		if stop > column {
			return stop, true
		}
		last = stop
	}
	switch {
	case t.multiple > 0:
		return column + t.multiple - column%t.multiple, true
	case t.step > 0:
		return column + t.step - (column-last)%t.step, true
	}
	return column + 1, false
}

// tabOptions reads -t in all its ways.
func tabOptions(inv *shell.Invocation, options []cli.Option) (t tabStops, ok bool) {
	var lists []string
	for _, o := range options {
		if o.Key == "t" || o.Key == "#" {
			lists = append(lists, o.Value)
		}
	}
	t, problem := parseTabs(strings.Join(lists, ","))
	if problem != "" {
		inv.Errorf("%s", problem)
		return t, false
	}
	return t, true
}

func expand(ctx context.Context, inv *shell.Invocation) int {
	p, status := expandSpec.Parse(inv)
	if p == nil {
		return status
	}
	tabs, ok := tabOptions(inv, p.Options)
	if !ok {
		return 1
	}
	initial := false
	for _, o := range p.Options {
		initial = initial || o.Key == "i"
	}
	out := inv.Buffered(inv.Stdout)
	return eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, ended bool) {
		column, convert := 0, true
		for _, c := range line {
			switch {
			case c == '\t' && convert:
				stop, _ := tabs.next(column)
				blanks(out, stop-column)
				column = stop
				continue
			case c == '\b':
				column = max(column-2, -1)
			case initial && c != ' ' && c != '\t':
				convert = false
			}
			column++
			out.WriteByte(c)
		}
		if ended {
			out.WriteByte('\n')
		}
	})
}

// blanks writes n of them, as far as somebody takes them.
func blanks(out *bufio.Writer, n int) {
	for ; n > 0; n-- {
		if out.WriteByte(' ') != nil {
			return
		}
	}
}

func unexpand(ctx context.Context, inv *shell.Invocation) int {
	p, status := unexpandSpec.Parse(inv)
	if p == nil {
		return status
	}
	tabs, ok := tabOptions(inv, p.Options)
	if !ok {
		return 1
	}
	all, firstOnly := false, false
	for _, o := range p.Options {
		all = all || o.Key == "a" || o.Key == "t"
		firstOnly = firstOnly || o.Key == "first-only" || o.Key == "#"
	}
	all = all && !firstOnly
	out := inv.Buffered(inv.Stdout)
	return eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, ended bool) {
		column, convert := 0, true
		for i := 0; i < len(line); {
			if !convert || line[i] != ' ' && line[i] != '\t' {
				out.WriteByte(line[i])
				column++
				convert = convert && all
				i++
				continue
			}
			start, at := i, column // a run of blanks, and the column written so far
			for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
				stop, more := tabs.next(column)
				if !more {
					break
				}
				if line[i] == '\t' {
					column = stop
				} else {
					column++
				}
				i++
				if column == stop {
					// A single blank before a stop stays as it is, unless more blanks follow.
					if stop-at == 1 && line[i-1] == ' ' && (i >= len(line) || line[i] != ' ' && line[i] != '\t') && i-start == 1 {
						out.WriteByte(' ')
					} else {
						out.WriteByte('\t')
					}
					at = column
				}
			}
			blanks(out, column-at)
			if i == start {
				out.WriteByte(line[i])
				column++
				i++
				convert = false
			}
		}
		if ended {
			out.WriteByte('\n')
		}
	})
}
