package shell

import (
	"io"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// nextByte reads one byte through the stream's read-ahead, so that what is not used stays for others.
func (st *stream) nextByte(by *proc) (byte, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.buf) == 0 {
		b := make([]byte, 4096)
		n, err := st.readRaw(b, by)
		if n == 0 {
			if err == nil {
				err = io.EOF
			}
			return 0, err
		}
		st.buf = b[:n]
	}
	c := st.buf[0]
	st.buf = st.buf[1:]
	return c, nil
}

// lineBytes takes what is read ahead up to and with delim; ok is false when it needs nextByte to go on.
func (st *stream) lineBytes(delim byte, into []byte) ([]byte, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for i, c := range st.buf {
		if c == delim {
			into = append(into, st.buf[:i]...)
			st.buf = st.buf[i+1:]
			return into, true
		}
	}
	into = append(into, st.buf...)
	st.buf = nil
	return into, false
}

// readLine reads a line from a descriptor, for select.
func (s *shell) readLine(fd int) (string, bool) {
	text, _, err := s.readRecord(fd, readOptions{delim: '\n', raw: true}, s.proc)
	return string(text), err == nil
}

type readOptions struct {
	delim byte
	raw   bool
	chars int // -n, -N: so many characters; 0 for a line
	exact bool
}

// readRecord reads up to a delimiter; escaped tells which bytes a backslash protects.
func (s *shell) readRecord(fd int, o readOptions, by *proc) (text []byte, escaped []bool, err error) {
	st := s.fd(fd)
	if st == nil {
		return nil, nil, vfs.ErrBadFile
	}
	held := 0
	defer func() { s.hold(-held) }()
	chars := 0
	for {
		if o.raw && o.chars == 0 {
			var done bool
			if text, done = st.lineBytes(o.delim, text); done {
				return dropNUL(text), nil, nil
			}
		}
		if grown := len(text) - held; grown > 4096 {
			s.hold(grown)
			s.work(grown)
			held += grown
		}
		c, err := st.nextByte(by)
		if err != nil {
			return dropNUL(text), escaped, err
		}
		if c == o.delim && !o.exact {
			return dropNUL(text), escaped, nil
		}
		if c == '\\' && !o.raw {
			if c, err = st.nextByte(by); err != nil {
				return dropNUL(text), escaped, err
			}
			if c == '\n' {
				continue
			}
			for len(escaped) < len(text) {
				escaped = append(escaped, false)
			}
			escaped = append(escaped, true)
		}
		if c == 0 && o.chars > 0 {
			continue
		}
		text = append(text, c)
		if o.chars > 0 {
			if c < utf8.RuneSelf || utf8.FullRune(lastRune(text)) {
				chars++
			}
			if chars >= o.chars {
				return text, escaped, nil
			}
		}
	}
}

// lastRune is the end of text from the last byte that begins a character.
func lastRune(text []byte) []byte {
	for i := len(text) - 1; i >= 0 && i >= len(text)-4; i-- {
		if utf8.RuneStart(text[i]) {
			return text[i:]
		}
	}
	return text
}

func dropNUL(text []byte) []byte {
	for i, c := range text {
		if c == 0 {
			out := append([]byte(nil), text[:i]...)
			for _, c := range text[i:] {
				if c != 0 {
					out = append(out, c)
				}
			}
			return out
		}
	}
	return text
}

// ready says whether a read would not wait.
func (st *stream) ready() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.buf) > 0 || st.pipe == nil {
		return true
	}
	st.pipe.mu.Lock()
	defer st.pipe.mu.Unlock()
	return st.pipe.off < len(st.pipe.buf) || st.pipe.noW
}
