package commands

import (
	"bytes"
	"errors"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// merge is the state of a join: where both files are.
type merge struct {
	*joiner
	sources    []*source
	current    [2]*joinLine
	numbers    [2]int
	warned     [2]bool
	unpairable bool // such a line was seen
	held       int
}

// errUnsorted ends a join whose input must be sorted.
var errUnsorted = errors.New("not sorted")

// advance reads the next line of a file.
func (m *merge) advance(side int) error {
	s := m.sources[side]
	s.next()
	if s.done {
		m.current[side] = nil
		return nil
	}
	m.numbers[side]++
	l := m.split(s.line, side)
	old := m.current[side]
	m.current[side] = l
	if m.check == "nocheck-order" || m.check == "" && !m.unpairable || old == nil || m.warned[side] || m.compare(old, l) <= 0 {
		return nil
	}
	m.warned[side] = true
	m.out.Flush()
	m.inv.Errorf("%s:%d: is not sorted: %s", s.name, m.numbers[side], s.line)
	if m.check == "check-order" {
		return errUnsorted
	}
	return nil
}

// run joins: lines with the same key are gathered from both files, so that each meets all the others.
func (m *merge) run() error {
	defer func() { m.inv.Budget.Release(m.held) }()
	for side := range m.current {
		if err := m.advance(side); err != nil {
			return err
		}
	}
	if m.auto {
		m.autoFormat()
	}
	if m.header {
		if m.current[0] != nil || m.current[1] != nil {
			m.print(m.current[0], m.current[1])
		}
		for side := range m.current {
			m.current[side], m.numbers[side] = nil, 1
			if err := m.advance(side); err != nil {
				return err
			}
		}
	}
	for m.current[0] != nil || m.current[1] != nil {
		if m.inv.Budget.Work(1) != nil {
			return cli.ErrStop
		}
		if err := m.step(); err != nil {
			return err
		}
	}
	return nil
}

// step treats the lines of the smaller key, or those of a key that both files have.
func (m *merge) step() error {
	a, b := m.current[0], m.current[1]
	order := 0
	switch {
	case b == nil:
		order = -1
	case a == nil:
		order = 1
	default:
		order = m.compare(a, b)
	}
	if order == 0 {
		return m.pairs()
	}
	side, line := 0, [2]*joinLine{a, nil}
	if order > 0 {
		side, line = 1, [2]*joinLine{nil, b}
	}
	if m.unpaired[side] {
		m.print(line[0], line[1])
		if _, err := m.out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
	err := m.advance(side)
	m.unpairable = m.unpairable || a != nil && b != nil
	return err
}

// pairs prints each line of a key in one file with each in the other.
func (m *merge) pairs() error {
	var groups [2][]*joinLine
	held := m.held
	for side := range groups {
		for first := m.current[side]; m.current[side] != nil && m.compare(first, m.current[side]) == 0; {
			groups[side] = append(groups[side], m.current[side])
			size := len(m.sources[side].line) + 100
			m.held += size
			if m.inv.Budget.Hold(size) != nil {
				return cli.ErrStop
			}
			if err := m.advance(side); err != nil {
				return err
			}
		}
	}
	if !m.noPairs {
		for _, a := range groups[0] {
			for _, b := range groups[1] {
				m.print(a, b)
			}
			if _, err := m.out.Write(nil); err != nil || m.inv.Budget.Work(len(groups[1])) != nil {
				return cli.ErrStop
			}
		}
	}
	m.inv.Budget.Release(m.held - held)
	m.held = held
	return nil
}

// autoFormat is -o auto: as many fields as the first lines have.
func (m *merge) autoFormat() {
	m.format = [][2]int{{0, 0}}
	for side, l := range m.current {
		if l == nil {
			continue
		}
		for k := range l.fields {
			if k != m.fields[side] {
				m.format = append(m.format, [2]int{side + 1, k + 1})
			}
		}
	}
}

func (j *joiner) split(line []byte, side int) *joinLine {
	l, text := &joinLine{}, bytes.Clone(line)
	switch {
	case j.sep == '\n':
		l.fields = [][]byte{text}
	case j.sep >= 0:
		l.fields = bytes.Split(text, []byte{byte(j.sep)})
	default:
		l.fields = blankFields(text)
	}
	if n := j.fields[side]; n < len(l.fields) {
		l.key = l.fields[n]
	}
	return l
}

// blankFields splits at blanks. Those before the first field do not count, but those behind the last begin another, which is empty.
func blankFields(text []byte) [][]byte {
	const blanks = " \t\n"
	text = bytes.TrimLeft(text, blanks)
	if len(text) == 0 {
		return nil
	}
	fields := bytes.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(blanks, r) })
	if bytes.ContainsAny(text[len(text)-1:], blanks) {
		fields = append(fields, nil)
	}
	return fields
}

func (j *joiner) compare(a, b *joinLine) int {
	if j.ignoreCase {
		return bytes.Compare(bytes.ToLower(a.key), bytes.ToLower(b.key))
	}
	return bytes.Compare(a.key, b.key)
}

func (j *joiner) print(a, b *joinLine) {
	sep := byte(' ')
	if j.sep >= 0 {
		sep = byte(j.sep)
	}
	first := true
	field := func(text []byte) {
		if !first {
			j.out.WriteByte(sep)
		}
		first = false
		if len(text) == 0 {
			j.out.WriteString(j.empty)
		}
		j.out.Write(text)
	}
	lines := [2]*joinLine{a, b}
	key := func() []byte {
		if a != nil && j.fields[0] < len(a.fields) {
			return a.key
		}
		if b != nil {
			return b.key
		}
		return nil
	}
	if j.format != nil {
		for _, f := range j.format {
			switch {
			case f[0] == 0:
				field(key())
			case lines[f[0]-1] != nil && f[1] <= len(lines[f[0]-1].fields):
				field(lines[f[0]-1].fields[f[1]-1])
			default:
				field(nil)
			}
		}
	} else {
		field(key())
		for side, l := range lines {
			if l == nil {
				continue
			}
			for i, f := range l.fields {
				if i != j.fields[side] {
					field(f)
				}
			}
		}
	}
	j.out.WriteByte(j.end)
}
