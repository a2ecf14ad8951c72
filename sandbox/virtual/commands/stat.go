package commands

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const statUsage = `[OPTION]... FILE...
Print what is known of the FILEs.

  -L, --dereference   what symbolic links lead to
  -f, --file-system   the file system instead
  -c, --format=FORMAT  with a newline behind  --printf=FORMAT  with backslash escapes and none
  -t, --terse

Directives: %a %A %b %B %d %D %f %F %g %G %h %i %m %n %N %o %s %t %T %u %U %w %W %x %X %y %Y %z %Z
`

func stat(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: statUsage, Short: "c:fLt", Long: "dereference=L file-system=f cached: format:=c printf: terse=t"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	tz, _ := inv.Env.Get("TZ")
	s := statter{inv: inv, zone: datetime.Zone(tz)}
	format, follow, escapes, system := "", false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "c":
			format, escapes = o.Value+"\n", false
		case "printf":
			format, escapes = o.Value, true
		case "f":
			system = true
		case "L":
			follow = true
		case "t":
			format = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n"
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	out := bufio.NewWriter(inv.Stdout)
	for _, name := range p.Operands {
		get := inv.FS.Lstat
		if follow {
			get = inv.FS.Stat
		}
		info, err := get(inv.Path(name))
		if name == "-" || err != nil && strings.HasPrefix(name, "/dev/") {
			if f, e := inv.OpenFile(inv.Path("/dev/stdin"), vfs.Read, 0); e == nil && name == "-" {
				info, err = f.Stat()
				f.Close()
			}
		}
		if err != nil {
			out.Flush()
			verb := "cannot statx"
			if system {
				verb = "cannot read file system information for"
			}
			inv.Errorf("%s %s: %v", verb, cli.Quote(name), err)
			status = 1
			continue
		}
		f := format
		switch {
		case system && f == "":
			f = "  File: \"%n\"\n    ID: 0        Namelen: 255     Type: vfs\nBlock size: 4096       Fundamental block size: 4096\n"
		case f == "":
			shown := strings.ReplaceAll(name, "%", "%%")
			if info.Mode&fs.ModeSymlink != 0 {
				shown += " -> " + strings.ReplaceAll(info.Target, "%", "%%")
			}
			f = "  File: " + shown + "\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-11i Links: %h\n" +
				"Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n"
		}
		if err := s.write(out, f, name, info, escapes); err != nil {
			out.Flush()
			inv.Errorf("%v", err)
			return 1
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

type statter struct {
	inv  *shell.Invocation
	zone *time.Location
}

// write expands a format.
func (s statter) write(out *bufio.Writer, format, name string, i vfs.Info, escapes bool) error {
	for n := 0; n < len(format); n++ {
		c := format[n]
		switch {
		case c == '\\' && escapes && n+1 < len(format):
			text, size := unescapeC(format[n:])
			if size == 2 && text == format[n:n+2] { // no escape at all
				s.inv.Errorf("warning: unrecognized escape '%s'", text)
				text = text[1:]
			}
			out.WriteString(text)
			n += size - 1
		case c == '%' && (n+1 == len(format) || format[n+1:] == "\n"): // one that ends the format
			out.WriteByte('%')
		case c == '%':
			j := n + 1
			for j < len(format) && strings.IndexByte("-+ 0#'.123456789", format[j]) >= 0 {
				j++
			}
			flags := format[n+1 : j]
			if j+1 < len(format) && (format[j] == 'H' || format[j] == 'L') && strings.IndexByte("dr", format[j+1]) >= 0 {
				j++
			}
			if j >= len(format) || format[j] == '\n' && !escapes && j == len(format)-1 {
				return fmt.Errorf("%s: invalid directive", cli.QuoteText(strings.TrimSuffix(format[n:], "\n")))
			}
			out.WriteString(s.directive(flags, format[j], name, i))
			n = j
		default:
			out.WriteByte(c)
		}
	}
	return nil
}

// unescapeC reads one backslash escape of C and returns its text and its size.
func unescapeC(s string) (string, int) {
	if j := strings.IndexByte(`abefnrtv\"`, s[1]); j >= 0 {
		return "\a\b\x1b\f\n\r\t\v\\\""[j : j+1], 2
	}
	n, v := 1, 0
	for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' {
		v = v*8 + int(s[n]-'0')
		n++
	}
	if n > 1 {
		return string([]byte{byte(v)}), n
	}
	if s[1] == 'x' {
		end := 2
		for end < len(s) && end < 4 && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
			end++
		}
		if v, err := strconv.ParseUint(s[2:end], 16, 8); err == nil {
			return string([]byte{byte(v)}), end
		}
	}
	return s[:2], 2
}

func (s statter) directive(flags string, c byte, name string, i vfs.Info) string {
	text := func(v string) string { return fmt.Sprintf("%"+strings.TrimLeft(flags, "0+#' ")+"s", v) }
	number := func(n uint64, verb string) string {
		return fmt.Sprintf("%"+strings.ReplaceAll(flags, "'", "")+verb, n)
	}
	when := func(t time.Time) string { return text(datetime.Format(t.In(s.zone), "%Y-%m-%d %H:%M:%S.%N %z")) }
	seconds := func(t time.Time) string {
		if _, digits, ok := strings.Cut(flags, "."); ok {
			n, err := strconv.Atoi(digits)
			if err != nil {
				n = 9
			}
			return fmt.Sprintf("%d.%s", t.Unix(), fmt.Sprintf("%09d", t.Nanosecond())[:min(9, max(1, n))])
		}
		return number(uint64(t.Unix()), "d")
	}
	switch c {
	case '%':
		return "%"
	case 'a':
		return number(uint64(filemode.Octal(i.Mode)), "o")
	case 'A':
		return text(filemode.Letters(i.Mode))
	case 'b':
		return number(uint64(blocksOf(i)/512), "d")
	case 'B':
		return number(512, "d")
	case 't', 'T':
		major, minor := deviceNumbers(i)
		if c == 't' {
			return number(major, "x")
		}
		return number(minor, "x")
	case 'd', 'r', 'R', 'C':
		return number(0, "d")
	case 'D':
		return number(1, "x")
	case 'f':
		return number(uint64(filemode.Octal(i.Mode))|typeBits(i.Mode), "x")
	case 'F':
		return text(fileKind(i))
	case 'g':
		return number(uint64(i.GID), "d")
	case 'G':
		return text(cli.UserName(i.GID))
	case 'h':
		return number(uint64(i.Nlink), "d")
	case 'i':
		return number(i.Ino, "d")
	case 'm':
		return text("/")
	case 'n':
		return text(name)
	case 'N':
		if i.Mode&fs.ModeSymlink != 0 {
			return text(cli.Quote(name) + " -> " + cli.Quote(i.Target))
		}
		return text(cli.Quote(name))
	case 'o':
		return number(4096, "d")
	case 's':
		return number(uint64(i.Size), "d")
	case 'u':
		return number(uint64(i.UID), "d")
	case 'U':
		return text(cli.UserName(i.UID))
	case 'w':
		return text("-")
	case 'W':
		return number(0, "d")
	case 'x':
		return when(i.AccessTime)
	case 'X':
		return seconds(i.AccessTime)
	case 'y':
		return when(i.ModTime)
	case 'Y':
		return seconds(i.ModTime)
	case 'z':
		return when(i.ChangeTime)
	case 'Z':
		return seconds(i.ChangeTime)
	}
	return "?"
}

// deviceNumbers are what Linux gives to the devices there are.
func deviceNumbers(i vfs.Info) (major, minor uint64) {
	if i.Mode&fs.ModeCharDevice == 0 {
		return 0, 0
	}
	switch i.Name {
	case "null":
		return 1, 3
	case "zero":
		return 1, 5
	case "full":
		return 1, 7
	case "random":
		return 1, 8
	case "urandom":
		return 1, 9
	}
	return 5, 0
}

// typeBits is the type of a file as st_mode has it.
func typeBits(m fs.FileMode) uint64 {
	switch {
	case m.IsDir():
		return 0o040000
	case m&fs.ModeSymlink != 0:
		return 0o120000
	case m&fs.ModeCharDevice != 0:
		return 0o020000
	case m&fs.ModeNamedPipe != 0:
		return 0o010000
	}
	return 0o100000
}
