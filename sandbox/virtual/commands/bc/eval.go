package bc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
)

func truth(b bool) number {
	if b {
		return integer(1)
	}
	return integer(0)
}

func (m *machine) eval(n *node) (number, error) {
	if m.depth++; m.depth > maxDepth {
		return number{}, errors.New("nested too deeply")
	}
	defer func() { m.depth-- }()
	if err := m.inv.Budget.Work(1); err != nil {
		return number{}, err
	}
	switch n.op {
	case "number":
		return parse(n.text, m.ibase), nil
	case "group":
		return m.eval(n.kids[0])
	case "name", "element", "scale", "ibase", "obase", "last":
		return m.get(n)
	case "assign", "pre":
		return m.assign(n)
	case "post":
		old, err := m.get(n.kids[0])
		if err != nil {
			return old, err
		}
		by := integer(1)
		if n.text == "-=" {
			by = integer(-1)
		}
		return old, m.set(n.kids[0], old.add(by))
	case "call":
		return m.call(n)
	case "read":
		line, err := bufio.NewReader(m.inv.Stdin).ReadString('\n')
		if err != nil && err != io.EOF {
			return number{}, err
		}
		return parse(strings.TrimSpace(line), m.ibase), nil
	case "&&", "||":
		l, err := m.eval(n.kids[0])
		if err != nil {
			return l, err
		}
		if (l.value.Sign() != 0) == (n.op == "||") {
			return truth(n.op == "||"), nil
		}
		r, err := m.eval(n.kids[1])
		return truth(err == nil && r.value.Sign() != 0), err
	}
	return m.chain(n)
}

// chain evaluates an operator and those that its first operand begins with, so that a sum may be as long as it likes.
func (m *machine) chain(n *node) (v number, err error) {
	links := []*node{n}
	for n = n.kids[0]; binary[n.op]; n = n.kids[0] {
		links = append(links, n)
	}
	if v, err = m.eval(n); err != nil {
		return v, err
	}
	for _, n := range slices.Backward(links) {
		var second number
		if len(n.kids) > 1 {
			if second, err = m.eval(n.kids[1]); err != nil {
				return v, err
			}
		}
		if v, err = m.operate(n.op, v, second); err != nil {
			return v, err
		}
	}
	return v, nil
}

// binary are the operators that need both operands.
var binary = map[string]bool{"+": true, "-": true, "*": true, "/": true, "%": true, "^": true,
	"<": true, "<=": true, ">": true, ">=": true, "==": true, "!=": true}

func (m *machine) operate(op string, a, b number) (number, error) {
	size := len(a.value.Bits()) + 1
	if b.value != nil {
		size *= len(b.value.Bits()) + 1
	}
	if err := m.inv.Budget.Work(size + m.scale); err != nil {
		return a, err
	}
	switch op {
	case "neg":
		return a.negate(), nil
	case "!":
		return truth(a.value.Sign() == 0), nil
	case "sqrt":
		if a.value.Sign() < 0 {
			return a, errors.New("Square root of a negative number")
		}
		return a.sqrt(m.scale), nil
	case "length":
		return integer(int64(max(len(new(big.Int).Abs(a.value).String()), a.scale))), nil
	case "scaleof":
		return integer(int64(a.scale)), nil
	case "+":
		return a.add(b), nil
	case "-":
		return a.add(b.negate()), nil
	case "*":
		return a.multiply(b, m.scale), nil
	case "/", "%":
		if b.value.Sign() == 0 {
			return a, errors.New("Divide by zero")
		}
		if op == "/" {
			return a.divide(b, m.scale), nil
		}
		return a.modulo(b, m.scale), nil
	case "^":
		return m.power(a, b)
	case "<":
		return truth(a.compare(b) < 0), nil
	case "<=":
		return truth(a.compare(b) <= 0), nil
	case ">":
		return truth(a.compare(b) > 0), nil
	case ">=":
		return truth(a.compare(b) >= 0), nil
	case "==":
		return truth(a.compare(b) == 0), nil
	case "!=":
		return truth(a.compare(b) != 0), nil
	}
	return a, fmt.Errorf("unknown operator %s", op)
}

func (m *machine) power(a, b number) (number, error) {
	e := b.to(0).value
	if !e.IsInt64() || e.Int64() > 1<<30 || e.Int64() < -(1<<30) {
		return a, errors.New("exponent too large in raise")
	}
	n := e.Int64()
	abs := n
	if abs < 0 {
		abs = -abs
	}
	if digits := int64(len(a.value.Text(10))) * abs; digits > maxDigits {
		return a, fmt.Errorf("a power of more than %d digits", maxDigits)
	}
	full := number{new(big.Int).Exp(a.value, big.NewInt(abs), nil), a.scale * int(abs)}
	if err := m.inv.Budget.Work(full.value.BitLen()); err != nil {
		return a, err
	}
	if n < 0 {
		if full.value.Sign() == 0 {
			return a, errors.New("Divide by zero")
		}
		return integer(1).divide(full, m.scale), nil
	}
	return full.to(min(full.scale, max(m.scale, a.scale))), nil
}
