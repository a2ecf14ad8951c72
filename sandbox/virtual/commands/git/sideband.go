package git

import (
	"bytes"
	"fmt"
	"io"
)

// bands reads the first of the streams that an answer carries side by side; the second one, messages, goes to stderr.
type bands struct {
	lines   *packets
	stderr  io.Writer
	rest    []byte // of the first stream
	message []byte // a line of the second that is not complete
	err     error
}

// Read reads the first stream up to the flush that ends the answer.
func (b *bands) Read(p []byte) (int, error) {
	for len(b.rest) == 0 && b.err == nil {
		line, m, err := b.lines.next()
		switch {
		case err != nil:
			b.err = err
		case m != isText:
			b.err = io.EOF
		case len(line) == 0:
			b.err = errBadLine
		case line[0] == 1:
			b.rest = line[1:]
		case line[0] == 2:
			b.say(line[1:])
		case line[0] == 3:
			b.err = fatal("remote error: %s", plain(trimLine(line[1:])))
		default:
			b.err = fatal("protocol error: bad band #%d", line[0])
		}
		if b.err != nil && len(b.message) > 0 {
			b.say([]byte("\n"))
		}
	}
	if len(b.rest) == 0 {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// say writes the complete lines of a message. A line ends with "\n", with "\r" or with both.
func (b *bands) say(part []byte) {
	b.message = append(b.message, part...)
	for {
		at := bytes.IndexAny(b.message, "\r\n")
		if at < 0 || b.message[at] == '\r' && at+1 == len(b.message) {
			break
		}
		next := at + 1
		if b.message[at] == '\r' && b.message[next] == '\n' {
			next++
		}
		if at > 0 || b.message[next-1] == '\n' {
			sayRemote(b.stderr, plain(string(b.message[:at])))
		}
		b.message = b.message[next:]
	}
	if len(b.message) > maxLine {
		b.message = b.message[:0]
	}
}

// sayRemote writes a line of the other side, as git does where there is no terminal.
func sayRemote(w io.Writer, line string) {
	if line != "" {
		line += "        "
	}
	fmt.Fprintf(w, "remote: %s\n", line)
}
