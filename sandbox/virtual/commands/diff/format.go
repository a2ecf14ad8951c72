package diff

import (
	"fmt"
	"strconv"
	"strings"
)

// formats are what --line-format, --GTYPE-group-format and -D ask for, each for one kind of lines.
type formats struct {
	lines, groups map[string]string // by "old", "new" and "unchanged", groups also by "changed"
}

// set keeps a format for a kind of lines or groups.
func (f *formats) set(into *map[string]string, kind, format string) {
	if *into == nil {
		*into = map[string]string{}
	}
	(*into)[kind] = format
}

// ifdef sets the formats of -D NAME.
func (f *formats) ifdef(name string) {
	for kind, format := range map[string]string{
		"old": "#ifndef @\n%<#endif /* ! @ */\n", "new": "#ifdef @\n%>#endif /* @ */\n",
		"changed": "#ifndef @\n%<#else /* @ */\n%>#endif /* @ */\n",
	} {
		f.set(&f.groups, kind, strings.ReplaceAll(format, "@", strings.ReplaceAll(name, "%", "%%")))
	}
}

// group is the format of a kind of groups.
func (f *formats) group(kind string) string {
	if format, ok := f.groups[kind]; ok {
		return format
	}
	changed, given := f.groups["changed"]
	switch {
	case kind == "unchanged":
		return "%="
	case given:
		return changed
	}
	switch kind {
	case "old":
		return "%<"
	case "new":
		return "%>"
	}
	return f.group("old") + f.group("new")
}

// line is the format of a kind of lines.
func (f *formats) line(kind string) string {
	if format, ok := f.lines[kind]; ok {
		return format
	}
	return "%l\n"
}

// formatted writes all of two files by the formats.
func (d *differ) formatted(a, b *file, changes []change) {
	i, j := 0, 0
	for _, c := range append(changes, change{len(a.lines), len(a.lines), len(b.lines), len(b.lines)}) {
		if c.fromA > i {
			d.group("unchanged", a, b, change{i, c.fromA, j, c.fromB})
		}
		kind := "changed"
		switch {
		case c.fromA == c.toA && c.fromB == c.toB:
			return
		case c.fromA == c.toA:
			kind = "new"
		case c.fromB == c.toB:
			kind = "old"
		}
		d.group(kind, a, b, c)
		i, j = c.toA, c.toB
	}
}

func (d *differ) group(kind string, a, b *file, c change) {
	d.expand(d.formats.group(kind), func(directive byte) bool {
		from, to, f, lines := c.fromA, c.toA, a, "old"
		switch directive {
		case '<':
		case '=':
			lines = "unchanged"
		case '>':
			from, to, f, lines = c.fromB, c.toB, b, "new"
		default:
			return false
		}
		for i := from; i < to; i++ {
			if d.inv.Budget.Work(1) != nil {
				return true
			}
			d.formattedLine(d.formats.line(lines), f, i)
		}
		return true
	}, func(letter byte) (int, bool) {
		from, to := c.fromA, c.toA
		if letter >= 'A' && letter <= 'Z' {
			from, to, letter = c.fromB, c.toB, letter|0x20
		}
		switch letter {
		case 'e':
			return from, true
		case 'f':
			return from + 1, true
		case 'l':
			return to, true
		case 'm':
			return to + 1, true
		case 'n':
			return to - from, true
		}
		return 0, false
	})
}

func (d *differ) formattedLine(format string, f *file, i int) {
	d.expand(format, func(directive byte) bool {
		switch directive {
		case 'l', 'L':
			d.text(f.lines[i].text)
			if directive == 'L' && (i < len(f.lines)-1 || f.ended) {
				d.out.WriteByte('\n')
			}
			return true
		}
		return false
	}, func(letter byte) (int, bool) { return i + 1, letter == 'n' })
}

// expand writes a format: text for the directives that are lines, number for letters that stand for numbers. What is
// no directive is written as it is.
func (d *differ) expand(format string, text func(directive byte) bool, number func(letter byte) (int, bool)) {
	for i := 0; i < len(format); i++ {
		rest := format[i:]
		if rest[0] != '%' || len(rest) < 2 {
			d.out.WriteByte(rest[0])
			continue
		}
		switch {
		case rest[1] == '%':
			d.out.WriteByte('%')
			i++
		case text(rest[1]):
			i++
		case strings.HasPrefix(rest, "%c'"):
			if c, size := quotedByte(rest[3:]); size > 0 {
				d.out.WriteByte(c)
				i += 2 + size
				continue
			}
			d.out.WriteByte('%')
		case rest[1] == '(':
			if size := d.conditional(rest, text, number); size > 0 {
				i += size - 1
				continue
			}
			d.out.WriteByte('%')
		default:
			end := 1
			for end < len(rest) && strings.IndexByte("-'0123456789.", rest[end]) >= 0 {
				end++
			}
			if end+1 < len(rest) && strings.IndexByte("doxX", rest[end]) >= 0 {
				if n, ok := number(rest[end+1]); ok {
					if flags := strings.ReplaceAll(rest[1:end], "'", ""); len(flags) <= 6 {
						fmt.Fprintf(d.out, "%"+flags+rest[end:end+1], n)
						i += end + 1
						continue
					}
				}
			}
			d.out.WriteByte('%')
		}
	}
}

// conditional writes %(A=B?T:E) and returns its size, 0 if it is not well formed.
func (d *differ) conditional(s string, text func(byte) bool, number func(byte) (int, bool)) int {
	body, size := s[2:], 2
	take := func(stop string) (string, bool) {
		at := strings.Index(body, stop)
		if at < 0 {
			return "", false
		}
		part := body[:at]
		body, size = body[at+1:], size+at+1
		return part, true
	}
	value := func(part string) (int, bool) {
		if len(part) == 1 && (part[0] < '0' || part[0] > '9') {
			return number(part[0])
		}
		n, err := strconv.Atoi(part)
		return n, err == nil
	}
	left, ok1 := take("=")
	right, ok2 := take("?")
	yes, ok3 := take(":")
	no, ok4 := take(")")
	a, ok5 := value(left)
	b, ok6 := value(right)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
		return 0
	}
	if a == b {
		d.expand(yes, text, number)
	} else {
		d.expand(no, text, number)
	}
	return size
}

// quotedByte reads C' or \OOO' and returns the byte and the size.
func quotedByte(s string) (c byte, size int) {
	if len(s) >= 2 && s[0] != '\\' && s[1] == '\'' {
		return s[0], 2
	}
	if end := strings.IndexByte(s, '\''); end > 1 && s[0] == '\\' {
		if n, err := strconv.ParseUint(s[1:end], 8, 8); err == nil {
			return byte(n), end + 1
		}
	}
	return 0, 0
}
