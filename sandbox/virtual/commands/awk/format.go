package awk

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// directive is one % of a format.
type directive struct {
	minus, plus, space, alternate, zero bool
	width, precision                    int // precision -1 when not given
	verb                                byte
}

// maxWidth bounds the width and precision of a directive.
const maxWidth = 1 << 20

// format is printf.
func (in *interp) format(b []byte, format string, args []value) []byte {
	next := 0
	verb := 0 // where the letter of the directive is
	arg := func() value {
		if next >= len(args) {
			in.fatal("not enough arguments to satisfy format string\n\t`%s'\n\t%*s^ ran out for this one", format, verb, "")
		}
		next++
		return args[next-1]
	}
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			b = append(b, c)
			continue
		}
		start := i
		i++
		d := directive{precision: -1}
		if end := strings.IndexByte(format[i:], '$'); end > 0 && strings.Trim(format[i:i+end], "0123456789") == "" {
			next, _ = strconv.Atoi(format[i : i+end])
			next = max(next-1, 0)
			i += end + 1
		}
	flags:
		for ; i < len(format); i++ {
			switch format[i] {
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
		count := func() int {
			n := 0
			if i < len(format) && format[i] == '*' {
				i++
				return int(max(min(arg().num(), maxWidth), -maxWidth))
			}
			for ; i < len(format) && format[i] >= '0' && format[i] <= '9'; i++ {
				n = min(n*10+int(format[i]-'0'), maxWidth)
			}
			return n
		}
		if d.width = count(); d.width < 0 {
			d.minus, d.width = true, -d.width
		}
		if i < len(format) && format[i] == '.' {
			i++
			d.precision = count()
		}
		if i < len(format) && strings.IndexByte("hlL", format[i]) >= 0 {
			i++
		}
		if i == len(format) {
			return append(b, format[start:]...)
		}
		d.verb = format[i]
		verb = i
		switch d.verb {
		case '%':
			b = append(b, '%')
		case 'd', 'i', 'o', 'x', 'X', 'u', 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
			b = d.number(b, arg().num())
		case 'c':
			b = d.pad(b, in.character(arg()), in)
		case 's':
			s := arg().str(in.convfmt)
			if d.precision >= 0 {
				s = s[:in.offset(s, d.precision)]
			}
			b = d.pad(b, s, in)
		default:
			b = append(b, format[start:i+1]...)
		}
	}
	return b
}

// character is what %c prints.
func (in *interp) character(v value) string {
	if v.kind == number || v.kind == input && v.numeric() {
		n := v.num()
		if in.utf8 && n >= 128 && n < 0x110000 {
			return string(rune(n))
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
	if d.minus {
		return append(append(b, s...), bytes.Repeat([]byte{' '}, fill)...)
	}
	return append(append(b, bytes.Repeat([]byte{' '}, fill)...), s...)
}

// formatNumber writes n by a format with one directive, as CONVFMT is.
func formatNumber(b []byte, format string, n float64) []byte {
	in := &interp{convfmt: "%.6g", utf8: true}
	return in.format(b, format, []value{num(n)})
}

func (d *directive) number(b []byte, n float64) []byte {
	var digits, sign, prefix string
	verb := d.verb
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		d.zero = false
		return d.join(b, "", "", notFinite(n))
	case n < 0 || n == 0 && math.Signbit(n) && strings.IndexByte("eEfFgGaA", verb) >= 0:
		sign, n = "-", -n
	case d.plus:
		sign = "+"
	case d.space:
		sign = " "
	}
	switch verb {
	case 'd', 'i', 'u', 'o', 'x', 'X':
		n = math.Trunc(n)
		negative := sign == "-"
		if n == 0 && negative || verb != 'd' && verb != 'i' && n <= 1<<63 {
			sign = ""
		}
		switch verb {
		case 'o':
			digits = unsigned(n, negative, 8)
			if d.alternate {
				prefix = "0"
			}
		case 'x', 'X':
			digits = unsigned(n, negative, 16)
			if d.alternate && n != 0 {
				prefix = "0x"
			}
			if verb == 'X' {
				digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
			}
		default:
			if digits = integer(n, 10); verb == 'u' {
				digits = unsigned(n, negative, 10)
			}
		}
		if d.precision >= 0 {
			d.zero = false
			digits = strings.Repeat("0", max(d.precision-len(digits), 0)) + digits
			if d.precision == 0 && n == 0 {
				digits = ""
			}
		}
	default:
		digits = d.float(n)
	}
	return d.join(b, sign, prefix, digits)
}

func (d *directive) join(b []byte, sign, prefix, digits string) []byte {
	fill := max(d.width-len(sign)-len(prefix)-len(digits), 0)
	spaces := bytes.Repeat([]byte{' '}, fill)
	switch {
	case d.minus:
		return append(append(append(append(b, sign...), prefix...), digits...), spaces...)
	case d.zero:
		return append(append(append(append(b, sign...), prefix...), strings.Repeat("0", fill)...), digits...)
	}
	return append(append(append(append(b, spaces...), sign...), prefix...), digits...)
}

// unsigned writes an integer as %u, %o and %x do: a negative one in two's complement.
func unsigned(n float64, negative bool, base int) string {
	if negative && n <= 1<<63 {
		return strconv.FormatUint(-uint64(n), base)
	}
	return integer(n, base)
}

func integer(n float64, base int) string {
	if n < 1<<63 {
		return strconv.FormatUint(uint64(n), base)
	}
	if base != 10 && n < 1<<64 {
		return strconv.FormatUint(uint64(n), base)
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

// float writes a positive number as C's printf does.
func (d *directive) float(n float64) string {
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	var s string
	switch d.verb {
	case 'f', 'F':
		s = strconv.FormatFloat(n, 'f', precision, 64)
	case 'e', 'E':
		s = strconv.FormatFloat(n, 'e', precision, 64)
	case 'a', 'A':
		s = hexadecimal(n, d.precision)
	default:
		s = generalText(n, precision)
		if d.alternate && !strings.ContainsAny(s, ".e") {
			s += "." + strings.Repeat("0", max(precision-len(s), 0))
		}
	}
	if d.alternate && !strings.ContainsRune(s, '.') && precision == 0 {
		s += "."
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

// runeAt decodes the character at i, which is a byte outside UTF-8.
func (in *interp) runeAt(s string, i int) (size int) {
	if !in.utf8 || s[i] < utf8.RuneSelf {
		return 1
	}
	_, size = utf8.DecodeRuneInString(s[i:])
	return size
}
