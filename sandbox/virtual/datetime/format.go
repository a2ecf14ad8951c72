package datetime

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Format writes t as GNU date does for a format of % directives, with their flags (-_0^#+), widths, colons and modifiers.
func Format(t time.Time, format string) string {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			out.WriteByte(format[i])
			continue
		}
		d := directive{pad: 0, width: -1}
		j := i + 1
		for ; j < len(format) && strings.IndexByte("-_0^#+", format[j]) >= 0; j++ {
			switch c := format[j]; c {
			case '^':
				d.upper = true
			case '#':
				d.swap = true
			default:
				d.pad = c
			}
		}
		for ; j < len(format) && format[j] >= '0' && format[j] <= '9'; j++ {
			d.width = min(max(d.width, 0)*10+int(format[j]-'0'), 4096)
		}
		for ; j < len(format) && format[j] == ':'; j++ {
			d.colons++
		}
		if j < len(format) && (format[j] == 'E' || format[j] == 'O') {
			j++
		}
		if j >= len(format) {
			out.WriteString(format[i:])
			break
		}
		text, ok := d.write(t, format[j])
		if !ok {
			text = format[i : j+1]
		}
		out.WriteString(text)
		i = j
	}
	return out.String()
}

// directive is what stands between % and its letter.
type directive struct {
	pad         byte // '-', '_', '0', '+' or 0 for the letter's own
	width       int  // -1 is the letter's own
	upper, swap bool
	colons      int
}

// number writes n with the letter's own width, padded with pad.
func (d directive) number(n, width int, pad byte) string {
	if d.width >= 0 {
		width = d.width
	}
	switch d.pad {
	case '-':
		return strconv.Itoa(n)
	case '_':
		pad = ' '
	case '0', '+':
		pad = '0'
	}
	digits := strconv.Itoa(n)
	if n < 0 && pad == '0' {
		return "-" + strings.Repeat("0", max(0, width-len(digits))) + digits[1:]
	}
	return strings.Repeat(string(pad), max(0, width-len(digits))) + digits
}

func (d directive) text(s string) string {
	if d.upper {
		s = strings.ToUpper(s)
	}
	pad := " "
	if d.pad == '0' || d.pad == '+' {
		pad = "0"
	}
	if d.pad != '-' {
		s = strings.Repeat(pad, max(0, d.width-len(s))) + s
	}
	return s
}

func (d directive) name(s string) string {
	d.upper = d.upper || d.swap
	return d.text(s)
}

// nested is a directive that stands for others; ^ goes on to them.
func (d directive) nested(t time.Time, format string) string { return d.text(Format(t, format)) }

func (d directive) write(t time.Time, letter byte) (string, bool) {
	hour12 := (t.Hour()+11)%12 + 1
	isoYear, isoWeek := t.ISOWeek()
	if d.colons > 0 && letter != 'z' {
		return "", false
	}
	switch letter {
	case '%':
		return d.text("%"), true
	case 'n':
		return d.text("\n"), true
	case 't':
		return d.text("\t"), true
	case 'a':
		return d.name(t.Weekday().String()[:3]), true
	case 'A':
		return d.name(t.Weekday().String()), true
	case 'b', 'h':
		return d.name(t.Month().String()[:3]), true
	case 'B':
		return d.name(t.Month().String()), true
	case 'c':
		return d.nested(t, "%a %b %e %H:%M:%S %Y"), true
	case 'C':
		return d.signed(floorDiv(t.Year(), 100), 2), true
	case 'd':
		return d.number(t.Day(), 2, '0'), true
	case 'D':
		return d.nested(t, "%m/%d/%y"), true
	case 'x':
		return d.nested(t, "%m/%d/%y"), true
	case 'e':
		return d.number(t.Day(), 2, ' '), true
	case 'F':
		if d.pad == 0 && d.width < 0 {
			d.pad, d.width = '+', 4+len("-01-01")
		}
		rest := Format(t, "-%m-%d")
		d.width = max(0, d.width-len(rest))
		return d.year(t.Year()) + rest, true
	case 'g':
		return d.number((isoYear%100+100)%100, 2, '0'), true
	case 'G':
		return d.year(isoYear), true
	case 'H':
		return d.number(t.Hour(), 2, '0'), true
	case 'I':
		return d.number(hour12, 2, '0'), true
	case 'j':
		return d.number(t.YearDay(), 3, '0'), true
	case 'k':
		return d.number(t.Hour(), 2, ' '), true
	case 'l':
		return d.number(hour12, 2, ' '), true
	case 'm':
		return d.number(int(t.Month()), 2, '0'), true
	case 'M':
		return d.number(t.Minute(), 2, '0'), true
	case 'N':
		return d.nanoseconds(t.Nanosecond()), true
	case 'p', 'P':
		half := "AM"
		if t.Hour() >= 12 {
			half = "PM"
		}
		if letter == 'P' || d.swap {
			half = strings.ToLower(half)
		}
		return d.text(half), true
	case 'q':
		return d.number((int(t.Month())+2)/3, 1, '0'), true
	case 'r':
		return d.nested(t, "%I:%M:%S %p"), true
	case 'R':
		return d.nested(t, "%H:%M"), true
	case 's':
		return d.number(int(t.Unix()), 1, '0'), true
	case 'S':
		return d.number(t.Second(), 2, '0'), true
	case 'T', 'X':
		return d.nested(t, "%H:%M:%S"), true
	case 'u':
		return d.number((int(t.Weekday())+6)%7+1, 1, '0'), true
	case 'U':
		return d.number((t.YearDay()+6-int(t.Weekday()))/7, 2, '0'), true
	case 'V':
		return d.number(isoWeek, 2, '0'), true
	case 'w':
		return d.number(int(t.Weekday()), 1, '0'), true
	case 'W':
		return d.number((t.YearDay()+6-(int(t.Weekday())+6)%7)/7, 2, '0'), true
	case 'y':
		return d.number((t.Year()%100+100)%100, 2, '0'), true
	case 'Y':
		return d.year(t.Year()), true
	case 'z':
		return d.offset(t), true
	case 'Z':
		name, _ := t.Zone()
		if d.swap {
			name = strings.ToLower(name)
		}
		return d.text(name), true
	}
	return "", false
}

func (d directive) year(n int) string {
	return d.signed(n, 4)
}

// signed is a number that the flag + gives a sign where it has more digits than width, or room for them.
func (d directive) signed(n, width int) string {
	if d.pad != '+' || n < 0 || d.width <= width && len(strconv.Itoa(n)) <= width {
		return d.number(n, width, '0')
	}
	return "+" + directive{pad: '0', width: max(d.width-1, 0)}.number(n, width, '0')
}

// nanoseconds is %N: a width keeps that many digits.
func (d directive) nanoseconds(n int) string {
	digits := fmt.Sprintf("%09d", n)
	if d.width < 0 {
		return digits
	}
	if d.width <= 9 {
		if d.width == 0 {
			return digits
		}
		digits = digits[:d.width]
		if d.pad == '_' {
			kept := strings.TrimRight(digits, "0")
			digits = kept + strings.Repeat(" ", len(digits)-len(kept))
		}
		return digits
	}
	return digits + strings.Repeat("0", d.width-9)
}

// offset is %z with its colons: +hhmm, +hh:mm, +hh:mm:ss, or as short as it goes.
func (d directive) offset(t time.Time) string {
	_, secs := t.Zone()
	sign := "+"
	if secs < 0 {
		sign, secs = "-", -secs
	}
	h, m, s := secs/3600, secs/60%60, secs%60
	var rest string
	switch {
	case d.colons == 0:
		rest = fmt.Sprintf("%02d", m)
	case d.colons == 1:
		rest = fmt.Sprintf(":%02d", m)
	case d.colons == 2 || s != 0:
		rest = fmt.Sprintf(":%02d:%02d", m, s)
	case m != 0:
		rest = fmt.Sprintf(":%02d", m)
	}
	switch d.pad {
	case '-':
		return sign + strconv.Itoa(h) + rest
	case '_':
		body := sign + strconv.Itoa(h) + rest
		return strings.Repeat(" ", max(0, max(d.width, len(rest)+3)-len(body))) + body
	}
	return sign + strings.Repeat("0", max(0, d.width-len(rest)-3)) + fmt.Sprintf("%02d", h) + rest
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}
