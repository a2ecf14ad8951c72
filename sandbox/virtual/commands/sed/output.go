package sed

import (
	"bufio"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// sink is where lines go: standard output, a file of w, or the file that -i makes anew.
type sink struct {
	*bufio.Writer
	w       io.Writer
	missing bool // the last line had no newline: it gets one if more follows
}

// newSink writes to w, whose buffer b is.
func newSink(b *bufio.Writer, w io.Writer) *sink { return &sink{Writer: b, w: w} }

// put writes text and, if it is ended, the delimiter.
func (s *sink) put(text []byte, ended bool, delim byte) {
	if s.missing {
		s.WriteByte(delim)
		s.missing = false
	}
	s.Write(text)
	if ended {
		s.WriteByte(delim)
	} else {
		s.missing = true
	}
}

// raw writes text that brings its own newlines.
func (s *sink) raw(text []byte, delim byte) {
	if s.missing && len(text) > 0 {
		s.WriteByte(delim)
		s.missing = false
	}
	s.Write(text)
}

// buffer keeps what -i writes until its file is replaced.
type buffer struct {
	m    *machine
	data []byte
	held int
}

func (b *buffer) Write(p []byte) (int, error) {
	if b.m.inv.Budget.Hold(len(p)) != nil {
		return 0, cli.ErrStop
	}
	b.held += len(p)
	b.data = append(b.data, p...)
	return len(p), nil
}

// visible writes text as the command l does, in lines of at most width-1 characters before a backslash.
func visible(out *sink, text []byte, width int, delim byte) {
	column := 0
	var piece []byte
	emit := func() {
		if width > 1 && column+len(piece) > width-1 {
			out.WriteString("\\\n")
			column = 0
		}
		out.Write(piece)
		column += len(piece)
	}
	if out.missing {
		out.WriteByte(delim)
		out.missing = false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		piece = piece[:0]
		switch {
		case c == '\\':
			piece = append(piece, `\\`...)
		case c >= '\a' && c <= '\r':
			piece = append(piece, '\\', "abtnvfr"[c-'\a'])
		case c >= ' ' && c < 0x7f:
			piece = append(piece, c)
		default:
			piece = fmt.Appendf(piece, `\%03o`, c)
		}
		emit()
	}
	out.WriteString("$\n")
}
