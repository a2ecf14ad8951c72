package sqlite3

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

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

// plain is a value as text, up to a NUL.
func (p *program) plain(v sandbox.SQLValue) string {
	if v.Kind == sandbox.SQLNull {
		return p.null
	}
	text, _, _ := strings.Cut(string(v.Text), "\x00")
	return text
}

// csv quotes what has a separator, a blank, a quotation mark or other than ASCII in it.
func (p *program) csv(v sandbox.SQLValue) string {
	if v.Kind == sandbox.SQLNull {
		return p.null
	}
	text := p.plain(v)
	odd := func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' || r >= 0x7f }
	if text != "" && strings.IndexFunc(text, odd) < 0 && !strings.Contains(text, p.column) {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// literal is a value as SQL.
func literal(v sandbox.SQLValue) string {
	switch v.Kind {
	case sandbox.SQLNull:
		return "NULL"
	case sandbox.SQLInteger:
		return string(v.Text)
	case sandbox.SQLReal:
		return number(v)
	case sandbox.SQLBlob:
		return fmt.Sprintf("X'%x'", v.Text)
	}
	return "'" + strings.ReplaceAll(string(v.Text), "'", "''") + "'"
}

func quoted(_ *program, v sandbox.SQLValue) string { return literal(v) }

// number is a floating-point number that reads back as the same.
func number(v sandbox.SQLValue) string {
	switch {
	case math.IsInf(v.Real, 1):
		return "1e999"
	case math.IsInf(v.Real, -1):
		return "-1e999"
	}
	if same, err := strconv.ParseFloat(string(v.Text), 64); err == nil && same == v.Real {
		return string(v.Text)
	}
	text := strconv.FormatFloat(v.Real, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// tcl writes a string as C does.
func tcl(p *program, v sandbox.SQLValue) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(p.plain(v)) {
		switch i := strings.IndexByte("\"\\\t\n\r\f", c); {
		case i >= 0:
			b.WriteString([]string{`\"`, `\\`, `\t`, `\n`, `\r`, `\f`}[i])
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// text is a value of the kind text.
func text(s string) sandbox.SQLValue { return sandbox.SQLValue{Kind: sandbox.SQLText, Text: []byte(s)} }

// listWriter puts a separator between values: ascii, csv, list, quote, tabs, tcl.
type listWriter struct {
	*program
	cell func(p *program, v sandbox.SQLValue) string
}

func (w *listWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	if first && w.header {
		for i, name := range columns {
			w.put(i, w.cell(w.program, text(name)))
		}
		w.print(w.format.row)
	}
	for i, v := range row {
		w.put(i, w.cell(w.program, v))
	}
	w.print(w.format.row)
}

func (w *listWriter) put(i int, text string) {
	if i > 0 {
		w.print(w.column)
	}
	w.print(text)
}

func (w *listWriter) end() {}

type jsonWriter struct{ *program }

func (w *jsonWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	w.print(map[bool]string{true: "[{", false: ",\n{"}[first])
	for i, v := range row {
		if i > 0 {
			w.print(",")
		}
		w.print(jsonString([]byte(columns[i])) + ":")
		switch v.Kind {
		case sandbox.SQLNull:
			w.print("null")
		case sandbox.SQLInteger:
			w.out.Write(v.Text)
		case sandbox.SQLReal:
			w.print(number(v))
		default:
			w.print(jsonString(v.Text))
		}
	}
	w.print("}")
}

func (w *jsonWriter) end() { w.print("]\n") }

func jsonString(s []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch i := strings.IndexByte("\"\\\b\f\n\r\t", c); {
		case i >= 0:
			b.WriteByte('\\')
			b.WriteByte(`"\bfnrt`[i])
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

type lineWriter struct{ *program }

func (w *lineWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	if !first {
		w.print("\n")
	}
	width := 5
	for _, name := range columns {
		width = max(width, utf8.RuneCountInString(name))
	}
	for i, v := range row {
		w.print(fmt.Sprintf("%*s = %s\n", width, columns[i], w.plain(v)))
	}
}

func (w *lineWriter) end() {}

type htmlWriter struct{ *program }

var htmlEscapes = strings.NewReplacer("<", "&lt;", "&", "&amp;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func (w *htmlWriter) row(columns []string, row []sandbox.SQLValue, first bool) {
	if first && w.header {
		w.print("<TR>")
		for _, name := range columns {
			w.print("<TH>" + htmlEscapes.Replace(name) + "</TH>\n")
		}
		w.print("</TR>\n")
	}
	w.print("<TR>")
	for _, v := range row {
		w.print("<TD>" + htmlEscapes.Replace(w.plain(v)) + "</TD>\n")
	}
	w.print("</TR>\n")
}

func (w *htmlWriter) end() {}

type insertWriter struct{ *program }

func (w *insertWriter) row(columns []string, row []sandbox.SQLValue, _ bool) {
	w.print("INSERT INTO " + identifier(w.table))
	if w.header {
		names := make([]string, len(columns))
		for i, name := range columns {
			names[i] = identifier(name)
		}
		w.print("(" + strings.Join(names, ",") + ")")
	}
	w.print(" VALUES(")
	for i, v := range row {
		if i > 0 {
			w.print(",")
		}
		w.print(escapedLiteral(v))
	}
	w.print(");\n")
}

func (w *insertWriter) end() {}

// escapedLiteral is a literal without ends of lines in it.
func escapedLiteral(v sandbox.SQLValue) string {
	s := literal(v)
	if v.Kind != sandbox.SQLText {
		return s
	}
	for _, c := range []struct{ char, name, number string }{{"\n", `\n`, "10"}, {"\r", `\r`, "13"}} {
		if !strings.Contains(string(v.Text), c.char) {
			continue
		}
		name := c.name
		for i := 0; strings.Contains(string(v.Text), name); i++ {
			name = fmt.Sprintf("(%s%d)", c.name, i)
		}
		s = fmt.Sprintf("replace(%s,'%s',char(%s))", strings.ReplaceAll(s, c.char, name), name, c.number)
	}
	return s
}
