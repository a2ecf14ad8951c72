package sed

import (
	"bytes"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// substitution reads s/REGEX/REPLACEMENT/FLAGS.
func (p *parser) substitution(c *command) error {
	delim := p.next()
	pattern, ok := p.delimited(delim, true)
	var right string
	if ok {
		right, ok = p.right(delim)
	}
	if !ok {
		return p.fail("unterminated `s' command")
	}
	s := &substitution{}
	c.s = s
	var flags regex.Flags
	for done := false; !done; {
		switch f := p.peek(); f {
		case 'g':
			p.pos++
			if s.global {
				return p.fail("multiple `g' options to `s' command")
			}
			s.global = true
		case 'p':
			p.pos++
			if s.print > 0 {
				return p.fail("multiple `p' options to `s' command")
			}
			s.print = 1
			if s.execute {
				s.print = 2
			}
		case 'i', 'I':
			p.pos++
			flags |= regex.IgnoreCase
		case 'm', 'M':
			p.pos++
			flags |= regex.Multiline
		case 'e':
			p.pos++
			if p.opt.sandbox {
				return p.fail("e/r/w commands disabled in sandbox mode")
			}
			s.execute = true
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if s.nth > 0 {
				p.number()
				return p.fail("multiple number options to `s' command")
			}
			if s.nth = p.number(); s.nth == 0 {
				return p.fail("number option to `s' command may not be zero")
			}
		case 'w':
			p.pos++
			if p.opt.sandbox {
				return p.fail("e/r/w commands disabled in sandbox mode")
			}
			p.skip(" \t")
			if s.file = p.line(); s.file == "" {
				return p.fail("missing filename in r/R/w/W commands")
			}
			done = true
		case '}', '#':
			done = true
		case 0, '\n', ';':
			if p.pos < len(p.text) {
				p.pos++
			}
			done = true
		case ' ', '\t', '\r':
			p.pos++
		default:
			p.pos++
			return p.fail("unknown option to `s'")
		}
	}
	var err error
	if s.re, err = p.regexp(pattern, flags); err != nil {
		return err
	}
	highest := 0
	s.parts, highest = parseReplacement(right)
	if s.re != nil && highest > s.re.Groups() {
		return p.fail("invalid reference \\%d on `s' command's RHS", highest)
	}
	return nil
}

// right reads the right-hand side; a newline in it must have a backslash.
func (p *parser) right(delim byte) (string, bool) {
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.next()
		switch {
		case c == delim:
			return b.String(), true
		case c == '\n':
			p.pos--
			return "", false
		case c == '\\':
			if p.pos == len(p.text) {
				return "", false
			}
			if d := p.next(); d == delim && d != '&' && d != '\n' {
				c = d
				if d == '\\' {
					b.WriteByte('\\')
				}
			} else {
				b.WriteByte('\\')
				c = d
			}
		}
		b.WriteByte(c)
	}
	return "", false
}

// escape appends the character that an escape stands for, text being what follows the backslash, and says how many
// bytes of text it took; 0 if it is none.
func escape(to []byte, text string) ([]byte, int) {
	number := func(base, most int) ([]byte, int) {
		v, i := 0, 1
		for ; i <= most && i < len(text); i++ {
			d := strings.IndexByte("0123456789abcdef", text[i])
			if text[i] >= 'A' && text[i] <= 'F' {
				d = int(text[i]-'A') + 10
			}
			if d < 0 || d >= base {
				break
			}
			v = v*base + d
		}
		if i == 1 {
			return to, 0
		}
		return append(to, byte(v)), i
	}
	switch text[0] {
	case 'a':
		return append(to, '\a'), 1
	case 'f':
		return append(to, '\f'), 1
	case 'n':
		return append(to, '\n'), 1
	case 'r':
		return append(to, '\r'), 1
	case 't':
		return append(to, '\t'), 1
	case 'v':
		return append(to, '\v'), 1
	case 'x':
		return number(16, 2)
	case 'd':
		return number(10, 3)
	case 'o':
		return number(8, 3)
	case 'c':
		if len(text) > 1 {
			return append(to, bytes.ToUpper([]byte{text[1]})[0]^0x40), 2
		}
	}
	return to, 0
}

// parseReplacement splits a right-hand side, and says the highest group it names.
func parseReplacement(right string) (parts []replacement, highest int) {
	var text []byte
	flush := func() {
		if len(text) > 0 {
			parts = append(parts, replacement{text: text, group: -1})
			text = nil
		}
	}
	for i := 0; i < len(right); i++ {
		c := right[i]
		switch {
		case c == '&':
			flush()
			parts = append(parts, replacement{group: 0})
		case c == '\\' && i+1 < len(right):
			i++
			change := replacement{group: -1, cases: true}
			switch c = right[i]; c {
			case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
				flush()
				parts = append(parts, replacement{group: int(c - '0')})
				highest = max(highest, int(c-'0'))
				continue
			case 'U':
				change.turns, change.all = true, upper
			case 'L':
				change.turns, change.all = true, lower
			case 'E':
				change.turns = true
			case 'u':
				change.first = upper
			case 'l':
				change.first = lower
			default:
				var size int
				if text, size = escape(text, right[i:]); size > 0 {
					i += size - 1
				} else {
					text = append(text, c)
				}
				continue
			}
			flush()
			parts = append(parts, change)
		default:
			text = append(text, c)
		}
	}
	flush()
	return parts, highest
}
