package commands

import (
	"bytes"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// prSource is one file. A form feed ends a page of it; what stands before one on its line is a line of its own.
type prSource struct {
	name   string
	lines  *cli.Lines
	closer io.Closer
	err    error  // what ended it, but for its end
	done   bool   // its end was seen
	whole  bool   // behind a line that was ended
	rest   []byte // of a line in which a form feed was found
	inLine bool   // rest counts
	feed   bool   // the page has ended with a form feed
	inFeed bool   // which stood on the page's last line
}

// load reads a line into rest, unless one is there; false: there is none.
func (s *prSource) load() bool {
	if s.inLine || s.done {
		return s.inLine
	}
	line, ended, err := s.lines.Next()
	s.done, s.whole = err != nil || !ended, err != nil || ended
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return false
	}
	s.rest, s.inLine = line, true
	return true
}

// next is the next line of the current page; false: the page has ended, or the file.
func (s *prSource) next() (line []byte, ok bool) {
	if s.feed || !s.load() {
		return nil, false
	}
	line, rest, found := bytes.Cut(s.rest, []byte("\f"))
	if s.inLine = found && len(rest) > 0; !found { // a line that ends behind the form feed is part of it
		return line, true
	}
	s.rest, s.feed, s.inFeed = rest, true, len(line) > 0
	return line, len(line) > 0
}

// full notes that the page has no room for more: a form feed that comes right then makes no page of its own.
func (s *prSource) full() {
	if !s.feed && s.load() && len(s.rest) > 0 && s.rest[0] == '\f' {
		s.rest, s.feed, s.inFeed = s.rest[1:], true, false
		s.inLine = len(s.rest) > 0
	}
}

// more says whether the file goes on.
func (s *prSource) more() bool { return s.inLine || !s.done && s.lines.Peek() }
