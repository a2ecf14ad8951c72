package sqlite3

import (
	"fmt"
	"strconv"
	"strings"
)

// set is a switch.
func set(to *bool, text string) int {
	switch strings.ToLower(text) {
	case "on", "yes", "true", "full", "trigger":
		*to = true
	default:
		n, err := strconv.Atoi(text)
		*to = err == nil && n != 0
	}
	return done
}

func (p *program) modeCommand(args []string) int {
	var rest []string
	for i := 0; i < len(args); i++ {
		switch arg := strings.TrimPrefix(args[i], "-"); {
		case arg == "-wrap" && i+1 < len(args):
			i++
			p.wrap, _ = strconv.Atoi(args[i])
		case strings.HasPrefix(args[i], "-"):
		default:
			rest = append(rest, args[i])
		}
	}
	if len(rest) == 0 {
		p.print("current output mode: " + p.mode + "\n")
		return done
	}
	if !p.setMode(rest[0]) {
		p.complain("Error: mode should be one of: %s", strings.Join(modes, " "))
		return failed
	}
	if p.mode == "column" && !p.headerSet {
		p.header = true
	}
	if p.mode == "insert" {
		if p.table = "table"; len(rest) > 1 {
			p.table = rest[1]
		}
	}
	return done
}

func (p *program) show([]string) int {
	on := map[bool]string{true: "on", false: "off"}
	var widths strings.Builder
	for _, n := range p.widths {
		fmt.Fprintf(&widths, "%d ", n)
	}
	output, file := "stdout", p.file
	if p.toName != "" {
		output = p.toName
	}
	if file == "" {
		file = ":memory:"
	}
	for _, line := range [][2]string{{"echo", on[p.echo]}, {"eqp", on[p.eqp]}, {"explain", "auto"}, {"headers", on[p.header]}, {"mode", p.mode},
		{"nullvalue", tcl(p, text(p.null))}, {"output", output}, {"colseparator", tcl(p, text(p.column))}, {"rowseparator", tcl(p, text(p.format.row))},
		{"stats", "off"}, {"width", widths.String()}, {"filename", file}} {
		p.print(fmt.Sprintf("%12s: %s\n", line[0], line[1]))
	}
	return done
}
