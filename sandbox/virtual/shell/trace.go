package shell

import (
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
	"mvdan.cc/sh/v3/syntax"
)

// trace writes a line of xtrace.
func (s *shell) trace(text string) {
	opts, status := s.opts, s.status
	s.opts &^= optXtrace
	prefix := s.prompt(s.get("PS4"))
	s.opts, s.status = opts, status
	if prefix != "" { // a level for each substitution and subshell
		prefix = strings.Repeat(prefix[:1], s.subshell) + prefix
	}
	out := 2
	if fd := s.get("BASH_XTRACEFD"); fd != "" {
		if n, ok := plainInt(fd); ok {
			out = int(n)
		}
	}
	_, _ = s.handle(out).Write([]byte(prefix + text + "\n"))
}

// prompt expands a prompt string: its backslash escapes, then parameters and substitutions.
func (s *shell) prompt(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 == len(v) {
			b.WriteByte(v[i])
			continue
		}
		i++
		switch c := v[i]; c {
		case 'u':
			b.WriteString("agent")
		case 'h', 'H':
			b.WriteString("flue")
		case 'w', 'W':
			b.WriteString(s.promptDir(c == 'W'))
		case '$':
			b.WriteByte('$')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'a':
			b.WriteByte('\a')
		case 'e':
			b.WriteByte(0x1b)
		case 's':
			b.WriteString(s.arg0[strings.LastIndexByte(s.arg0, '/')+1:])
		case 'v':
			b.WriteString(bashVersion[:3])
		case 'V':
			b.WriteString(bashVersion[:6])
		case 'j':
			b.WriteString(formatInt(int64(len(s.jobList))))
		case 'l':
			b.WriteString("tty")
		case '#', '!':
			b.WriteByte('1')
		case '[', ']':
		case 'd':
			b.WriteString(s.Now().UTC().Format("Mon Jan 02"))
		case 't':
			b.WriteString(s.Now().UTC().Format("15:04:05"))
		case 'T':
			b.WriteString(s.Now().UTC().Format("03:04:05"))
		case '@':
			b.WriteString(s.Now().UTC().Format("03:04 PM"))
		case 'A':
			b.WriteString(s.Now().UTC().Format("15:04"))
		case 'D':
			format, rest, ok := strings.Cut(v[i+1:], "}")
			if strings.HasPrefix(format, "{") && ok {
				i = len(v) - len(rest) - 1
				if format = format[1:]; format == "" {
					format = "%X"
				}
				b.WriteString(timefmt.Format(s.Now().UTC(), format))
			} else {
				b.WriteString(`\D`)
			}
		case '\\':
			b.WriteString(`\\`)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n, size := digits(v[i:], 8, 3)
			b.WriteByte(byte(n))
			i += size - 1
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return s.expandQuoted(b.String())
}

// expandQuoted expands text as if it stood in double quotes.
func (s *shell) expandQuoted(text string) string {
	if !strings.ContainsAny(text, "$`\\") {
		return text
	}
	w, err := syntax.NewParser().Document(strings.NewReader(text))
	if err != nil {
		return text
	}
	var b strings.Builder
	for _, p := range w.Parts {
		b.WriteString(s.partString(p, quoteHere))
	}
	return b.String()
}

func (s *shell) promptDir(base bool) string {
	dir := s.dir
	if home := s.get("HOME"); home != "" && (dir == home || strings.HasPrefix(dir, home+"/")) {
		dir = "~" + dir[len(home):]
	}
	if base && dir != "/" {
		dir = dir[strings.LastIndexByte(dir, '/')+1:]
	}
	return dir
}

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
