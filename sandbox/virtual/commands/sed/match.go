package sed

import (
	"errors"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// regexp is re, or the last one used for an empty pattern.
func (m *machine) regexp(re *regex.Regexp) *regex.Regexp {
	if re == nil {
		if m.lastRE == nil {
			m.problem = errors.New("-e expression #1, char 0: no previous regular expression")
		}
		return m.lastRE
	}
	m.lastRE = re
	return re
}

func (m *machine) test(re *regex.Regexp) bool {
	re = m.regexp(re)
	if re == nil {
		return false
	}
	found := re.Match(m.pattern)
	if re.Err() != nil {
		m.problem = re.Err()
	}
	return found
}

// one says whether an address that is not a range matches now.
func (m *machine) one(a *address) bool {
	switch a.kind {
	case onLine:
		return m.in.line == a.n
	case onStep:
		return m.in.line >= a.n && (m.in.line-a.n)%a.step == 0
	case onLast:
		return m.in.last()
	case onRegex:
		return m.test(a.re)
	}
	return a.kind == always
}

// matches says whether a command's addresses match, and keeps the state of its range.
func (m *machine) matches(c *command) bool {
	if !c.ranged {
		return m.one(&c.from)
	}
	line := m.in.line
	if c.active {
		switch c.to.kind {
		case onLine, afterLines, onMultiple:
			end := c.end
			if c.to.kind == onLine {
				end = c.to.n
			}
			if line >= end {
				c.active, c.closed = false, true
			}
			return line <= end || m.one(&c.from)
		}
		if m.one(&c.to) {
			c.active, c.closed = false, true
		}
		return true
	}
	if c.from.kind == onLine {
		if c.closed || line < c.from.n {
			return false
		}
	} else if !m.one(&c.from) {
		return false
	}
	switch c.to.kind {
	case onLine:
		if line >= c.to.n {
			c.closed = true
			return line <= c.to.n || c.from.kind != onLine || line == c.from.n
		}
	case afterLines:
		c.end = line + c.to.n
		if c.to.n == 0 {
			c.closed = true
			return true
		}
	case onMultiple:
		if c.to.n <= 0 || line%c.to.n == 0 {
			c.closed = true
			return true
		}
		c.end = line + c.to.n - line%c.to.n
	}
	c.active = true
	return true
}
