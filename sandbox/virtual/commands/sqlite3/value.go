package sqlite3

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

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
