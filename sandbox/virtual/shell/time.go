package shell

import (
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// timeClause is time command.
func (s *shell) timeClause(c *syntax.TimeClause) int {
	from := s.Now()
	status := s.status
	if c.Stmt != nil {
		status = s.stmt(c.Stmt)
	}
	took := s.Now().Sub(from)
	if c.PosixFormat {
		s.errText("real " + seconds(took, 2) + "\nuser 0.00\nsys 0.00\n")
		return status
	}
	format, ok := s.value("TIMEFORMAT")
	if !ok {
		format = "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS"
	}
	if format != "" {
		s.errText(timeFormat(format, took) + "\n")
	}
	return status
}

func seconds(d time.Duration, places int) string {
	text := formatInt(int64(d / time.Second))
	if places > 0 {
		frac := formatInt(int64(d%time.Second) + int64(time.Second))[1:]
		text += "." + frac[:places]
	}
	return text
}

// timeFormat fills TIMEFORMAT: %[p][l]R, U, S and %P, %%.
func timeFormat(format string, real time.Duration) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		places, long := 3, false
		if isDigit(format[i]) && i+1 < len(format) {
			places = min(int(format[i]-'0'), 6)
			i++
		}
		if format[i] == 'l' && i+1 < len(format) {
			long = true
			i++
		}
		d := time.Duration(0)
		switch format[i] {
		case 'R':
			d = real
		case 'U', 'S':
		case 'P':
			b.WriteString("0.00")
			continue
		default:
			b.WriteByte(format[i])
			continue
		}
		if long {
			b.WriteString(formatInt(int64(d/time.Minute)) + "m" + seconds(d%time.Minute, places) + "s")
		} else {
			b.WriteString(seconds(d, places))
		}
	}
	return b.String()
}
