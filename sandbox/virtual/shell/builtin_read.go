package shell

import (
	"io"
	"strconv"
	"strings"
	"time"
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

func builtinRead(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "ersa:d:i:n:N:p:t:u:")
	if !ok {
		return 2
	}
	o := readOptions{delim: '\n'}
	fd, array := 0, ""
	timeout, hasTimeout := time.Duration(0), false
	for _, opt := range opts {
		letter, value, _ := strings.Cut(opt, "=")
		switch letter {
		case "r":
			o.raw = true
		case "a":
			array = value
		case "d":
			o.delim = 0
			if value != "" {
				o.delim = value[0]
			}
		case "n", "N":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				s.warnf("read: %s: invalid number", value)
				return 1
			}
			if o.chars, o.exact = n, letter == "N"; n == 0 {
				o.chars = -1
			}
		case "t":
			sec, err := strconv.ParseFloat(value, 64)
			if err != nil || sec < 0 {
				s.warnf("read: %s: invalid timeout specification", value)
				return 1
			}
			timeout, hasTimeout = time.Duration(sec*float64(time.Second)), true
		case "u":
			n, err := strconv.Atoi(value)
			if err != nil {
				s.warnf("read: %s: invalid file descriptor specification", value)
				return 1
			}
			fd = n
			if s.fd(fd) == nil {
				s.warnf("read: %d: invalid file descriptor: Bad file descriptor", fd)
				return 1
			}
		}
	}
	for _, name := range names {
		if base, _, _ := cutSubscript(name); !validName(base) {
			s.warnf("read: `%s': not a valid identifier", name)
			return 1
		}
	}
	if hasTimeout && timeout == 0 {
		return boolStatus(s.fd(fd) != nil && s.fd(fd).ready())
	}
	var text []byte
	var escaped []bool
	var err error
	by := s.proc
	if o.chars >= 0 {
		if hasTimeout {
			by = s.newProc(s.proc, nil)
			alarm := time.AfterFunc(timeout, func() { by.signal(14) })
			defer alarm.Stop()
		}
		text, escaped, err = s.readRecord(fd, o, by)
	}
	if s.proc.dead() || s.ended.Load() {
		s.dead()
	}
	status := 0
	if err != nil {
		status = 1
		if err != io.EOF {
			s.warnf("read: read error: %d: %v", fd, err)
		}
		if by != s.proc && by.killed.Load() != 0 {
			status = 142
		}
	}
	if !s.assignRead(string(text), escaped, array, names, o.exact) {
		return 1
	}
	return status
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

// assignRead gives what was read to its variables.
func (s *shell) assignRead(text string, escaped []bool, array string, names []string, exact bool) bool {
	set := func(name, value string) bool {
		if base, sub, ok := cutSubscript(name); ok {
			return s.setElement(base, sub, value, false)
		}
		return s.setVar(name, value)
	}
	if array != "" {
		var fields []string
		rest, off := text, 0
		for {
			var field string
			var more bool
			field, rest, off, more = s.readField(text, rest, off, escaped)
			if !more {
				break
			}
			fields = append(fields, field)
		}
		v := s.writable(s.deref(array))
		if v.attr&readonly != 0 {
			s.warnf("%s: readonly variable", array)
			return false
		}
		if v.attr&assoc != 0 {
			s.warnf("read: %s: cannot convert associative to indexed array", array)
			return false
		}
		s.store(v, func() { v.attr |= indexed; v.list = newArray(fields); v.str = "" })
		return true
	}
	if len(names) == 0 {
		return s.setVar("REPLY", text)
	}
	if exact {
		ok := set(names[0], text)
		for _, name := range names[1:] {
			ok = set(name, "") && ok
		}
		return ok
	}
	rest, off := text, 0
	for i, name := range names {
		if i < len(names)-1 {
			var field string
			field, rest, off, _ = s.readField(text, rest, off, escaped)
			if !set(name, field) {
				return false
			}
			continue
		}
		if !set(name, s.readRest(text, off, escaped)) {
			return false
		}
	}
	return true
}

// readField cuts the next field at IFS, from offset off of text.
func (s *shell) readField(text, _ string, off int, escaped []bool) (field, rest string, next int, more bool) {
	ifs := s.ifsTable()
	class := func(i int) uint8 {
		if i < len(escaped) && escaped[i] {
			return 0
		}
		return ifs[text[i]]
	}
	i := off
	for i < len(text) && class(i) == ifsSpace {
		i++
	}
	if i == len(text) {
		return "", "", i, false
	}
	from := i
	for i < len(text) && class(i) == 0 {
		i++
	}
	field = text[from:i]
	for i < len(text) && class(i) == ifsSpace {
		i++
	}
	if i < len(text) && class(i) == ifsOther {
		i++
		for i < len(text) && class(i) == ifsSpace {
			i++
		}
	}
	return field, text[i:], i, true
}

// readRest is what the last variable gets: the rest of the line, or just the last field without its
// delimiter when there is only one.
func (s *shell) readRest(text string, off int, escaped []bool) string {
	ifs := s.ifsTable()
	class := func(i int) uint8 {
		if i < len(escaped) && escaped[i] {
			return 0
		}
		return ifs[text[i]]
	}
	for off < len(text) && class(off) == ifsSpace {
		off++
	}
	field, _, next, more := s.readField(text, "", off, escaped)
	if more && next == len(text) {
		return field
	}
	end := len(text)
	for end > off && class(end-1) == ifsSpace {
		end--
	}
	return text[min(off, end):end]
}

func builtinMapfile(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "d:n:O:s:tu:C:c:")
	if !ok {
		return 2
	}
	o := readOptions{delim: '\n', raw: true}
	fd, limit, skip, origin, trim := 0, 0, 0, 0, false
	keep, callback, quantum := true, "", 5000
	for _, opt := range opts {
		letter, value, _ := strings.Cut(opt, "=")
		n, err := strconv.Atoi(value)
		if err != nil && strings.Contains("nOsuc", letter) {
			s.warnf("mapfile: %s: invalid number", value)
			return 1
		}
		switch letter {
		case "d":
			o.delim = 0
			if value != "" {
				o.delim = value[0]
			}
		case "n":
			limit = n
		case "O":
			origin, keep = n, false
		case "s":
			skip = n
		case "t":
			trim = true
		case "u":
			fd = n
		case "C":
			callback = value
		case "c":
			quantum = n
		}
	}
	name := "MAPFILE"
	if len(rest) > 0 {
		name = rest[0]
	}
	if !validName(name) {
		s.warnf("mapfile: `%s': not a valid identifier", name)
		return 1
	}
	v := s.writable(s.deref(name))
	if v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return 1
	}
	if v.attr&assoc != 0 {
		s.warnf("mapfile: %s: not an indexed array", name)
		return 1
	}
	if keep || v.list == nil {
		s.store(v, func() { v.list, v.str = &array{}, "" })
	}
	v.attr |= indexed
	v.set = true
	for n, count := origin, 0; limit == 0 || count < limit; {
		text, _, err := s.readRecord(fd, o, s.proc)
		if err != nil && len(text) == 0 {
			break
		}
		if skip > 0 {
			skip--
			if err != nil {
				break
			}
			continue
		}
		line := string(text)
		if !trim && err == nil {
			line += string([]byte{o.delim})
		}
		count++
		if callback != "" && count%quantum == 0 {
			s.runText(callback+" "+strconv.Itoa(n)+" "+quoteSingle(line), "mapfile")
		}
		before := v.list.bytes
		v.list.set(n, line)
		s.hold(v.list.bytes - before)
		s.work(len(line))
		n++
		if err != nil {
			break
		}
	}
	return 0
}
