package sed

import "unicode/utf8"

// transliteration reads y/FROM/TO/.
func (p *parser) transliteration(c *command) error {
	delim := p.next()
	from, ok := p.right(delim)
	var to string
	if ok {
		to, ok = p.right(delim)
	}
	if !ok {
		return p.fail("unterminated `y' command")
	}
	a, b := unescaped(from), unescaped(to)
	if len(a) != len(b) {
		return p.fail("strings for `y' command are different lengths")
	}
	c.y = map[rune]rune{}
	for i, r := range a {
		if _, twice := c.y[r]; !twice {
			c.y[r] = b[i]
		}
	}
	return p.ends()
}

func unescaped(text string) []rune {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
			var size int
			if b, size = escape(b, text[i:]); size > 0 {
				i += size - 1
				continue
			}
			if text[i] != '\\' && text[i] != '\n' {
				b = append(b, '\\')
			}
		}
		b = append(b, text[i])
	}
	return []rune(string(b))
}

// translate applies a y command.
func translate(to, text []byte, y map[rune]rune) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if other, ok := y[r]; ok && (r != utf8.RuneError || size > 1) {
			to = utf8.AppendRune(to, other)
		} else {
			to = append(to, text[i:i+size]...)
		}
		i += size
	}
	return to
}
