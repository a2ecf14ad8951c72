package git

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// mark is what a line of git's protocol is besides a text.
type mark int

const (
	isText  mark = iota
	isFlush      // "0000" ends a list or a request
	isDelim      // "0001" stands between the parts of one
	isEnd        // "0002" ends an answer
)

// maxLine is how long a line may be, with the four digits before it.
const maxLine = 65520

var (
	errHungUp  = fatal("the remote end hung up unexpectedly")
	errBadLine = fatal("protocol error: bad line length")
)

// packets reads the lines of git's protocol, each with its length before it in four hexadecimal digits.
type packets struct {
	r    io.Reader
	buf  [maxLine]byte
	back []byte // a line to be read once more
}

// next is the next line, until the one after it is read. A line that says that the other side failed is an error.
func (l *packets) next() ([]byte, mark, error) {
	if line := l.back; line != nil {
		l.back = nil
		return line, isText, nil
	}
	head := l.buf[:4]
	if _, err := io.ReadFull(l.r, head); err != nil {
		return nil, isText, lineError(err)
	}
	n, err := strconv.ParseUint(string(head), 16, 16)
	switch {
	case err != nil:
		return nil, isText, fatal("protocol error: bad line length character: %s", plain(string(head)))
	case n <= 2:
		return nil, []mark{isFlush, isDelim, isEnd}[n], nil
	case n == 3 || n > maxLine:
		return nil, isText, errBadLine
	}
	line := l.buf[:n-4]
	if _, err := io.ReadFull(l.r, line); err != nil {
		return nil, isText, lineError(err)
	}
	if len(line) > 4 && string(line[:4]) == "ERR " {
		return nil, isText, fatal("remote error: %s", plain(trimLine(line[4:])))
	}
	return line, isText, nil
}

// list calls do with each line, without its newline, up to the mark that ends them, which it returns.
func (l *packets) list(do func(line string) error) (mark, error) {
	for {
		line, m, err := l.next()
		if err != nil || m != isText {
			return m, err
		}
		if err := do(trimLine(line)); err != nil {
			return m, err
		}
	}
}

func lineError(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	return err
}

func trimLine(line []byte) string {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	return string(line)
}

// appendLine adds a line with its length.
func appendLine(b []byte, format string, args ...any) []byte {
	line := fmt.Sprintf(format, args...)
	return append(fmt.Appendf(b, "%04x", len(line)+4), line...)
}

// plain makes control characters that came from elsewhere visible, so that they change nothing on a terminal.
func plain(s string) string {
	var b []byte
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
			b = append(b, '^', c^0x40)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
