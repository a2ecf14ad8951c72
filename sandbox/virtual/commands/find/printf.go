package find

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
)

// format is a parsed -printf.
type format []piece

// piece is literal text, or a directive with its flags.
type piece struct {
	text  string
	spec  string // flags and width
	verb  byte
	field byte // of %A, %B, %C and %T
	stop  bool // \c
}

func parseFormat(s string) (format, error) {
	var f format
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			f = append(f, piece{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i >= len(s) {
				text.WriteByte('\\')
				break
			}
			switch c := s[i]; {
			case c == 'c':
				flush()
				return append(f, piece{stop: true}), nil
			case c >= '0' && c <= '7':
				n := 0
				for j := 0; j < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7'; j++ {
					n = n*8 + int(s[i]-'0')
					i++
				}
				i--
				text.WriteByte(byte(n))
			case c == '\\':
				text.WriteByte(c)
			default:
				if escaped, ok := cli.Unescape(c); ok {
					text.WriteByte(escaped)
				} else {
					text.WriteString(s[i-1 : i+1])
				}
			}
		case '%':
			if i+1 >= len(s) {
				return nil, fmt.Errorf("error: %% at end of format string")
			}
			if s[i+1] == '%' {
				text.WriteByte('%')
				i++
				break
			}
			flush()
			j := i + 1
			for j < len(s) && strings.IndexByte("-+ 0#", s[j]) >= 0 {
				j++
			}
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
				j++
			}
			if j >= len(s) {
				return nil, fmt.Errorf("error: %% at end of format string")
			}
			p := piece{spec: s[i+1 : j], verb: s[j]}
			if strings.IndexByte("ABCT", p.verb) >= 0 {
				if j++; j >= len(s) {
					return nil, fmt.Errorf("error: %% at end of format string")
				}
				p.field = s[j]
			} else if strings.IndexByte("abcdDfFgGhHiklmMnpPsStuUyYZ", p.verb) < 0 {
				p = piece{text: s[i : j+1]}
			}
			f = append(f, p)
			i = j
		default:
			text.WriteByte(s[i])
		}
	}
	flush()
	return f, nil
}

func (f format) write(fd *finder, w *bufio.Writer, e *entry) {
	for _, p := range f {
		switch {
		case p.stop:
			w.Flush()
			return
		case p.verb == 0:
			w.WriteString(p.text)
		default:
			fmt.Fprintf(w, "%"+strings.Trim(p.spec, "+ #")+"s", p.value(fd, e))
		}
	}
}

func (p piece) value(f *finder, e *entry) string {
	i := e.info
	switch p.verb {
	case 'a':
		return timeField(f, i.AccessTime, "full")
	case 'c':
		return timeField(f, i.ChangeTime, "full")
	case 't':
		return timeField(f, i.ModTime, "full")
	case 'A':
		return timeField(f, i.AccessTime, string(p.field))
	case 'C':
		return timeField(f, i.ChangeTime, string(p.field))
	case 'B', 'T':
		return timeField(f, i.ModTime, string(p.field))
	case 'b':
		return strconv.FormatInt(blocks(e)*8, 10)
	case 'k':
		return strconv.FormatInt(blocks(e)*4, 10)
	case 'd':
		return strconv.Itoa(e.depth)
	case 'D':
		return "1"
	case 'f':
		return base(e.name)
	case 'F':
		return "vfs"
	case 'g':
		return cli.UserName(i.GID)
	case 'G':
		return strconv.Itoa(i.GID)
	case 'h':
		if !strings.Contains(e.name, "/") {
			return "."
		}
		if e.name == "/" {
			return ""
		}
		trimmed := strings.TrimRight(e.name, "/")
		return strings.TrimRight(trimmed[:max(0, strings.LastIndexByte(trimmed, '/'))], "/")
	case 'H':
		return e.start
	case 'i':
		return strconv.FormatUint(i.Ino, 10)
	case 'l':
		return i.Target
	case 'm':
		return strconv.FormatUint(uint64(filemode.Octal(i.Mode)), 8)
	case 'M':
		return filemode.Letters(i.Mode)
	case 'n':
		return strconv.Itoa(i.Nlink)
	case 'p':
		return e.name
	case 'P':
		return strings.TrimPrefix(strings.TrimPrefix(e.name, e.start), "/")
	case 's':
		return strconv.FormatInt(i.Size, 10)
	case 'S':
		if i.Size == 0 {
			return "1"
		}
		return strconv.FormatFloat(float64(blocks(e)*4096)/float64(i.Size), 'g', 6, 64)
	case 'u':
		return cli.UserName(i.UID)
	case 'U':
		return strconv.Itoa(i.UID)
	case 'y':
		return string(filemode.Letter(i.Mode))
	case 'Y':
		if i.Mode&fs.ModeSymlink == 0 {
			return string(filemode.Letter(i.Mode))
		}
		to, err := f.inv.FS.Stat(path.Clean(e.full))
		if err != nil {
			return "N"
		}
		return string(filemode.Letter(to.Mode))
	}
	return ""
}

func blocks(e *entry) int64 {
	if !e.info.Mode.IsRegular() && !e.info.IsDir() {
		return 0
	}
	return (e.info.Size + 4095) / 4096
}

// timeField writes one of %Ak, %Ck and %Tk, or the whole of %a, %c and %t.
func timeField(f *finder, t time.Time, k string) string {
	t = t.In(f.zone)
	switch k {
	case "full":
		return datetime.Format(t, "%a %b %e %H:%M:%S.%N0 %Y")
	case "@":
		return datetime.Format(t, "%s.%N0")
	case "+":
		return datetime.Format(t, "%Y-%m-%d+%H:%M:%S.%N0")
	case "S":
		return datetime.Format(t, "%S.%N0")
	case "T", "X":
		return datetime.Format(t, "%H:%M:%S.%N0")
	case "b e H:M":
		return datetime.Format(t, "%b %e %H:%M")
	case "b e  Y":
		return datetime.Format(t, "%b %e  %Y")
	}
	return datetime.Format(t, "%"+k)
}
