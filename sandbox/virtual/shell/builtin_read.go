package shell

import (
	"io"
	"strconv"
	"strings"
	"time"
)

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
	if array != "" && !validName(array) {
		s.warnf("read: `%s': not a valid identifier", array)
		return 1
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
