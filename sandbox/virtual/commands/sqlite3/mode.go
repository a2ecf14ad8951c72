package sqlite3

import (
	"github.com/flue-run/flue/sandbox"
)

// format is how rows are written.
type format struct {
	mode              string
	column, row, null string // separators, and the text for NULL
	header, headerSet bool
	table             string // of INSERT statements
	widths            []int
	wrap              int
}

func newFormat() format { return format{mode: "list", column: "|", row: "\n", table: "table"} }

// modes are in the order in which sqlite3 names them.
var modes = []string{"ascii", "box", "column", "csv", "html", "insert", "json", "line", "list", "markdown", "qbox", "quote", "table", "tabs", "tcl"}

// setMode is .mode; false: there is no such mode.
func (f *format) setMode(name string) bool {
	if name == "columns" || name == "lines" {
		name = name[:len(name)-1]
	}
	switch name {
	case "ascii":
		f.column, f.row = "\x1f", "\x1e"
	case "csv":
		f.column, f.row = ",", "\r\n"
	case "list":
		f.column, f.row = "|", "\n"
	case "quote":
		f.column, f.row = ",", "\n"
	case "tabs":
		f.column, f.row = "\t", "\n"
	case "tcl":
		f.column, f.row = " ", "\n"
	case "qbox":
		f.wrap = 60
	case "box", "column", "html", "insert", "json", "line", "markdown", "table":
	default:
		return false
	}
	f.mode = name
	return true
}

// writer writes the rows of one statement.
type writer interface {
	row(columns []string, row []sandbox.SQLValue, first bool)
	end() // after the last row, if there was one
}

func (p *program) writer() writer {
	switch p.mode {
	case "box", "column", "markdown", "qbox", "table":
		return &tableWriter{p: p}
	case "json":
		return &jsonWriter{p}
	case "line":
		return &lineWriter{p}
	case "html":
		return &htmlWriter{p}
	case "insert":
		return &insertWriter{p}
	}
	cell := map[string]func(p *program, v sandbox.SQLValue) string{"csv": (*program).csv, "quote": quoted, "tcl": tcl}[p.mode]
	if cell == nil {
		cell = (*program).plain
	}
	return &listWriter{p, cell}
}
