package bc

import "errors"

// node is a statement or an expression.
type node struct {
	op   string
	text string
	kids []*node
	list []string // of a function: its parameters; arrays have [] behind
	auto []string
	void bool // of a function: it has no value
}

var errSyntax = errors.New("syntax error")

// maxNesting bounds brackets and blocks within each other.
const maxNesting = 500

type parser struct {
	tokens []token
	pos    int
	depth  int
}

// at is the i-th token from here; beyond the last it is the end.
func (p *parser) at(i int) token { return p.tokens[min(p.pos+i, len(p.tokens)-1)] }

func (p *parser) kind() string { return p.at(0).kind }

func (p *parser) take(kind string) bool {
	if p.kind() == kind {
		p.pos++
		return true
	}
	return false
}

func (p *parser) newlines() {
	for p.take("\n") {
	}
}

func (p *parser) want(kind string) error {
	if !p.take(kind) {
		return errSyntax
	}
	return nil
}

// line reads the statements and definitions up to the end of a line.
func (p *parser) line() (list []*node, err error) {
	for {
		for p.take(";") {
		}
		if p.take("\n") {
			return list, nil
		}
		var n *node
		if p.kind() == "define" {
			n, err = p.define()
		} else {
			n, err = p.statement()
		}
		if k := p.kind(); err == nil && k != "\n" && k != ";" {
			err = errSyntax
		}
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
}

// skipLine goes to the next line and returns the number of the one it was in.
func (p *parser) skipLine() int {
	line := 1
	for i := range min(p.pos, len(p.tokens)) {
		if p.tokens[i].kind == "\n" {
			line++
		}
	}
	for p.pos < len(p.tokens)-1 && p.kind() != "\n" {
		p.pos++
	}
	return line
}

func (p *parser) statement() (*node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errors.New("nested too deeply")
	}
	defer func() { p.depth-- }()
	t := p.at(0)
	switch t.kind {
	case "{":
		p.pos++
		return p.block()
	case "string":
		p.pos++
		return &node{op: "string", text: t.text}, nil
	case "break", "continue", "quit", "halt", "limits":
		p.pos++
		return &node{op: t.kind}, nil
	case "return":
		p.pos++
		if p.ends() {
			return &node{op: "return"}, nil
		}
		return p.of("return")
	case "print":
		p.pos++
		return p.print()
	case "if", "while":
		p.pos++
		return p.conditional(t.kind)
	case "for":
		p.pos++
		return p.loop()
	}
	return p.of("show")
}

// ends says whether a statement ends here.
func (p *parser) ends() bool {
	k := p.kind()
	return k == "\n" || k == ";" || k == "}"
}

// of reads an expression and makes a node of it.
func (p *parser) of(op string) (*node, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{op: op, kids: []*node{e}}, nil
}

// block reads what is in braces.
func (p *parser) block() (*node, error) {
	n := &node{op: "block"}
	for {
		for p.take("\n") || p.take(";") {
		}
		if p.take("}") {
			return n, nil
		}
		s, err := p.statement()
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, s)
		if !p.ends() {
			return nil, errSyntax
		}
	}
}

func (p *parser) print() (*node, error) {
	n := &node{op: "print"}
	for {
		if s := p.at(0); p.take("string") {
			n.kids = append(n.kids, &node{op: "string", text: s.text})
		} else {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, e)
		}
		if !p.take(",") {
			return n, nil
		}
	}
}

// conditional reads what follows "if" or "while".
func (p *parser) conditional(op string) (*node, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	cond, err := p.expression()
	if err != nil || !p.take(")") {
		return nil, errSyntax
	}
	p.newlines()
	body, err := p.statement()
	if err != nil {
		return nil, err
	}
	n := &node{op: op, kids: []*node{cond, body}}
	if op == "while" {
		return n, nil
	}
	after := p.pos
	for p.take("\n") || p.take(";") {
	}
	if !p.take("else") {
		p.pos = after
		return n, nil
	}
	p.newlines()
	other, err := p.statement()
	if err != nil {
		return nil, err
	}
	n.kids = append(n.kids, other)
	return n, nil
}

// loop reads what follows "for".
func (p *parser) loop() (*node, error) {
	n := &node{op: "for"}
	if err := p.want("("); err != nil {
		return nil, err
	}
	for _, end := range []string{";", ";", ")"} {
		part := &node{op: "number", text: "1"}
		if p.kind() != end {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			part = e
		}
		if n.kids = append(n.kids, part); !p.take(end) {
			return nil, errSyntax
		}
	}
	p.newlines()
	body, err := p.statement()
	n.kids = append(n.kids, body)
	return n, err
}

// define reads a function.
func (p *parser) define() (*node, error) {
	p.pos++
	void := p.at(0).text == "void" && p.at(1).kind == "name"
	if void {
		p.pos++
	}
	f := &node{op: "define", text: p.at(0).text, void: void}
	if !p.take("name") || !p.take("(") {
		return nil, errSyntax
	}
	names := func(end string) (list []string, err error) {
		for !p.take(end) {
			name := p.at(0).text
			if !p.take("name") {
				return nil, errSyntax
			}
			if p.take("[") {
				if name += "[]"; !p.take("]") {
					return nil, errSyntax
				}
			}
			if list = append(list, name); !p.take(",") && p.kind() != end {
				return nil, errSyntax
			}
		}
		return list, nil
	}
	var err error
	if f.list, err = names(")"); err != nil {
		return nil, err
	}
	p.newlines()
	if p.kind() != "{" {
		return nil, errSyntax
	}
	// "auto" comes first in the body.
	at := p.pos
	p.pos++
	p.newlines()
	if p.take("auto") {
		end := "\n"
		for i := p.pos; i < len(p.tokens) && p.tokens[i].kind != "\n"; i++ {
			if p.tokens[i].kind == ";" {
				end = ";"
			}
		}
		if f.auto, err = names(end); err != nil {
			return nil, err
		}
		p.pos--
		p.tokens[p.pos] = token{"{", "{"}
	} else {
		p.pos = at
	}
	body, err := p.statement()
	f.kids = []*node{body}
	return f, err
}
