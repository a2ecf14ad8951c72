package awk

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// splitter is how records become fields.
type splitter struct {
	mode   byte // 'v' comma-separated values, ' ' blanks, 'c' a character, 'r' a regex, 'e' every character, 'p' FPAT, 'w' FIELDWIDTHS
	char   byte
	re     *regex.Regexp
	widths []int // pairs: to skip, then the width; -1 for the rest
}

// widths reads FIELDWIDTHS: for each field what to skip, and its width, -1 for the rest.
func (in *interp) widths(s string) (widths []int) {
	words := strings.Fields(s)
	for i, w := range words {
		skip, width, both := strings.Cut(w, ":")
		if !both {
			skip, width = "0", w
		}
		a, errSkip := strconv.Atoi(skip)
		b, err := strconv.Atoi(width)
		if width == "*" {
			if i < len(words)-1 {
				in.fatal("`*' must be the last designator in FIELDWIDTHS")
			}
			b, err = -1, nil
		}
		if err != nil || errSkip != nil || a < 0 || b < 0 && width != "*" {
			in.fatal("invalid FIELDWIDTHS value, for field %d, near `%s'", i+1, w)
		}
		widths = append(widths, a, b)
	}
	return widths
}

// splitterOf reads a separator as FS and split take it.
func (in *interp) splitterOf(s string) splitter {
	switch {
	case s == " ":
		return splitter{mode: ' '}
	case s == "":
		return splitter{mode: 'e'}
	case s == "\\":
		return splitter{mode: 'c', char: '\\'}
	case len(s) == 1:
		return splitter{mode: 'c', char: s[0]}
	case s == `\|` || len(s) == 2 && s[0] == '\\' && strings.IndexByte(`.[]*+?(){}^$\|/`, s[1]) >= 0:
		return splitter{mode: 'c', char: s[1]}
	}
	return splitter{mode: 'r', re: in.dynamic(s)}
}

// splitInto appends the fields of s to fields, and what is between them to seps if that is not nil. In paragraph mode
// a newline separates as well as a single character.
func (in *interp) splitInto(fields []value, seps *[]string, s string, by splitter, paragraph bool) []value {
	sep := func(text string) {
		if seps != nil {
			*seps = append(*seps, text)
		}
	}
	switch by.mode {
	case ' ':
		return splitBlanks(fields, seps, s)
	case 'c':
		if s == "" {
			return fields
		}
		for at := 0; ; {
			i := strings.IndexByte(s[at:], by.char)
			if paragraph {
				if n := strings.IndexByte(s[at:], '\n'); n >= 0 && (i < 0 || n < i) {
					i = n
				}
			}
			if i < 0 {
				return append(fields, field(s[at:]))
			}
			fields = append(fields, field(s[at:at+i]))
			sep(s[at+i : at+i+1])
			at += i + 1
		}
	case 'e':
		for i := 0; i < len(s); {
			size := in.runeAt(s, i)
			fields = append(fields, field(s[i:i+size]))
			if i += size; i < len(s) {
				sep("")
			}
		}
		return fields
	case 'w':
		at := 0
		for i := 0; i < len(by.widths) && at < len(s); i += 2 {
			from := at + in.offset(s[at:], by.widths[i])
			to := len(s)
			if by.widths[i+1] >= 0 {
				to = from + in.offset(s[from:], by.widths[i+1])
			}
			fields = append(fields, field(s[from:to]))
			at = to
		}
		return fields
	case 'v':
		return splitValues(fields, s)
	case 'p':
		return splitContent(fields, seps, s, by.re)
	}
	if s == "" {
		return fields
	}
	b := []byte(s)
	start := 0
	for at := 0; at <= len(s); {
		m := by.re.Find(b, at)
		from, to := len(s)+1, 0
		if m != nil {
			from, to = m[0], m[1]
		}
		if from > len(s) {
			break
		}
		if from == to {
			at = to + 1
			continue
		}
		fields = append(fields, field(s[start:from]))
		sep(s[from:to])
		start, at = to, to
	}
	return append(fields, field(s[start:]))
}

func splitBlanks(fields []value, seps *[]string, s string) []value {
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			i++
		}
		if seps != nil && (i > start || len(fields) > 0) && (i > start) {
			*seps = append(*seps, s[start:i])
		} else if seps != nil && start == 0 {
			*seps = append(*seps, "")
		}
		if i == len(s) {
			break
		}
		start = i
		for i < len(s) && s[i] != ' ' && s[i] != '\t' && s[i] != '\n' {
			i++
		}
		fields = append(fields, field(s[start:i]))
	}
	return fields
}

// splitContent finds fields by what they look like: FPAT and patsplit. seps then begins with what is before the first.
func splitContent(fields []value, seps *[]string, s string, re *regex.Regexp) []value {
	b := []byte(s)
	last, nonEmpty := 0, false
	for at := 0; at <= len(s); {
		m := re.Find(b, at)
		if m == nil {
			break
		}
		if m[0] == m[1] && nonEmpty && m[0] == last { // an empty field right behind one is none
			if at = m[1] + 1; at > len(s) {
				break
			}
			nonEmpty = false
			continue
		}
		if seps != nil {
			*seps = append(*seps, s[last:m[0]])
		}
		fields = append(fields, field(s[m[0]:m[1]]))
		nonEmpty = m[1] > m[0]
		if last, at = m[1], m[1]; !nonEmpty {
			at++
		}
	}
	if seps != nil {
		*seps = append(*seps, s[last:])
	}
	return fields
}

// splitValues reads comma-separated values: a value may be in quotes, within which two quotes are one.
func splitValues(fields []value, s string) []value {
	if s == "" {
		return fields
	}
	for {
		if !strings.HasPrefix(s, `"`) {
			v, rest, more := strings.Cut(s, ",")
			fields = append(fields, field(v))
			if !more {
				return fields
			}
			s = rest
			continue
		}
		var b strings.Builder
		i := 1
		for i < len(s) {
			if s[i] == '"' {
				if i++; i == len(s) || s[i] != '"' {
					break
				}
			}
			b.WriteByte(s[i])
			i++
		}
		end := strings.IndexByte(s[i:], ',')
		if end < 0 {
			return append(fields, field(b.String()+s[i:]))
		}
		fields = append(fields, field(b.String()+s[i:i+end]))
		s = s[i+end+1:]
	}
}
