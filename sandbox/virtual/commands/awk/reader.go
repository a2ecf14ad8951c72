package awk

import (
	"bytes"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// reader reads records.
type reader struct {
	in     *interp
	r      io.Reader
	closer io.Closer
	buf    []byte
	lo, hi int
	held   int
	err    error
	// missing is why the file cannot be opened, where BEGINFILE rules are told first.
	missing error
}

func (in *interp) newReader(r io.Reader, closer io.Closer) *reader {
	return &reader{in: in, r: r, closer: closer}
}

func (r *reader) close() {
	if r.closer != nil {
		r.closer.Close()
	}
	r.in.hold(-r.held)
	r.held = 0
}

// fill reads more behind the unread part.
func (r *reader) fill() {
	if r.lo > 0 {
		copy(r.buf, r.buf[r.lo:r.hi])
		r.lo, r.hi = 0, r.hi-r.lo
	}
	if r.hi == len(r.buf) {
		size := max(cli.BlockSize, 2*len(r.buf))
		r.in.hold(size - len(r.buf))
		r.held = size
		grown := make([]byte, size)
		copy(grown, r.buf[:r.hi])
		r.buf = grown
	}
	n, err := r.r.Read(r.buf[r.hi:])
	r.hi += n
	r.err = err
	r.in.work(n + 1)
}

// next returns the next record and what ended it; ok is false at the end or an error.
func (r *reader) next() (record string, end string, ok bool) {
	rs := r.in.rs
	if r.in.csv {
		return r.values()
	}
	if rs == "" {
		return r.paragraph()
	}
	if r.in.rsRE != nil {
		return r.byRegex()
	}
	delim := rs[0]
	from := r.lo
	for {
		if i := bytes.IndexByte(r.buf[from:r.hi], delim); i >= 0 {
			record = string(r.buf[r.lo : from+i])
			r.lo = from + i + 1
			return record, rs, true
		}
		if r.err != nil {
			return r.rest("")
		}
		unread := r.hi - r.lo
		r.fill()
		from = r.lo + unread
	}
}

// rest is the last record, which nothing ends.
func (r *reader) rest(end string) (string, string, bool) {
	if r.lo == r.hi {
		return "", "", false
	}
	record := string(r.buf[r.lo:r.hi])
	r.lo = r.hi
	return record, end, true
}

func (r *reader) paragraph() (record string, end string, ok bool) {
	for {
		for r.lo < r.hi && r.buf[r.lo] == '\n' {
			r.lo++
		}
		if r.lo < r.hi || r.err != nil {
			break
		}
		r.fill()
	}
	for {
		text := r.buf[r.lo:r.hi]
		if i := bytes.Index(text, []byte("\n\n")); i >= 0 {
			j := i
			for j < len(text) && text[j] == '\n' {
				j++
			}
			if j < len(text) || r.err != nil {
				record, end = string(text[:i]), string(text[i:j])
				r.lo += j
				return record, end, true
			}
		}
		if r.err != nil {
			trimmed := bytes.TrimRight(text, "\n")
			end = string(text[len(trimmed):])
			r.hi -= len(text) - len(trimmed)
			return r.rest(end)
		}
		r.fill()
	}
}

func (r *reader) byRegex() (record string, end string, ok bool) {
	for {
		text := r.buf[r.lo:r.hi]
		for at := 0; at <= len(text); {
			m := r.in.rsRE.Find(text, at)
			if m == nil {
				break
			}
			if m[0] == m[1] {
				at = m[1] + 1
				continue
			}
			if m[1] == len(text) && r.err == nil { // it may go on
				break
			}
			record, end = string(text[:m[0]]), string(text[m[0]:m[1]])
			r.lo += m[1]
			return record, end, true
		}
		if r.err != nil {
			return r.rest("")
		}
		r.fill()
	}
}

// values is a record of comma-separated values: a newline within quotes is part of it.
func (r *reader) values() (record string, end string, ok bool) {
	quoted := false
	for at := 0; ; {
		for ; r.lo+at < r.hi; at++ {
			switch c := r.buf[r.lo+at]; {
			case c == '"':
				quoted = !quoted
			case c == '\n' && !quoted:
				record = strings.TrimSuffix(string(r.buf[r.lo:r.lo+at]), "\r")
				r.lo += at + 1
				return record, "\n", true
			}
		}
		if r.err != nil {
			return r.rest("")
		}
		r.fill()
	}
}
