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
		block := &node{op: "block"}
		for {
			for p.take("\n") || p.take(";") {
			}
			if p.take("}") {
				return block, nil
			}
			s, err := p.statement()
			if err != nil {
				return nil, err
			}
			block.kids = append(block.kids, s)
			if k := p.kind(); k != "\n" && k != ";" && k != "}" {
				return nil, errSyntax
			}
		}
	case "string":
		p.pos++
		return &node{op: "string", text: t.text}, nil
	case "break", "continue", "quit", "halt", "limits":
		p.pos++
		return &node{op: t.kind}, nil
	case "return":
		p.pos++
		n := &node{op: "return"}
		if k := p.kind(); k != "\n" && k != ";" && k != "}" {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			n.kids = []*node{e}
		}
		return n, nil
	case "print":
		p.pos++
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
	case "if", "while":
		p.pos++
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
		n := &node{op: t.kind, kids: []*node{cond, body}}
		at := p.pos
		if t.kind == "if" {
			for p.take("\n") || p.take(";") {
			}
			if p.take("else") {
				p.newlines()
				other, err := p.statement()
				if err != nil {
					return nil, err
				}
				n.kids = append(n.kids, other)
			} else {
				p.pos = at
			}
		}
		return n, nil
	case "for":
		p.pos++
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
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{op: "show", kids: []*node{e}}, nil
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

// levels are the binary operators, loosest first.
var levels = [][]string{{"||"}, {"&&"}, {"!"}, {"<", "<=", ">", ">=", "==", "!="}, {"="}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) expression() (*node, error) { return p.binary(0) }

func (p *parser) binary(level int) (*node, error) {
	if p.depth++; p.depth > maxNesting*8 {
		return nil, errors.New("nested too deeply")
	}
	defer func() { p.depth-- }()
	if level == len(levels) {
		return p.negation()
	}
	ops := levels[level]
	if ops[0] == "!" {
		if p.take("!") {
			n, err := p.binary(level)
			return &node{op: "!", kids: []*node{n}}, err
		}
		return p.binary(level + 1)
	}
	l, err := p.binary(level + 1)
	for err == nil {
		op := p.kind()
		if ops[0] == "=" {
			switch op {
			case "=", "+=", "-=", "*=", "/=", "%=", "^=":
				if !l.assignable() {
					return nil, errSyntax
				}
				p.pos++
				r, err := p.binary(level)
				return &node{op: "assign", text: op, kids: []*node{l, r}}, err
			}
			return l, nil
		}
		found := false
		for _, o := range ops {
			found = found || o == op
		}
		if !found {
			return l, nil
		}
		p.pos++
		var r *node
		if r, err = p.binary(level + 1); err == nil {
			l = &node{op: op, kids: []*node{l, r}}
		}
	}
	return l, err
}

func (n *node) assignable() bool {
	switch n.op {
	case "name", "element", "scale", "ibase", "obase", "last":
		return len(n.kids) == 0 || n.op == "element"
	}
	return false
}

func (p *parser) negation() (*node, error) {
	if p.take("-") {
		n, err := p.negation()
		return &node{op: "neg", kids: []*node{n}}, err
	}
	return p.power()
}

func (p *parser) power() (*node, error) {
	l, err := p.primary()
	if err != nil || !p.take("^") {
		return l, err
	}
	r, err := p.negation()
	return &node{op: "^", kids: []*node{l, r}}, err
}

func (p *parser) primary() (*node, error) {
	t := p.at(0)
	p.pos++
	switch t.kind {
	case "number":
		return &node{op: "number", text: t.text}, nil
	case "(":
		e, err := p.expression()
		if err != nil || !p.take(")") {
			return nil, errSyntax
		}
		return &node{op: "group", kids: []*node{e}}, nil
	case "++", "--":
		e, err := p.primary()
		if err != nil || !e.assignable() {
			return nil, errSyntax
		}
		return &node{op: "pre", text: t.kind[:1] + "=", kids: []*node{e, {op: "number", text: "1"}}}, nil
	case "sqrt", "length", "read":
		if !p.take("(") {
			return nil, errSyntax
		}
		n := &node{op: t.kind}
		if t.kind != "read" {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			n.kids = []*node{e}
		}
		return n, p.want(")")
	case "scale", "ibase", "obase", "last":
		if t.kind == "scale" && p.take("(") {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			return &node{op: "scaleof", kids: []*node{e}}, p.want(")")
		}
		return p.postfix(&node{op: t.kind})
	case "name":
		switch {
		case p.take("("):
			call := &node{op: "call", text: t.text}
			for !p.take(")") {
				if p.kind() == "name" && p.at(1).kind == "[" && p.at(2).kind == "]" {
					call.kids = append(call.kids, &node{op: "array", text: p.at(0).text})
					p.pos += 3
				} else {
					e, err := p.expression()
					if err != nil {
						return nil, err
					}
					call.kids = append(call.kids, e)
				}
				if !p.take(",") && p.kind() != ")" {
					return nil, errSyntax
				}
			}
			return call, nil
		case p.take("["):
			e, err := p.expression()
			if err != nil || !p.take("]") {
				return nil, errSyntax
			}
			return p.postfix(&node{op: "element", text: t.text, kids: []*node{e}})
		}
		return p.postfix(&node{op: "name", text: t.text})
	}
	return nil, errSyntax
}

func (p *parser) postfix(n *node) (*node, error) {
	if k := p.kind(); k == "++" || k == "--" {
		p.pos++
		return &node{op: "post", text: k[:1] + "=", kids: []*node{n}}, nil
	}
	return n, nil
}
