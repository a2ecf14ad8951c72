package awk

import (
	"strconv"
	"strings"
)

// directive is one % of a format.
type directive struct {
	minus, plus, space, alternate, zero bool
	width, precision                    int // precision -1 when not given
	verb                                byte
}

// maxWidth bounds the width and precision of a directive.
const maxWidth = 1 << 20

// formatter is printf at work.
type formatter struct {
	in     *interp
	format string
	args   []value
	i      int // in format
	next   int // in args
	// places says that the directives name their arguments: %2$s; once one does, all must.
	places, counted bool
}

// format is printf.
func (in *interp) format(b []byte, format string, args []value) []byte {
	f := &formatter{in: in, format: format, args: args}
	for f.i < len(format) {
		if n := strings.IndexByte(format[f.i:], '%'); n != 0 {
			if n < 0 {
				n = len(format) - f.i
			}
			b = append(b, format[f.i:f.i+n]...)
			f.i += n
			continue
		}
		b = f.directive(b)
	}
	if in.linting.on && !f.places && f.next < len(args) {
		in.lintAlways("too many arguments supplied for format string")
	}
	return b
}

// argument is the next one, or number place if that is not 0.
func (f *formatter) argument(place int) value {
	if place > 0 {
		return f.args[place-1]
	}
	if f.next >= len(f.args) {
		f.in.fatal("not enough arguments to satisfy format string\n\t`%s'\n\t%*s^ ran out for this one", f.format, f.i, "")
	}
	f.next++
	return f.args[f.next-1]
}

// place reads "N$", and is 0 where there is none.
func (f *formatter) place() int {
	end := f.i
	for end < len(f.format) && f.format[end] >= '0' && f.format[end] <= '9' {
		end++
	}
	if end == f.i || end == len(f.format) || f.format[end] != '$' {
		return 0
	}
	if f.in.prog != nil && f.in.prog.standard {
		f.in.fatal("`$' is not permitted in awk formats")
	}
	n, _ := strconv.Atoi(f.format[f.i:end])
	if n <= 0 {
		f.in.fatal("argument index with `$' must be > 0")
	}
	if n > len(f.args) {
		f.in.fatal("argument index %d greater than total number of supplied arguments", n)
	}
	f.i = end + 1
	return n
}

// count reads a width or a precision, which may be "*" or "*N$".
func (f *formatter) count() int {
	if f.i < len(f.format) && f.format[f.i] == '*' {
		f.i++
		place := f.place()
		if f.places && place == 0 {
			f.in.fatal("no `$' supplied for positional field width or precision")
		}
		return int(max(min(f.argument(place).num(), maxWidth), -maxWidth))
	}
	n := 0
	for ; f.i < len(f.format) && f.format[f.i] >= '0' && f.format[f.i] <= '9'; f.i++ {
		n = min(n*10+int(f.format[f.i]-'0'), maxWidth)
	}
	return n
}

// directive writes the argument of the "%" at i.
func (f *formatter) directive(b []byte) []byte {
	start := f.i
	f.i++
	d := directive{precision: -1}
	place := f.place()
	f.places = f.places || place > 0
	for modifiers := ""; ; {
		f.flags(&d)
		if width := f.count(); width < 0 {
			d.minus, d.width = true, -width
		} else if width > 0 {
			d.width = width
		}
		if f.i < len(f.format) && f.format[f.i] == '.' {
			f.i++
			d.precision = f.count()
		}
		if f.i == len(f.format) || strings.IndexByte("hlLjzt", f.format[f.i]) < 0 || strings.IndexByte(modifiers, f.format[f.i]) >= 0 {
			break
		}
		if f.in.prog != nil && f.in.prog.posix {
			f.in.fatal("`%c' is not permitted in POSIX awk formats", f.format[f.i])
		}
		f.in.lint("`%c' is meaningless in awk formats; ignored", f.format[f.i])
		modifiers += f.format[f.i : f.i+1]
		f.i++
	}
	if f.i == len(f.format) {
		f.in.lint("[s]printf: format specifier does not have control letter")
		return append(b, f.format[start:]...)
	}
	d.verb = f.format[f.i]
	if strings.IndexByte("diouxXeEfFgGaAcs", d.verb) < 0 {
		f.i++
		if d.verb == '%' {
			switch {
			case d.width > 0 && d.precision >= 0:
				f.in.lint("field width and precision are ignored for `%%%%' specifier")
			case d.width > 0:
				f.in.lint("field width is ignored for `%%%%' specifier")
			case d.precision >= 0:
				f.in.lint("precision is ignored for `%%%%' specifier")
			}
			return append(b, '%')
		}
		f.in.lint("ignoring unknown format specifier character `%c': no argument converted", d.verb)
		return append(b, f.format[start:f.i]...)
	}
	if f.places && place == 0 || !f.places && place > 0 || f.places && f.counted {
		f.in.fatal("must use `count$' on all formats or none")
	}
	f.counted = f.counted || place == 0
	v := f.argument(place)
	f.i++
	switch d.verb {
	case 'c':
		s := f.in.character(v)
		return d.pad(b, s, f.in)
	case 's':
		s := v.str(f.in.convfmt)
		if d.precision >= 0 {
			s = s[:f.in.offset(s, d.precision)]
		}
		return d.pad(b, s, f.in)
	}
	return d.value(b, v, f.in)
}

// flags reads those of a directive.
func (f *formatter) flags(d *directive) {
	for ; f.i < len(f.format); f.i++ {
		switch f.format[f.i] {
		case '-':
			d.minus = true
		case '+':
			d.plus = true
		case ' ':
			d.space = true
		case '#':
			d.alternate = true
		case '0':
			d.zero = true
		case '\'': // the locale has no thousands separator
		default:
			return
		}
	}
}

// character is what %c prints.
func (in *interp) character(v value) string {
	if v.kind == number || v.kind == exact || v.kind == input && v.numeric() {
		n := v.num()
		if in.utf8 && n >= 128 && n < 0x110000 && (n < 0xd800 || n > 0xdfff) {
			return string(rune(n))
		}
		if in.utf8 && (n < 0 || n >= 0x110000) {
			in.lint("[s]printf: value %s is not a valid wide character", num(n).str("%.6g"))
		}
		return string([]byte{byte(int64(n))})
	}
	s := v.str(in.convfmt)
	if s == "" {
		return "\x00"
	}
	return s[:in.offset(s, 1)]
}

// pad writes s at least width characters wide.
func (d *directive) pad(b []byte, s string, in *interp) []byte {
	fill := 0
	if d.width > 0 {
		fill = max(d.width-in.runes(s), 0)
	}
	if !d.minus {
		b = repeat(b, ' ', fill)
	}
	b = append(b, s...)
	if d.minus {
		b = repeat(b, ' ', fill)
	}
	return b
}

func repeat(b []byte, c byte, n int) []byte {
	for range n {
		b = append(b, c)
	}
	return b
}
