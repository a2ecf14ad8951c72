package commands

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// process is what ps and pidof tell of one: a command sees the shell that the script began in, and itself.
type process struct {
	pid  int
	name string
	args string
}

func processes(inv *shell.Invocation) []process {
	list := []process{{1, "bash", "bash"}}
	if inv.PID > 1 {
		return append(list, process{inv.PID, path.Base(inv.Args[0]), strings.Join(inv.Args, " ")})
	}
	return append(list, process{2, path.Base(inv.Args[0]), strings.Join(inv.Args, " ")})
}

func pidof(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "sqxo:S:cnmtz", Usage: "[OPTION]... PROGRAM...\nPrint the numbers of the processes that run PROGRAM.\n\n  -s        only one\n  -q        print nothing\n  -o PID    leave PID out\n  -S SEP    between numbers, instead of a space\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	single, quiet, separator := false, false, " "
	var omitted []string
	for _, o := range p.Options {
		switch o.Key {
		case "s":
			single = true
		case "q":
			quiet = true
		case "o":
			omitted = append(omitted, strings.FieldsFunc(o.Value, func(r rune) bool { return r == ',' })...)
		case "S":
			separator = o.Value
		}
	}
	var found []string
	all := processes(inv)
	slices.Reverse(all)
	for _, name := range p.Operands {
		for _, process := range all {
			pid := strconv.Itoa(process.pid)
			if process.name != path.Base(name) || slices.Contains(omitted, pid) || single && len(found) > 0 {
				continue
			}
			found = append(found, pid)
		}
	}
	if len(found) == 0 {
		return 1
	}
	if !quiet {
		fmt.Fprintln(inv.Stdout, strings.Join(found, separator))
	}
	return 0
}

const psUsage = `[OPTION]...
Print the processes of the sandbox that a command sees: the shell, and itself.

  -A, -e, a, x  all   -f, -l, u  more columns   -o COLUMN,...  pid ppid user comm args stat tty time
`

func ps(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: psUsage, Short: "AeaxfluwTHo:p:C:u:t:", Long: "format:=o pid:=p no-headers no-heading=no-headers"}
	call := *inv
	if call.Args = slices.Clone(inv.Args); len(call.Args) > 1 && call.Args[1] != "" && strings.Trim(call.Args[1], "aux") == "" {
		call.Args[1] = "-" + strings.ReplaceAll(call.Args[1], "u", "f")
	}
	p, status := spec.Parse(&call)
	if p == nil {
		return status
	}
	columns, headings := []string{"pid", "tty", "time", "comm"}, true
	for _, o := range p.Options {
		switch o.Key {
		case "f", "l":
			columns = []string{"user", "pid", "ppid", "tty", "time", "args"}
		case "o":
			columns = strings.FieldsFunc(o.Value, func(r rune) bool { return r == ',' || r == ' ' })
		case "no-headers":
			headings = false
		}
	}
	var rows [][]string
	if headings {
		var row []string
		for _, c := range columns {
			row = append(row, map[string]string{"comm": "CMD", "args": "CMD", "tty": "TTY"}[c])
			if row[len(row)-1] == "" {
				row[len(row)-1] = strings.ToUpper(c)
			}
		}
		rows = append(rows, row)
	}
	for _, process := range processes(inv) {
		var row []string
		for _, c := range columns {
			value, ok := map[string]string{"pid": strconv.Itoa(process.pid), "ppid": strconv.Itoa(min(process.pid-1, 1)), "user": cli.AgentName, "comm": process.name,
				"args": process.args, "cmd": process.args, "stat": "R", "tty": "?", "time": "00:00:00"}[c]
			if !ok {
				inv.Errorf("error: unknown user-defined format specifier \"%s\"", c)
				return 1
			}
			row = append(row, value)
		}
		rows = append(rows, row)
	}
	left := make([]bool, len(columns))
	for i, c := range columns {
		left[i] = !strings.HasSuffix(c, "pid") && c != "time"
	}
	printTable(inv, rows, left)
	return 0
}
