package awk

import (
	"math"
	"math/big"
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
flags:
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
			break flags
		}
	}
	if d.width = f.count(); d.width < 0 {
		d.minus, d.width = true, -d.width
	}
	if f.i < len(f.format) && f.format[f.i] == '.' {
		f.i++
		d.precision = f.count()
	}
	if f.i < len(f.format) && strings.IndexByte("hlLjzt", f.format[f.i]) >= 0 {
		if f.in.prog != nil && f.in.prog.posix {
			f.in.fatal("`%c' is not permitted in POSIX awk formats", f.format[f.i])
		}
		f.in.lint("`%c' is meaningless in awk formats; ignored", f.format[f.i])
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

// value writes a number.
func (d *directive) value(b []byte, v value, in *interp) []byte {
	if in.bignum || v.kind == exact {
		if x, ok := in.exactOf(v); ok {
			return d.exact(b, x)
		}
	}
	return d.number(b, v.num())
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

// formatNumber writes a number by a format with one directive, as CONVFMT is.
func formatNumber(b []byte, format string, v value) []byte {
	in := &interp{convfmt: "%.6g", utf8: true, exact: precision{bits: 53}}
	return in.format(b, format, []value{v})
}

// sign is what stands before a number, and whether it is negative.
func (d *directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

func (d *directive) number(b []byte, n float64) []byte {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return append(b, notFinite(n)...)
	}
	negative := math.Signbit(n)
	if strings.IndexByte("diouxX", d.verb) < 0 {
		sign := d.sign(negative)
		return d.join(b, sign, "", d.float(math.Abs(n), nil))
	}
	zero := n == 0
	n = math.Trunc(n)
	negative = n < 0
	n = math.Abs(n)
	sign := d.sign(negative)
	base := d.base()
	if base != 10 || d.verb == 'u' {
		if negative && n > 1<<63 || !negative && n >= 1<<64 { // too large: as %g writes it
			if d.precision < 0 {
				d.precision = 6
			}
			general := directive{verb: 'g', precision: d.precision, alternate: d.alternate}
			return d.join(b, sign, "", general.float(n, nil))
		}
		sign = ""
	}
	digits := ""
	switch {
	case negative && sign == "":
		digits = strconv.FormatUint(-uint64(n), base)
	case n < 1<<63 || base != 10 || d.verb == 'u':
		digits = strconv.FormatUint(uint64(n), base)
	default:
		digits = strconv.FormatFloat(n, 'f', 0, 64)
	}
	return d.integer(b, sign, digits, zero)
}

func (d *directive) base() int {
	switch d.verb {
	case 'o':
		return 8
	case 'x', 'X':
		return 16
	}
	return 10
}

// integer writes the digits of an integer; zero says that the number was 0 before its fraction was cut off.
func (d *directive) integer(b []byte, sign, digits string, zero bool) []byte {
	prefix := ""
	switch {
	case d.alternate && d.verb == 'o' && !zero:
		prefix = "0"
	case d.alternate && d.base() == 16 && !zero:
		prefix = "0x"
	}
	if d.verb == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	if d.precision >= 0 {
		d.zero = false
		if d.precision == 0 && zero && !d.alternate {
			digits, sign = "", ""
		}
		digits = strings.Repeat("0", max(d.precision-len(digits), 0)) + digits
	}
	return d.join(b, sign, prefix, digits)
}

// exact writes a number for -M.
func (d *directive) exact(b []byte, x exactly) []byte {
	if strings.IndexByte("diouxX", d.verb) >= 0 {
		i := x.trunc()
		if i.Sign() < 0 && i.IsInt64() && (d.base() != 10 || d.verb == 'u') {
			return d.integer(b, "", strconv.FormatUint(uint64(i.Int64()), d.base()), false)
		}
		return d.integer(b, d.sign(i.Sign() < 0), new(big.Int).Abs(i).Text(d.base()), i.Sign() == 0)
	}
	f := x.f
	if f == nil {
		f = new(big.Float).SetInt(x.i)
	}
	n, _ := f.Float64()
	return d.join(b, d.sign(f.Signbit()), "", d.float(math.Abs(n), new(big.Float).Abs(f)))
}

func (d *directive) join(b []byte, sign, prefix, digits string) []byte {
	fill := max(d.width-len(sign)-len(prefix)-len(digits), 0)
	if !d.minus && !d.zero {
		b = repeat(b, ' ', fill)
	}
	b = append(append(b, sign...), prefix...)
	if d.zero && !d.minus {
		b = repeat(b, '0', fill)
	}
	b = append(b, digits...)
	if d.minus {
		b = repeat(b, ' ', fill)
	}
	return b
}

// float writes a positive number as C's printf does; where wide is not nil it has more bits than n.
func (d *directive) float(n float64, wide *big.Float) string {
	write := func(format byte, precision int) string { return strconv.FormatFloat(n, format, precision, 64) }
	if wide != nil && wide.MinPrec() > 53 {
		write = wide.Text
	}
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	var s string
	switch d.verb {
	case 'f', 'F':
		s = write('f', precision)
	case 'e', 'E':
		s = write('e', precision)
	case 'a', 'A':
		s = hexadecimal(n, d.precision)
	default:
		s = general(write, precision, d.alternate)
	}
	if d.alternate && precision == 0 && d.verb|0x20 != 'g' && !strings.ContainsRune(s, '.') {
		mantissa, exponent, found := strings.Cut(s, "e")
		if s = mantissa + "."; found {
			s += "e" + exponent
		}
	}
	if d.verb < 'a' {
		s = strings.ToUpper(s)
	}
	return s
}

// hexadecimal is C's %a: the exponent has no more digits than it needs.
func hexadecimal(n float64, precision int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'x', precision, 64), "p")
	digits := strings.TrimLeft(exponent[1:], "0")
	if digits == "" {
		digits = "0"
	}
	return mantissa + "p" + exponent[:1] + digits
}

// general is C's %g of what write writes; alternate keeps the zeros at the end.
func general(write func(format byte, precision int) string, precision int, alternate bool) string {
	precision = max(precision, 1)
	s := write('e', precision-1)
	at := strings.IndexByte(s, 'e')
	exponent, _ := strconv.Atoi(s[at+1:])
	if exponent < -4 || exponent >= precision {
		return trimZeros(s[:at], alternate) + s[at:]
	}
	return trimZeros(write('f', precision-1-exponent), alternate)
}

func trimZeros(s string, keep bool) string {
	if strings.IndexByte(s, '.') < 0 {
		if keep {
			s += "."
		}
		return s
	}
	if keep {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
