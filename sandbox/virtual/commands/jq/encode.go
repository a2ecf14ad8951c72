package jq

import (
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encoder writes values as JSON text.
type Encoder struct {
	Indent   int    // spaces a level; 0 writes all on one line
	Tab      bool   // one tab a level instead
	SortKeys bool   // by name
	ASCII    bool   // only ASCII characters
	Colors   Colors // nil writes without
	// Long takes what Encode has written so far whenever it is long; an error of it ends what is written. nil: nobody does.
	Long   io.Writer
	buf    []byte
	broken bool
}

// long is when a text is written before its end is known, in bytes: the indentation of a deep value is its square.
const long = 64 << 10

// Colors are the SGR parameters for null, false, true, numbers, strings, arrays, objects and object keys.
type Colors []string

// DefaultColors are those of jq 1.7.
func DefaultColors() Colors {
	return Colors{"1;30", "0;39", "0;39", "0;39", "0;32", "1;39", "1;39", "34;1"}
}

// Encode returns the text of v, or what Long has not taken of it, valid until the next call.
func (e *Encoder) Encode(v any) []byte {
	e.buf, e.broken = e.buf[:0], false
	e.value(v, 0)
	return e.buf
}

// toJSON writes v on one line.
func toJSON(v any) string {
	e := Encoder{}
	return string(e.Encode(v))
}

const reset = "\x1b[0m"

func (e *Encoder) put(s string) { e.buf = append(e.buf, s...) }

func (e *Encoder) color(kind int) {
	if e.Colors != nil {
		e.buf = append(e.buf, "\x1b["+e.Colors[kind]+"m"...)
	}
}

func (e *Encoder) end() {
	if e.Colors != nil {
		e.put(reset)
	}
}

// spill says whether there is still somebody to write for.
func (e *Encoder) spill() bool {
	if e.Long != nil && len(e.buf) > long && !e.broken {
		_, err := e.Long.Write(e.buf)
		e.buf, e.broken = e.buf[:0], err != nil
	}
	return !e.broken
}

func (e *Encoder) newline(level int) {
	if !e.spill() {
		return
	}
	switch {
	case e.Tab:
		e.buf = append(e.buf, '\n')
		for range level {
			e.buf = append(e.buf, '\t')
		}
	case e.Indent > 0:
		e.buf = append(e.buf, '\n')
		for range level * e.Indent {
			e.buf = append(e.buf, ' ')
		}
	}
}

func (e *Encoder) value(v any, level int) {
	kind := 0
	switch v := v.(type) {
	case bool:
		kind = 1
		if v {
			kind = 2
		}
	case float64, Literal:
		kind = 3
	case string:
		kind = 4
	case *Array:
		e.array(v, level)
		return
	case *Object:
		e.object(v, level)
		return
	}
	e.color(kind)
	switch v := v.(type) {
	case nil:
		e.put("null")
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 && v != 0 {
			e.buf = strconv.AppendInt(e.buf, int64(v), 10)
		} else {
			e.put(formatNumber(v))
		}
	case Literal:
		e.put(v.Text)
	case string:
		e.string(v)
	}
	e.end()
}

func (e *Encoder) array(a *Array, level int) {
	e.color(5)
	e.put("[")
	for i, x := range a.items {
		if !e.spill() {
			return
		}
		if i > 0 {
			e.color(5)
			e.put(",")
		}
		e.newline(level + 1)
		e.value(x, level+1)
	}
	if e.color(5); len(a.items) > 0 {
		e.newline(level)
		e.color(5)
	}
	e.put("]")
	e.end()
}

func (e *Encoder) object(o *Object, level int) {
	e.color(6)
	e.put("{")
	names := o.Names()
	var order []int
	if e.SortKeys {
		order = o.sorted()
	}
	for n := range names {
		i := n
		if order != nil {
			i = order[n]
		}
		if n > 0 {
			e.color(6)
			e.put(",")
			e.newline(level + 1)
			e.end()
		} else {
			e.newline(level + 1)
			e.end()
		}
		e.color(7)
		e.string(names[i])
		e.end()
		e.color(6)
		e.put(":")
		if e.Indent > 0 || e.Tab {
			e.put(" ")
		}
		e.end()
		e.value(o.vals[i], level+1)
	}
	if e.color(6); len(names) > 0 {
		e.newline(level)
		e.color(6)
	}
	e.put("}")
	e.end()
}

const hexDigits = "0123456789abcdef"

func (e *Encoder) string(s string) {
	e.buf = append(e.buf, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if e.ASCII || r == utf8.RuneError && size == 1 {
				e.put(s[from:i])
				e.rune(r)
				from = i + size
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			e.put(s[from:i])
			from = i + 1
			if j := strings.IndexByte("\"\\\n\t\r\b\f", c); j >= 0 {
				e.buf = append(e.buf, '\\', "\"\\ntrbf"[j])
			} else {
				e.escape(rune(c))
			}
		}
		i++
	}
	e.put(s[from:])
	e.buf = append(e.buf, '"')
}

func (e *Encoder) rune(r rune) {
	switch {
	case !e.ASCII:
		e.buf = utf8.AppendRune(e.buf, r)
	case r > 0xFFFF:
		e.escape(0xD800 + (r-0x10000)>>10)
		e.escape(0xDC00 + (r-0x10000)&0x3FF)
	default:
		e.escape(r)
	}
}

func (e *Encoder) escape(r rune) {
	e.buf = append(e.buf, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
