package shell

import (
	"strconv"
	"strings"
)

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
		what := map[string]string{"n": "line count", "s": "line count", "c": "callback quantum", "O": "array origin", "u": "file descriptor specification"}[letter]
		if what != "" && (err != nil || n < 0 || letter == "c" && n == 0) {
			s.warnf("%s: %s: invalid %s", args[0], value, what)
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
	if s.fd(fd) == nil {
		s.warnf("%s: %d: invalid file descriptor: Bad file descriptor", args[0], fd)
		return 1
	}
	name := "MAPFILE"
	if len(rest) > 0 {
		name = rest[0]
	}
	if name == "" {
		s.warnf("%s: empty array variable name", args[0])
		return 2
	}
	if !validName(name) {
		s.warnf("%s: `%s': not a valid identifier", args[0], name)
		return 1
	}
	v := s.writable(s.deref(name))
	if v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return 1
	}
	if v.attr&assoc != 0 {
		s.warnf("%s: %s: not an indexed array", args[0], name)
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
		if !trim && err == nil && o.delim != 0 {
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
