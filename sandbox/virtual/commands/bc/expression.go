package bc

import "errors"

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
