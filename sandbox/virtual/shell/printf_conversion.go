package shell

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/datetime"
)

// spec is a conversion: %-10.3s.
type spec struct {
	flags       string
	width, prec int // -1 for none
}

// escapeEnd is where the escape at i ends.
func escapeEnd(f string, i int) int {
	if i+1 >= len(f) {
		return i + 1
	}
	n := i + 2
	switch f[i+1] {
	case 'x':
		_, size := digits(f[n:], 16, 2)
		return n + size
	case 'u', 'U':
		width := 4
		if f[i+1] == 'U' {
			width = 8
		}
		_, size := digits(f[n:], 16, width)
		return n + size
	case '0', '1', '2', '3', '4', '5', '6', '7':
		_, size := digits(f[i+1:], 8, 3)
		return i + 1 + size
	}
	return n
}

func printfEscape(e string) string {
	if len(e) > 1 && e[1] >= '0' && e[1] <= '7' {
		n, _ := digits(e[1:], 8, 3)
		return string([]byte{byte(n)})
	}
	if e == `\"` || e == `\'` || e == `\?` {
		return e[1:]
	}
	text, _ := ansiC(e, true)
	return text
}

// conversion prints the one at format[i] and returns the index of its last byte.
func (p *printer) conversion(format string, i int) int {
	start := i
	i++
	sp := spec{width: -1, prec: -1}
	for i < len(format) && strings.IndexByte("-+ #0'", format[i]) >= 0 {
		sp.flags += string(format[i])
		i++
	}
	number := func() int {
		if i < len(format) && format[i] == '*' {
			i++
			v, _ := p.next()
			return int(p.integer(v))
		}
		n, from := 0, i
		for i < len(format) && isDigit(format[i]) {
			if n = n*10 + int(format[i]-'0'); n > 1<<24 {
				n = 1 << 24
			}
			i++
		}
		if from == i {
			return -1
		}
		return n
	}
	if sp.width = number(); sp.width < -1 {
		sp.flags += "-"
		sp.width = -sp.width
	}
	sp.width = min(sp.width, 1<<24)
	if i < len(format) && format[i] == '.' {
		i++
		given := i < len(format) && format[i] == '*'
		if sp.prec = number(); sp.prec == -1 && !given {
			sp.prec = 0
		}
		sp.prec = max(-1, min(sp.prec, 1<<24)) // a negative one is none
	}
	for i < len(format) && strings.IndexByte("hlLqjzt", format[i]) >= 0 && !(format[i] == 'q') {
		i++
	}
	if p.program != "" && (i >= len(format) || !programKnows(format[start:i], format[i])) {
		p.programFail(true, "%s: invalid conversion specification", format[start:min(i+1, len(format))])
		return i
	}
	if i >= len(format) {
		p.fail("`%s': missing format character", format[start:])
		p.stop = true
		return i
	}
	if sp.width > 0 {
		p.s.hold(sp.width)
		defer p.s.hold(-sp.width)
	}
	switch c := format[i]; c {
	case 's':
		v, _ := p.next()
		p.pad(cutPrec(v, sp.prec), sp, false)
	case 'q', 'Q':
		v, given := p.next()
		if c == 'Q' {
			v = cutPrec(v, sp.prec)
			sp.prec = -1
		}
		quoted := quoteBackslash(v)
		if p.program != "" {
			if quoted = ""; given {
				quoted = quoteProgram(v)
			}
		}
		p.pad(cutPrec(quoted, sp.prec), sp, false)
	case 'b':
		v, _ := p.next()
		text, stop := ansiC(octalToZero(v), true)
		p.stop = stop
		p.pad(cutPrec(text, sp.prec), sp, false)
	case 'c':
		v, _ := p.next()
		if v != "" {
			v = v[:1]
		} else if len(p.args) >= p.used || p.program != "" {
			v = "\x00"
		}
		p.pad(v, sp, false)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		v, _ := p.next()
		n := int64(0)
		if c == 'd' || c == 'i' {
			n = p.integer(v)
		} else {
			n = p.unsigned(v)
		}
		p.integerConversion(c, n, sp)
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		v, _ := p.next()
		p.floatConversion(c, p.float(v), v, sp)
	case 'n':
		v, _ := p.next()
		if validName(v) {
			p.s.setVar(v, strconv.Itoa(len(p.out)))
		}
	case '(':
		end := strings.Index(format[i:], ")T")
		if end < 0 {
			p.fail("warning: `%s': invalid time format specification", format[start:])
			p.stop = true
			return len(format)
		}
		layout := format[i+1 : i+end]
		if layout == "" {
			layout = "%X"
		}
		v, given := p.next()
		at := p.s.Now()
		if given && v != "-1" && v != "-2" && v != "" {
			at = time.Unix(p.integer(v), 0)
		} else if v == "-2" {
			at = p.s.start
		}
		p.pad(datetime.Format(at.In(p.s.zone()), layout), sp, false)
		return i + end + 1
	default:
		p.fail("`%c': invalid format character", c)
		p.stop = true
	}
	return i
}

// octalToZero makes \NNN of %b the \0NNN that echo -e reads.
func octalToZero(v string) string {
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		b.WriteByte(v[i])
		if v[i] == '\\' && i+1 < len(v) {
			i++
			if v[i] >= '1' && v[i] <= '7' {
				b.WriteByte('0')
			}
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

func cutPrec(v string, prec int) string {
	if prec < 0 || prec >= len(v) {
		return v
	}
	return v[:prec]
}

// pad adds v in a field; zeros go after a sign or prefix.
func (p *printer) pad(v string, sp spec, numeric bool) {
	n := sp.width - utf8.RuneCountInString(v)
	switch {
	case n <= 0:
		p.out = append(p.out, v...)
	case strings.Contains(sp.flags, "-"):
		p.out = append(append(p.out, v...), strings.Repeat(" ", n)...)
	case numeric && strings.Contains(sp.flags, "0"):
		head := 0
		if v != "" && strings.IndexByte("+- ", v[0]) >= 0 {
			head = 1
		}
		if strings.HasPrefix(v[head:], "0x") || strings.HasPrefix(v[head:], "0X") {
			head += 2
		}
		p.out = append(p.out, v[:head]...)
		p.out = append(p.out, strings.Repeat("0", n)...)
		p.out = append(p.out, v[head:]...)
	default:
		p.out = append(append(p.out, strings.Repeat(" ", n)...), v...)
	}
}
