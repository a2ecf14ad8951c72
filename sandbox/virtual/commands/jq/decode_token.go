package jq

import "math"

// parse goes on until a value is ready, the block is at its end, or there is a problem.
func (d *Decoder) parse() (ready bool, problem string) {
	b := d.block
	for d.pos < len(b) {
		if d.state != 0 {
			problem = d.inString()
		} else {
			from, pos := d.pos, d.pos
			for pos < len(b) && !separates[b[pos]] {
				pos++
			}
			if d.pos = pos; pos == len(b) {
				d.token = append(d.token, b[from:]...)
				return false, ""
			}
			problem = d.separator(b[from:pos])
		}
		if problem != "" {
			return false, problem
		}
		if d.has && len(d.stack) == 0 {
			return true, ""
		}
	}
	return false, ""
}

// separates are the bytes that end a literal.
var separates = [256]bool{'\x1e': true, ' ': true, '\t': true, '\r': true, '\n': true, '[': true, ']': true, '{': true, '}': true,
	',': true, ':': true, '"': true}

// blank are the bytes between the parts of a text.
var blank = [256]bool{' ': true, '\t': true, '\r': true, '\n': true}

// advance goes over the byte at pos.
func (d *Decoder) advance() byte {
	c := d.block[d.pos]
	if d.pos++; c == '\n' {
		d.line++
		d.begin = d.pos
	}
	return c
}

// separator takes what ends a literal, which may be empty.
func (d *Decoder) separator(token []byte) (problem string) {
	c := d.advance()
	if len(d.token) > 0 {
		token = append(d.token, token...)
		d.token = token[:0]
	}
	if len(token) > 0 {
		if problem := d.literal(token); problem != "" {
			return problem
		}
	}
	switch c {
	case '"':
		if n := plain(d.block[d.pos:]); !d.has && d.pos+n < len(d.block) && d.block[d.pos+n] == '"' {
			token := d.block[d.pos : d.pos+n]
			d.pos += n + 1
			return d.text(token)
		}
		d.state = '"'
		return ""
	case '[', '{':
		return d.open(c == '{')
	case ':':
		return d.colon()
	case ',':
		return d.comma()
	case ']':
		return d.endArray()
	case '}':
		return d.endObject()
	}
	return ""
}

// plain is how many bytes of a string stand for themselves and do not end a line.
func plain(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c == '\n' {
			return i
		}
	}
	return len(b)
}

// inString goes on with a string.
func (d *Decoder) inString() (problem string) {
	if d.state == '"' {
		n := plain(d.block[d.pos:])
		d.token = append(d.token, d.block[d.pos:d.pos+n]...)
		if d.pos += n; d.pos == len(d.block) {
			return ""
		}
	}
	c := d.advance()
	switch {
	case d.state == '\\':
		d.state, d.escaped = '"', true
	case c == '\\':
		d.state = '\\'
	case c == '"':
		d.state = 0
		problem = d.text(d.token)
		d.token, d.escaped = d.token[:0], false
		return problem
	}
	d.token = append(d.token, c)
	return ""
}

// text takes the inside of a string.
func (d *Decoder) text(token []byte) (problem string) {
	if d.escaped {
		s, problem := unescape(token)
		if problem != "" {
			return problem
		}
		return d.value(s)
	}
	return d.value(d.maker.text(token))
}

func (d *Decoder) value(v any) string {
	if d.has {
		return "Expected separator between values"
	}
	d.next, d.has = v, true
	return ""
}

func (d *Decoder) literal(token []byte) string {
	if n, ok := smallNumber(token); ok {
		return d.value(boxed(n))
	}
	switch string(token) {
	case "true":
		return d.value(true)
	case "false":
		return d.value(false)
	case "null":
		return d.value(nil)
	case "nan", "NaN":
		return d.value(math.NaN())
	}
	switch token[0] {
	case 't', 'f', 'n':
		return "Invalid literal"
	}
	v, ok := parseNumber(string(token))
	if !ok {
		return "Invalid numeric literal"
	}
	return d.value(v)
}
