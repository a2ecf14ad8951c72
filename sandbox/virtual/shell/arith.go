package shell

import (
	"fmt"
	"slices"
	"strings"
)

// arithNode is a parsed arithmetic expression.
type arithNode struct {
	op      string // an operator, "num", "var", "++x", "x++", …
	n       int64
	name    string // of a variable
	sub     string // its subscript, with hasSub
	hasSub  bool
	token   string // of / % and **: what a message about the operand behind it shows
	x, y, z *arithNode
}

// arithError is a mistake in an expression, worded as bash does after the expression itself.
type arithError string

// arithParser parses C's expressions by precedence climbing, a token ahead as bash does: messages show the text from the
// last token on that was read.
type arithParser struct {
	text  string
	pos   int    // behind the token
	start int    // of the token, or at the end of the one before it
	token string // an operator, "num", "var", or "" at the end
	last  string // the token before it
	num   int64
	name  string // of a variable, and its subscript
	sub   string
	isSub bool
	pre   bool // ++x came last
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
	p.next()
	if p.token == "" {
		return &arithNode{op: "num"}, nil
	}
	n = p.comma()
	if p.token != "" {
		p.fail("syntax error in expression")
	}
	return n, nil
}

func (p *arithParser) fail(what string) {
	panic(arithError(fmt.Sprintf("%s: %s (error token is \"%s\")", strings.TrimLeft(p.text, " \t\n"), what, p.text[p.start:])))
}

func (p *arithParser) enter() {
	if p.depth++; p.depth > 1000 {
		p.fail("expression recursion level exceeded")
	}
}

func (p *arithParser) comma() *arithNode {
	x := p.assign()
	for p.token == "," {
		p.next()
		x = &arithNode{op: ",", x: x, y: p.assign()}
	}
	return x
}

func (p *arithParser) assign() *arithNode {
	p.enter()
	defer func() { p.depth-- }()
	x := p.ternary()
	switch p.token {
	case "=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=":
	default:
		return x
	}
	if x.op != "var" || p.last != "var" {
		p.fail("attempted assignment to non-variable")
	}
	op := strings.TrimSuffix(p.token, "=")
	p.next()
	n := &arithNode{op: "=", name: op, x: x, y: p.assign()}
	n.token = p.text[p.start:]
	return n
}

func (p *arithParser) ternary() *arithNode {
	p.enter()
	defer func() { p.depth-- }()
	x := p.binary(0)
	if p.token != "?" {
		return x
	}
	p.next()
	if p.token == "" || p.token == ":" {
		p.fail("expression expected")
	}
	y := p.comma()
	if p.token != ":" {
		p.fail("`:' expected for conditional expression")
	}
	p.next()
	if p.token == "" {
		p.fail("expression expected")
	}
	return &arithNode{op: "?", x: x, y: y, z: p.ternary()}
}

var arithLevels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"},
	{"+", "-"}, {"*", "/", "%"}}

func (p *arithParser) binary(level int) *arithNode {
	if level == len(arithLevels) {
		return p.power()
	}
	x := p.binary(level + 1)
	for p.token != "" && slices.Contains(arithLevels[level], p.token) {
		n := &arithNode{op: p.token, x: x, token: p.text[p.spaceAt(p.pos):]}
		p.next()
		n.y = p.binary(level + 1)
		x = n
	}
	return x
}

func (p *arithParser) power() *arithNode {
	x := p.unary()
	if p.token != "**" {
		return x
	}
	p.enter()
	defer func() { p.depth-- }()
	p.next()
	y := p.power()
	return &arithNode{op: "**", x: x, y: y, token: p.text[p.start:]}
}

func (p *arithParser) unary() *arithNode {
	switch op := p.token; op {
	case "!", "~", "+", "-":
		p.enter()
		defer func() { p.depth-- }()
		p.next()
		return &arithNode{op: "u" + op, x: p.unary()}
	}
	return p.primary()
}

func (p *arithParser) variable() *arithNode {
	return &arithNode{op: "var", name: p.name, sub: p.sub, hasSub: p.isSub}
}

func (p *arithParser) primary() *arithNode {
	switch op := p.token; op {
	case "++x", "--x":
		p.next()
		if p.token != "var" {
			p.fail("identifier expected after pre-increment or pre-decrement")
		}
		n := &arithNode{op: op, x: p.variable()}
		p.token, p.pre = "num", true // ++x is no variable to what follows
		p.next()
		p.pre = false
		return n
	case "(":
		p.next()
		x := p.comma()
		if p.token != ")" {
			p.fail("missing `)'")
		}
		p.next()
		return &arithNode{op: "(", x: x}
	case "num":
		n := &arithNode{op: "num", n: p.num}
		p.next()
		return n
	case "var":
		n := p.variable()
		p.next()
		if p.token == "x++" || p.token == "x--" {
			n = &arithNode{op: p.token, x: n}
			p.token = "num"
			p.next()
		}
		return n
	}
	p.fail("syntax error: operand expected")
	return nil
}
