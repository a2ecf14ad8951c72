package sed

import (
	"bytes"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// substitution is an s command.
type substitution struct {
	re      *regex.Regexp // nil for the last one used
	parts   []replacement
	global  bool
	print   int
	nth     int
	execute bool
	file    string // of the flag w
}

// letters says how a replacement changes the case of what follows: for all of it, and for its first letter.
type letters byte

const (
	keepCase letters = iota
	upper            // \U, \u
	lower            // \L, \l
)

// replacement is a piece of the right-hand side: a text, a group, or a change of case.
type replacement struct {
	text  []byte
	group int // -1 for text
	all   letters
	first letters
	turns bool // all is set from here on; else first
	cases bool // it is \U \L \E \u or \l
}

// expand appends the replacement of the match m in text.
func (s *substitution) expand(to, text []byte, m []int) []byte {
	var all, first letters
	for i := range s.parts {
		part := &s.parts[i]
		piece := part.text
		switch {
		case part.cases && part.turns:
			all = part.all
			if all == keepCase {
				first = keepCase
			}
			continue
		case part.cases:
			first = part.first
			continue
		case part.group >= 0:
			if 2*part.group+1 >= len(m) || m[2*part.group] < 0 {
				continue
			}
			piece = text[m[2*part.group]:m[2*part.group+1]]
		}
		if len(piece) == 0 {
			continue
		}
		if all == keepCase && first == keepCase {
			to = append(to, piece...)
			continue
		}
		if first != keepCase {
			_, size := utf8.DecodeRune(piece)
			to = appendCase(to, piece[:size], first)
			piece, first = piece[size:], keepCase
		}
		to = appendCase(to, piece, all)
	}
	return to
}

func appendCase(to, text []byte, l letters) []byte {
	switch l {
	case upper:
		return append(to, bytes.ToUpper(text)...)
	case lower:
		return append(to, bytes.ToLower(text)...)
	}
	return append(to, text...)
}

// substitute runs an s command.
func (m *machine) substitute(s *substitution) {
	re := m.regexp(s.re)
	if re == nil {
		return
	}
	text := m.pattern
	match := re.Find(text, 0)
	if match == nil {
		if re.Err() != nil {
			m.problem = re.Err()
		}
		return
	}
	out := m.spare[:0]
	done, count, changed := 0, 0, false
	for match != nil {
		from, to := match[0], match[1]
		count++
		if count >= max(s.nth, 1) {
			out = append(out, text[done:from]...)
			out = s.expand(out, text, match)
			done, changed = to, true
			if !s.global {
				break
			}
			if !m.charge(len(out)) || m.inv.Budget.Work(1) != nil {
				m.problem = cli.ErrStop
				return
			}
		}
		at := to
		if from == to {
			at = after(text, to)
		}
		if at > len(text) {
			break
		}
		match = re.Find(text, at)
		if match != nil && match[0] == match[1] && match[0] == to { // an empty match right behind the last one does not count
			if at = after(text, to); at > len(text) {
				break
			}
			match = re.Find(text, at)
		}
	}
	if !changed {
		return
	}
	out = append(out, text[done:]...)
	m.spare, m.pattern = m.pattern, out
	m.replaced = true
	if s.execute {
		m.pattern = bytes.TrimSuffix(m.output(string(m.pattern)), []byte{m.opt.delim})
	}
	if s.print > 0 {
		m.out.put(m.pattern, m.ended, m.opt.delim)
	}
	if s.file != "" {
		m.writeTo(s.file, m.pattern, m.ended)
	}
}

// after is the offset behind the character at i.
func after(text []byte, i int) int {
	_, size := utf8.DecodeRune(text[min(i, len(text)):])
	return i + max(size, 1)
}
