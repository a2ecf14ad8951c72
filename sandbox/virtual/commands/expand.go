package commands

import (
	"bufio"
	"context"
	"math"
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
	Short: "it:0::1::2::3::4::5::6::7::8::9::",
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
	Short: "#,at:",
	Long:  "all=a first-only tabs:=t",
}

// tabStops is a list of columns, and what follows the last: every multiple, or every so many from the last.
type tabStops struct {
	list     []int
	multiple int
	step     int
}

// add reads a list. Its sizes go on from those of the lists before it.
func (t *tabStops) add(list string) (problem string) {
	var kind byte // the sign before a number, which counts for those behind it too
	number, digits := int64(0), 0
	flush := func() string {
		size := map[byte]*int{'/': &t.multiple, '+': &t.step}[kind]
		switch {
		case digits == 0:
			return ""
		case size == nil:
			t.list = append(t.list, int(number))
		case *size != 0:
			return "'" + string(kind) + "' specifier only allowed with the last value"
		default:
			*size = int(number)
		}
		digits = 0
		return ""
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == ',' || c == ' ' || c == '\t':
			if problem := flush(); problem != "" {
				return problem
			}
		case c == '/' || c == '+':
			if digits > 0 {
				return "'" + string(c) + "' specifier not at start of number: " + cli.QuoteText(list[i:])
			}
			kind = c
		case c >= '0' && c <= '9':
			if digits == 0 {
				number = 0
			}
			digits++
			if number = number*10 + int64(c-'0'); number > math.MaxInt32 {
				large := list[i+1-digits:]
				return "tab stop is too large " + cli.QuoteText(large[:len(large)-len(strings.TrimLeft(large, "0123456789"))])
			}
		default:
			return "tab size contains invalid character(s): " + cli.QuoteText(list[i:])
		}
	}
	return flush()
}

// end completes the stops after the last list.
func (t *tabStops) end() (problem string) {
	for i, stop := range t.list {
		if stop == 0 {
			return "tab size cannot be 0"
		}
		if i > 0 && stop <= t.list[i-1] {
			return "tab sizes must be ascending"
		}
	}
	switch {
	case t.multiple > 0 && t.step > 0:
		return "'/' specifier is mutually exclusive with '+'"
	case len(t.list) == 1 && t.multiple == 0 && t.step == 0:
		*t = tabStops{multiple: t.list[0]}
	case len(t.list) == 0 && t.multiple == 0 && t.step == 0:
		t.multiple = 8
	}
	return ""
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

// tabOptions reads the tab stops. expand takes -NUM,NUM as one word; for unexpand digits and commas are options of their own.
func tabOptions(inv *shell.Invocation, options []cli.Option) (t tabStops, ok bool) {
	problem, digits := "", ""
	for _, o := range options {
		switch {
		case problem != "":
		case o.Key == "t":
			problem = t.add(o.Value)
		case o.Key == "#":
			digits += o.Value
		case o.Key == ",":
			problem, digits = t.add(digits), ""
		case o.Key >= "0" && o.Key <= "9":
			problem = t.add(o.Key + o.Value)
		}
	}
	if problem == "" {
		problem = t.add(digits)
	}
	if problem == "" {
		problem = t.end()
	}
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
	column, convert := 0, true // a line may go on in the next file
	return eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, ended bool) {
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
			column, convert = 0, true
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
		firstOnly = firstOnly || o.Key == "first-only"
	}
	all = all && !firstOnly
	out := inv.Buffered(inv.Stdout)
	column, convert := 0, true
	return eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, ended bool) {
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
			column, convert = 0, true
		}
	})
}
