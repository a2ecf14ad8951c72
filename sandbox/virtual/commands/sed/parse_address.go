package sed

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// address reads one address, if one is there.
func (p *parser) address(a *address, second bool) (found bool, err error) {
	switch c := p.peek(); {
	case c >= '0' && c <= '9':
		a.kind, a.n = onLine, p.number()
		p.skip(" \t")
		if p.peek() == '~' && !second {
			p.pos++
			p.skip(" \t")
			a.kind, a.step = onStep, p.number()
			if a.step == 0 {
				a.kind = onLine
			}
		} else if a.n == 0 && !second {
			a.kind = onZero
		}
	case c == '$':
		p.pos++
		a.kind = onLast
	case second && (c == '+' || c == '~'):
		p.pos++
		a.kind = afterLines
		if c == '~' {
			a.kind = onMultiple
		}
		if p.peek() < '0' || p.peek() > '9' {
			p.pos++
			return false, p.fail("expected number")
		}
		a.n = p.number()
	case c == '/' || c == '\\':
		p.pos++
		delim := c
		if c == '\\' {
			delim = p.next()
		}
		pattern, ok := p.delimited(delim, true)
		if !ok {
			return false, p.fail("unterminated address regex")
		}
		a.kind = onRegex
		var flags regex.Flags
		for ; ; p.pos++ {
			switch p.peek() {
			case 'I':
				flags |= regex.IgnoreCase
				continue
			case 'M':
				flags |= regex.Multiline
				continue
			}
			break
		}
		a.re, err = p.regexp(pattern, flags)
		return true, err
	default:
		return false, nil
	}
	return true, nil
}

// delimited reads up to delim. In a regex a delimiter within brackets does not count, and a delimiter with a backslash
// stands for itself literally.
func (p *parser) delimited(delim byte, isRegex bool) (text string, ok bool) {
	if delim == 0 || delim == '\n' || delim == '\\' {
		return "", false
	}
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == delim:
			p.pos++
			return b.String(), true
		case c == '\n' && isRegex:
			return "", false
		case c == '[' && isRegex:
			if end := p.bracketEnd(); end > 0 {
				b.WriteString(p.text[p.pos:end])
				p.pos = end
				continue
			}
		case c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			switch d := p.text[p.pos]; {
			case d == delim && isRegex && strings.IndexByte(`.[]*^$+?(){}|`, d) >= 0:
				if d == '^' {
					b.WriteString(`\^`)
				} else {
					b.WriteString("[" + string(d) + "]")
				}
			case d == delim && d != '&':
				b.WriteByte(d)
			default:
				b.WriteByte('\\')
				b.WriteByte(d)
			}
			p.pos++
			continue
		case c == '\n':
			return "", false
		}
		b.WriteByte(c)
		p.pos++
	}
	return "", false
}

// bracketEnd finds the end of the bracket expression that begins here; 0 if it has none on this line.
func (p *parser) bracketEnd() int {
	i := p.pos + 1
	if i < len(p.text) && p.text[i] == '^' {
		i++
	}
	for first := true; i < len(p.text) && p.text[i] != '\n'; first = false {
		switch {
		case p.text[i] == ']' && !first:
			return i + 1
		case p.text[i] == '[' && i+1 < len(p.text) && strings.IndexByte(":.=", p.text[i+1]) >= 0:
			if end := strings.Index(p.text[i+2:], p.text[i+1:i+2]+"]"); end >= 0 {
				i += 2 + end + 1
			}
		}
		i++
	}
	return 0
}

func (p *parser) regexp(pattern string, flags regex.Flags) (*regex.Regexp, error) {
	if pattern == "" {
		if flags != 0 {
			return nil, p.fail("no previous regular expression")
		}
		return nil, nil
	}
	syntax := regex.BRE
	if p.opt.extended {
		syntax = regex.ERE
	}
	flags |= regex.Escapes | regex.Strict
	if !p.opt.utf8 {
		flags |= regex.Bytes
	}
	re, err := regex.Compile(pattern, syntax, flags)
	if err != nil {
		return nil, p.fail("%v", err)
	}
	return re, nil
}
