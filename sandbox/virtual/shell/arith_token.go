package shell

import "strings"

func (p *arithParser) spaceAt(i int) int {
	for i < len(p.text) && strings.IndexByte(" \t\n\r", p.text[i]) >= 0 {
		i++
	}
	return i
}

// arithOperatorList are the operators, longer ones before those that they begin with.
var arithOperatorList = []string{"<<=", ">>=", "**", "==", "!=", ">=", "<=", "&&", "||", "<<", ">>", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=",
	"<", ">", "=", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "(", ")", "?", ":", ","}

// next reads the next token.
func (p *arithParser) next() {
	at := p.spaceAt(p.pos)
	p.last = p.token
	if at == len(p.text) {
		p.token, p.pos = "", at
		return
	}
	p.start = at
	switch c := p.text[at]; {
	case isDigit(c):
		end := at
		for end < len(p.text) && (isNameByte(p.text[end]) || p.text[end] == '#' || p.text[end] == '@') {
			end++
		}
		n, what := parseNumber(p.text[at:end])
		if what != "" {
			p.fail(what)
		}
		p.token, p.num, p.pos = "num", n, end
		return
	case isNameByte(c):
		end := at
		for end < len(p.text) && isNameByte(p.text[end]) {
			end++
		}
		p.name, p.pos, p.isSub = p.text[at:end], end, false
		if end < len(p.text) && p.text[end] == '[' {
			p.sub, p.isSub = p.subscript(), true
		}
		p.token = "var"
		return
	}
	rest := p.text[at:]
	if strings.HasPrefix(rest, "++") || strings.HasPrefix(rest, "--") {
		behind := p.spaceAt(at + 2)
		switch {
		case p.last == "num" && p.pre:
			p.fail(rest[:2] + ": assignment requires lvalue")
		case p.last == "var":
			p.token, p.pos = "x"+rest[:2], at+2
			return
		case behind < len(p.text) && isNameByte(p.text[behind]) && !isDigit(p.text[behind]):
			p.token, p.pos = rest[:2]+"x", at+2
			return
		}
		p.token, p.pos = rest[:1], at+1
		return
	}
	for _, op := range arithOperatorList {
		if strings.HasPrefix(rest, op) {
			p.token, p.pos = op, at+len(op)
			return
		}
	}
	if p.last != "num" && p.last != "var" && p.last != ")" {
		p.fail("syntax error: operand expected")
	}
	p.fail("syntax error: invalid arithmetic operator")
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// literalKey marks, at both ends, a subscript that is an associative array's key as it stands.
const literalKey = "\x00"

// subscript reads the one at pos.
func (p *arithParser) subscript() string {
	from := p.pos + 1
	if strings.HasPrefix(p.text[from:], literalKey) {
		if end := strings.Index(p.text[from+1:], literalKey+"]"); end >= 0 {
			p.pos = from + 1 + end + 2
			return p.text[from : from+1+end]
		}
	}
	depth := 0
	for ; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				p.pos++
				return p.text[from : p.pos-1]
			}
		}
	}
	p.fail("bad array subscript")
	return ""
}
