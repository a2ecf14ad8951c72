package regex

import (
	"strings"
)

// spell puts the characters that are written as numbers in their places: sed does so before it reads a pattern, so that
// they mean what they mean there.
func (p *parser) spell() {
	var text []rune
	for i := 0; i < len(p.text); i++ {
		if p.text[i] != '\\' || i+1 == len(p.text) {
			text = append(text, p.text[i])
			continue
		}
		if c := p.text[i+1]; c == 'x' || c == 'd' || c == 'o' {
			if r, size := p.charEscape(i); size > 0 && r != '\n' {
				text = append(text, r)
				i += size - 1
				continue
			}
		}
		text = append(text, p.text[i], p.text[i+1])
		i++
	}
	p.text = text
}

func (p *parser) escape() (*node, error) {
	if p.pos+1 >= len(p.text) {
		return nil, errBackslash
	}
	c := p.text[p.pos+1]
	if p.syntax == Awk || p.flags&Escapes != 0 {
		if r, size := p.charEscape(p.pos); size > 0 {
			p.pos += size
			return &node{kind: char, r: r}, nil
		}
	}
	p.pos += 2
	edge := func(k kind) (*node, error) {
		p.context = true
		return &node{kind: k}, nil
	}
	switch c {
	case 'w', 'W':
		return &node{kind: set, set: &charSet{negated: c == 'W', names: []string{"word"}}}, nil
	case 's', 'S':
		return &node{kind: set, set: &charSet{negated: c == 'S', names: []string{"space"}}}, nil
	case 'b':
		return edge(wordEdge)
	case 'y':
		if p.syntax == Awk {
			return edge(wordEdge)
		}
	case 'B':
		return edge(notWordEdge)
	case '<':
		return edge(wordStart)
	case '>':
		return edge(wordEnd)
	case '`':
		return edge(textStart)
	case '\'':
		return &node{kind: textEnd}, nil
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !p.closed[c-'0'] {
			return nil, errBackref
		}
		p.backrefs = true
		return &node{kind: backref, n: p.base + int(c-'0')}, nil
	case ')':
		if p.syntax == BRE {
			return nil, errUnopened
		}
	}
	return &node{kind: char, r: c}, nil
}

// charEscape reads an escape at i that stands for a character, and says how long it is; 0 if it is none.
func (p *parser) charEscape(i int) (r rune, size int) {
	rest := p.text[i+1:]
	if len(rest) == 0 {
		return 0, 0
	}
	number := func(from, base, most int) (rune, int) {
		v, n := 0, from
		for n < len(rest) && n < from+most {
			d := strings.IndexRune("0123456789abcdef", rest[n]|0x20)
			if rest[n] <= '9' {
				d = int(rest[n] - '0')
			}
			if d < 0 || d >= base {
				break
			}
			v, n = v*base+d, n+1
		}
		if n == from {
			return 0, 0
		}
		return rune(v & 0xff), n + 1
	}
	switch c := rest[0]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'f':
		return '\f', 2
	case 'v':
		return '\v', 2
	case 'a':
		return '\a', 2
	case 'r':
		return '\r', 2
	case 'x':
		return number(1, 16, 2)
	case 'd', 'o':
		if p.syntax != Awk && c == 'd' {
			return number(1, 10, 3)
		} else if p.syntax != Awk {
			return number(1, 8, 3)
		}
	case 'c':
		if p.syntax != Awk && len(rest) > 1 {
			return []rune(strings.ToUpper(string(rest[1])))[0] ^ 0x40, 3
		}
	case 'b':
		if p.syntax == Awk {
			return '\b', 2
		}
	case '/', '"', '&':
		if p.syntax == Awk {
			return c, 2
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		if p.syntax == Awk {
			return number(0, 8, 3)
		}
	}
	return 0, 0
}
