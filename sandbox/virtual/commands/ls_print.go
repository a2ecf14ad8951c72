package commands

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
)

// print writes entries in the chosen format.
func (l *lister) print(entries []entry) {
	l.shown = l.shown || len(entries) > 0
	switch l.format {
	case 'l':
		l.long(entries)
		return
	case 'C', 'x':
		l.columns(entries)
		return
	case 'm':
		l.commas(entries)
		return
	}
	inodes, blocks := l.prefixWidths(entries)
	for _, e := range entries {
		l.out.WriteString(l.prefix(e, inodes, blocks) + l.painted(e))
		if l.zero {
			l.out.WriteByte(0)
		} else {
			l.out.WriteByte('\n')
		}
	}
}

// prefixWidths are the widths of the columns of inode numbers and blocks.
func (l *lister) prefixWidths(entries []entry) (inodes, blocks int) {
	for _, e := range entries {
		inodes = max(inodes, len(strconv.FormatUint(e.info.Ino, 10)))
		blocks = max(blocks, len(l.blockSize(blocksOf(e.info))))
	}
	return inodes, blocks
}

func (l *lister) prefix(e entry, inodes, blocks int) string {
	s := ""
	if l.inode {
		s = fmt.Sprintf("%*d ", inodes, e.info.Ino)
	}
	if l.blocks {
		s += fmt.Sprintf("%*s ", blocks, l.blockSize(blocksOf(e.info)))
	}
	return s
}

// label is the quoted name and its indicator.
func (l *lister) label(e entry) string {
	name := l.quoted(e.name)
	if e.info.Mode&fs.ModeSymlink != 0 && l.format == 'l' {
		return name
	}
	return name + l.indicator(e.info.Mode)
}

// painted is the label in colour.
func (l *lister) painted(e entry) string {
	if l.colors == nil {
		return l.label(e)
	}
	name := l.quoted(e.name)
	return l.colors.paint(name, e) + strings.TrimPrefix(l.label(e), name)
}

// indicator is what -F, -p and --file-type append.
func (l *lister) indicator(m fs.FileMode) string {
	switch {
	case l.indicate == 0:
		return ""
	case m.IsDir():
		return "/"
	case l.indicate == '/':
		return ""
	case m&fs.ModeSymlink != 0:
		return "@"
	case m&fs.ModeNamedPipe != 0:
		return "|"
	case m&fs.ModeSocket != 0:
		return "="
	case l.indicate == 'F' && m.IsRegular() && m&0o111 != 0:
		return "*"
	}
	return ""
}

func (l *lister) long(entries []entry) {
	type row struct{ mode, links, owner, group, size, date, name string }
	rows := make([]row, len(entries))
	var links, owner, group, size, date int
	inodes, blocks := l.prefixWidths(entries)
	for i, e := range entries {
		r := row{
			mode: filemode.Letters(e.info.Mode), links: strconv.Itoa(e.info.Nlink), owner: l.identity(e.info.UID), group: l.identity(e.info.GID),
			size: l.fileSize(e.info.Size), date: l.date(l.when(e.info)), name: l.painted(e),
		}
		if e.info.Mode&fs.ModeDevice != 0 {
			r.size = "1, 3"
		}
		if e.info.Mode&fs.ModeSymlink != 0 {
			r.name += " -> " + l.target(e)
		}
		rows[i] = r
		links, size, date = max(links, len(r.links)), max(size, len(r.size)), max(date, len(r.date))
		owner, group = max(owner, len(r.owner)), max(group, len(r.group))
	}
	for i, r := range rows {
		l.out.WriteString(l.prefix(entries[i], inodes, blocks))
		fmt.Fprintf(l.out, "%s %*s", r.mode, links, r.links)
		if l.owner {
			fmt.Fprintf(l.out, " %-*s", owner, r.owner)
		}
		if l.group {
			fmt.Fprintf(l.out, " %-*s", group, r.group)
		}
		fmt.Fprintf(l.out, " %*s %*s %s\n", size, r.size, date, r.date, r.name)
	}
}

// target is what a symbolic link leads to, as -l shows it.
func (l *lister) target(e entry) string {
	name := l.quoted(e.info.Target)
	if e.to == nil {
		return name
	}
	to := entry{name: e.info.Target, info: *e.to}
	if l.colors != nil {
		name = l.colors.paint(name, to)
	}
	return name + l.indicator(to.info.Mode)
}

// identity is a user or a group: the sandbox has one of each, and root.
func (l *lister) identity(id int) string {
	if l.numeric {
		return strconv.Itoa(id)
	}
	return cli.UserName(id)
}

func (l *lister) date(t time.Time) string {
	now := l.inv.Now()
	recent := !t.After(now) && now.Sub(t) < 31556952*time.Second/2
	t = t.In(l.zone)
	switch {
	case l.style == "full-iso":
		return datetime.Format(t, "%Y-%m-%d %H:%M:%S.%N %z")
	case l.style == "long-iso":
		return datetime.Format(t, "%Y-%m-%d %H:%M")
	case l.style == "iso" && recent:
		return datetime.Format(t, "%m-%d %H:%M")
	case l.style == "iso":
		return datetime.Format(t, "%Y-%m-%d ")
	case strings.HasPrefix(l.style, "+"):
		old, new, two := strings.Cut(l.style[1:], "\n")
		if two && recent {
			old = new
		}
		return datetime.Format(t, old)
	case recent:
		return datetime.Format(t, "%b %e %H:%M")
	}
	return datetime.Format(t, "%b %e  %Y")
}

// fileSize is a size in bytes as -l shows it.
func (l *lister) fileSize(n int64) string {
	switch {
	case l.human > 0:
		return humanSize(n, l.human)
	case l.human < 0:
		return strconv.FormatInt((n+l.unit-1)/l.unit, 10)
	}
	return strconv.FormatInt(n, 10)
}

func (l *lister) blockSize(n int64) string {
	if l.human > 0 {
		return humanSize(n, l.human)
	}
	return strconv.FormatInt((n+l.unit-1)/l.unit, 10)
}

// quoted writes a name in the chosen style.
func (l *lister) quoted(name string) string {
	switch l.quote {
	case "hide":
		return strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == utf8.RuneError {
				return '?'
			}
			return r
		}, name)
	case "locale":
		return cli.QuoteText(name)
	case "c", "clocale":
		return `"` + escapeName(name, `"`) + `"`
	case "c-maybe":
		if e := escapeName(name, `"`); e != name {
			return `"` + e + `"`
		}
	case "escape":
		return escapeName(name, " ")
	case "shell-escape":
		return cli.QuoteNeeded(name)
	case "shell-escape-always":
		return cli.Quote(name)
	case "shell", "shell-always":
		if l.quote == "shell" && cli.QuoteNeeded(name) == name {
			return name
		}
		if strings.Contains(name, "'") && !strings.ContainsAny(name, "\"$`\\!") {
			return `"` + name + `"`
		}
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// escapeName writes control characters, stray bytes, backslashes and the characters of special as C does.
func escapeName(name, special string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == '\\' || strings.ContainsRune(special, r):
			b.WriteString(`\` + name[i:i+size])
		case r < ' ' || r == 0x7f || r == utf8.RuneError && size == 1:
			b.WriteString(cli.Escape(name[i]))
		default:
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	return b.String()
}
