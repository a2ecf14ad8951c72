package shell

import (
	"fmt"
	"strings"
)

// arithNode is a parsed arithmetic expression.
type arithNode struct {
	op      string // an operator, "num", "var", "++x", "x++", …
	n       int64
	name    string // of a variable
	sub     string // its subscript, with hasSub
	hasSub  bool
	x, y, z *arithNode
}

// arithError is a mistake in an expression, worded as bash does after the expression itself.
type arithError string

// arithParser parses C's expressions by precedence climbing.
type arithParser struct {
	text  string
	pos   int
	start int // of the token that was read last, for messages
	depth int
}

func parseArith(text string) (n *arithNode, err error) {
	p := &arithParser{text: text}
	defer func() {
		if r := recover(); r != nil {
			msg, ok := r.(arithError)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%s", msg)
		}
	}()
	p.space()
	if p.pos == len(text) {
		return &arithNode{op: "num"}, nil
	}
	n = p.comma()
	if p.pos < len(text) {
		p.fail("syntax error in expression")
	}
	return n, nil
}

func (p *arithParser) fail(what string) {
	token := p.text[min(p.pos, len(p.text)):]
	if token == "" && p.start < len(p.text) {
		token = p.text[p.start:]
	}
	panic(arithError(fmt.Sprintf("%s: %s (error token is \"%s\")", strings.TrimLeft(p.text, " \t\n"), what, token)))
}

func (p *arithParser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// take consumes an operator, unless it is the beginning of a longer one.
func (p *arithParser) take(op string) bool {
	if !strings.HasPrefix(p.text[p.pos:], op) {
		return false
	}
	rest := p.text[p.pos+len(op):]
	next := byte(0)
	if rest != "" {
		next = rest[0]
	}
	switch op {
	case "=":
		if next == '=' {
			return false
		}
	case "<", ">", "&", "|", "*":
		if next == op[0] || next == '=' {
			return false
		}
	case "+", "-":
		if next == '=' {
			return false
		}
	case "!", "/", "%", "^", "**", "<<", ">>":
		if next == '=' {
			return false
		}
	}
	p.start = p.pos
	p.pos += len(op)
	p.space()
	return true
}

func (p *arithParser) enter() {
	if p.depth++; p.depth > 1000 {
		p.fail("expression recursion level exceeded")
	}
}

func (p *arithParser) comma() *arithNode {
	x := p.assign()
	for p.take(",") {
		x = &arithNode{op: ",", x: x, y: p.assign()}
	}
	return x
}

var assignOps = []string{"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="}

func (p *arithParser) assign() *arithNode {
	p.enter()
	defer func() { p.depth-- }()
	x := p.ternary()
	for _, op := range assignOps {
		if !p.take(op) {
			continue
		}
		if x.op != "var" {
			p.pos = p.start
			p.fail("attempted assignment to non-variable")
		}
		return &arithNode{op: "=", name: strings.TrimSuffix(op, "="), x: x, y: p.assign()}
	}
	return x
}

func (p *arithParser) ternary() *arithNode {
	x := p.binary(0)
	if !p.take("?") {
		return x
	}
	if strings.HasPrefix(p.text[p.pos:], ":") {
		p.fail("expression expected")
	}
	y := p.comma()
	if !p.take(":") {
		p.fail("`:' expected for conditional expression")
	}
	return &arithNode{op: "?", x: x, y: y, z: p.assignOrTernary()}
}

func (p *arithParser) assignOrTernary() *arithNode {
	p.enter()
	defer func() { p.depth-- }()
	return p.ternary()
}

var arithLevels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"},
	{"+", "-"}, {"*", "/", "%"}}

func (p *arithParser) binary(level int) *arithNode {
	if level == len(arithLevels) {
		return p.power()
	}
	x := p.binary(level + 1)
again:
	for p.pos < len(p.text) {
		for _, op := range arithLevels[level] {
			if p.take(op) {
				x = &arithNode{op: op, x: x, y: p.binary(level + 1)}
				continue again
			}
		}
		break
	}
	return x
}

func (p *arithParser) power() *arithNode {
	x := p.unary()
	if p.take("**") {
		p.enter()
		defer func() { p.depth-- }()
		return &arithNode{op: "**", x: x, y: p.power()}
	}
	return x
}

func (p *arithParser) unary() *arithNode {
	p.enter()
	defer func() { p.depth-- }()
	rest := p.text[p.pos:]
	for _, op := range []string{"++", "--"} {
		if strings.HasPrefix(rest, op) {
			save := p.pos
			p.start = p.pos
			p.pos += 2
			p.space()
			if p.pos < len(p.text) && (isNameByte(p.text[p.pos]) && !isDigit(p.text[p.pos])) {
				return &arithNode{op: op + "x", x: p.primary()}
			}
			p.pos = save
		}
	}
	if rest != "" && strings.IndexByte("!~+-", rest[0]) >= 0 {
		op := rest[:1]
		p.start = p.pos
		p.pos++
		p.space()
		return &arithNode{op: "u" + op, x: p.unary()}
	}
	x := p.primary()
	for _, op := range []string{"++", "--"} {
		if strings.HasPrefix(p.text[p.pos:], op) {
			if x.op != "var" {
				after := strings.TrimLeft(p.text[p.pos+2:], " ")
				if after == "" || !isNameByte(after[0]) && after[0] != '(' {
					p.fail("syntax error: operand expected")
				}
				return x
			}
			p.pos += 2
			p.space()
			return &arithNode{op: "x" + op, x: x}
		}
	}
	return x
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (p *arithParser) primary() *arithNode {
	if p.pos >= len(p.text) {
		p.fail("syntax error: operand expected")
	}
	c := p.text[p.pos]
	from := p.pos
	switch {
	case c == '(':
		p.start = p.pos
		p.pos++
		p.space()
		x := p.comma()
		if !p.take(")") {
			p.fail("missing `)'")
		}
		return &arithNode{op: "(", x: x}
	case isDigit(c):
		for p.pos < len(p.text) && (isNameByte(p.text[p.pos]) || p.text[p.pos] == '#' || p.text[p.pos] == '@') {
			p.pos++
		}
		p.start = from
		n, what := parseNumber(p.text[from:p.pos])
		if what != "" {
			p.pos = from
			p.fail(what)
		}
		p.space()
		return &arithNode{op: "num", n: n}
	case isNameByte(c):
		for p.pos < len(p.text) && isNameByte(p.text[p.pos]) {
			p.pos++
		}
		p.start = from
		x := &arithNode{op: "var", name: p.text[from:p.pos]}
		if p.pos < len(p.text) && p.text[p.pos] == '[' {
			x.sub, x.hasSub = p.subscript(), true
		}
		p.space()
		return x
	}
	p.fail("syntax error: operand expected")
	return nil
}

// literalKey marks, at both ends, a subscript that is an associative array's key as it stands.
const literalKey = "\x00"

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
