package grep

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// report prints what -l, -L and -c say of a file.
func (g *grep) report(name string, matches int) {
	switch {
	case g.quiet:
	case g.list && matches > 0, g.listOthers && matches == 0:
		g.out.colored("fn", name)
		if g.out.null {
			g.out.WriteByte(0)
		} else {
			g.out.WriteByte('\n')
		}
	case g.list, g.listOthers, g.count && g.skipZero && matches == 0:
	case g.count:
		if g.names {
			g.out.colored("fn", name)
			if g.out.null {
				g.out.WriteByte(0)
			} else {
				g.out.separator(':')
			}
		}
		g.out.number("", int64(matches))
		g.out.WriteByte('\n')
	}
}

// offsetWidth is how wide -T makes numbers: as wide as the largest offset in the file can be.
func offsetWidth(r io.Reader) int {
	if f, ok := r.(stater); ok {
		if info, err := f.Stat(); err == nil && info.Mode.IsRegular() {
			return len(strconv.FormatInt(info.Size, 10))
		}
	}
	return len("9223372036854775807")
}

// lists says that lines are only counted.
func (g *grep) lists() bool { return g.quiet || g.list || g.listOthers || g.count }

// print writes one line, or with -o what matches in it.
func (in *input) print(line []byte, number, offset int64, sep byte) error {
	in.printed = number
	if in.only {
		if sep == ':' && !in.invert && in.re != nil {
			in.printMatches(line, number, offset)
		}
	} else {
		in.prefix(in.name, number, offset, sep)
		if in.replace != nil && sep == ':' {
			line = in.replaced(line)
		}
		if in.out.color && in.replace == nil {
			in.printColored(line, sep)
		} else {
			in.out.Write(line)
		}
		in.out.WriteByte(in.delim)
	}
	if _, err := in.out.Write(nil); err != nil {
		return cli.ErrStop
	}
	return nil
}

func (in *input) printMatches(line []byte, number, offset int64) {
	in.eachMatch(line, func(from, to int) {
		in.prefix(in.name, number, offset+int64(from), ':')
		if in.replace != nil {
			in.out.Write(in.expand(nil, line, in.re.Find(line[:to], from)))
		} else if in.out.color {
			in.out.colored("ms", string(line[from:to]))
		} else {
			in.out.Write(line[from:to])
		}
		in.out.WriteByte(in.delim)
	})
}

func (in *input) printColored(line []byte, sep byte) {
	base, match := "sl", "ms"
	if sep == '-' {
		base, match = "cx", "mc"
	}
	if in.invert && in.out.reverse {
		base = map[string]string{"sl": "cx", "cx": "sl"}[base]
	}
	color := in.out.sgr[base]
	done := 0
	if (sep == ':') != in.invert && in.re != nil && in.out.sgr[match] != "" {
		in.eachMatch(line, func(from, to int) {
			if color != "" {
				in.out.start(color)
			}
			in.out.Write(line[done:from])
			in.out.colored(match, string(line[from:to]))
			done = to
		})
	}
	rest := line[done:]
	if text := bytes.TrimSuffix(rest, []byte("\r")); len(text) > 0 && color != "" {
		in.out.start(color)
		in.out.Write(text)
		in.out.end()
		rest = rest[len(text):]
	}
	in.out.Write(rest)
}

// eachMatch calls found for the matches in a line that are not empty.
func (in *input) eachMatch(line []byte, found func(from, to int)) {
	for at := 0; at <= len(line); {
		m := in.re.Find(line, at)
		if m == nil {
			return
		}
		from, to := m[0], m[1]
		if to > from {
			found(from, to)
			at = to
			continue
		}
		_, size := utf8.DecodeRune(line[to:])
		at = to + max(size, 1)
	}
}

// prefix writes what stands before a line; sep is ":" for selected lines and "-" for context.
func (g *grep) prefix(name string, line, offset int64, sep byte) {
	if g.names {
		g.out.colored("fn", name)
		if g.out.null {
			g.out.WriteByte(0)
		} else {
			g.out.separator(sep)
		}
	}
	if g.numbers {
		g.out.number("ln", line)
		g.out.separator(sep)
	}
	if g.offsets {
		g.out.number("bn", offset)
		g.out.separator(sep)
	}
	if g.out.tab && (g.names || g.numbers || g.offsets) {
		g.out.WriteByte('\t')
	}
}
