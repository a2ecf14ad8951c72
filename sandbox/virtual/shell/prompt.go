package shell

import (
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/datetime"
)

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
		case '#':
			b.WriteString(formatInt(int64(max(1, s.lines))))
		case '!':
			b.WriteString(formatInt(int64(s.hist.first + len(s.hist.lines) + 1)))
		case '[', ']':
		case 'd':
			b.WriteString(s.Now().In(s.zone()).Format("Mon Jan 02"))
		case 't':
			b.WriteString(s.Now().In(s.zone()).Format("15:04:05"))
		case 'T':
			b.WriteString(s.Now().In(s.zone()).Format("03:04:05"))
		case '@':
			b.WriteString(s.Now().In(s.zone()).Format("03:04 PM"))
		case 'A':
			b.WriteString(s.Now().In(s.zone()).Format("15:04"))
		case 'D':
			format, rest, ok := strings.Cut(v[i+1:], "}")
			if strings.HasPrefix(format, "{") && ok {
				i = len(v) - len(rest) - 1
				if format = format[1:]; format == "" {
					format = "%X"
				}
				b.WriteString(datetime.Format(s.Now().In(s.zone()), format))
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
	w := parseQuoted(text)
	if w == nil {
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

// zone is the time zone of the exported TZ.
func (s *shell) zone() *time.Location {
	if v := s.stored("TZ"); v != nil && v.attr&exported != 0 {
		return datetime.Zone(v.str)
	}
	return time.UTC
}
