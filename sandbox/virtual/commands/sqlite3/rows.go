package sqlite3

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox"
)

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
