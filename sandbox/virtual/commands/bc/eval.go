package bc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/big"
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
	var args [2]number
	for i, k := range n.kids {
		v, err := m.eval(k)
		if err != nil {
			return v, err
		}
		args[i] = v
	}
	return m.operate(n.op, args[0], args[1])
}

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

func (m *machine) index(n *node) (int64, error) {
	v, err := m.eval(n.kids[0])
	if err != nil {
		return 0, err
	}
	i := v.to(0).value
	if !i.IsInt64() || i.Int64() < 0 || i.Int64() > 16777215 {
		return 0, fmt.Errorf("Array %s subscript out of bounds.", n.text)
	}
	return i.Int64(), nil
}

func (m *machine) get(n *node) (number, error) {
	switch n.op {
	case "scale":
		return integer(int64(m.scale)), nil
	case "ibase":
		return integer(int64(m.ibase)), nil
	case "obase":
		return integer(int64(m.obase)), nil
	case "last":
		return m.last, nil
	case "element":
		i, err := m.index(n)
		if v, ok := m.arrays[n.text][i]; ok {
			return v, err
		}
		return integer(0), err
	}
	if v, ok := m.vars[n.text]; ok {
		return v, nil
	}
	return integer(0), nil
}

func (m *machine) set(n *node, v number) error {
	small := func(low, high int64) int {
		i := v.to(0).value
		if !i.IsInt64() {
			return int(high)
		}
		return int(min(high, max(low, i.Int64())))
	}
	switch n.op {
	case "scale":
		m.scale = small(0, 10000)
	case "ibase":
		m.ibase = small(2, 16)
	case "obase":
		m.obase = small(2, 1000000)
	case "last":
		m.last = v
	case "element":
		i, err := m.index(n)
		if err != nil {
			return err
		}
		if m.arrays[n.text] == nil {
			m.arrays[n.text] = map[int64]number{}
		}
		if _, there := m.arrays[n.text][i]; !there {
			if err := m.inv.Budget.Hold(64); err != nil {
				return err
			}
		}
		m.arrays[n.text][i] = v
	default:
		m.vars[n.text] = v
	}
	return nil
}

func (m *machine) assign(n *node) (number, error) {
	v, err := m.eval(n.kids[1])
	if err != nil {
		return v, err
	}
	if n.text != "=" {
		old, err := m.get(n.kids[0])
		if err != nil {
			return v, err
		}
		if v, err = m.operate(n.text[:1], old, v); err != nil {
			return v, err
		}
	}
	if err := m.set(n.kids[0], v); err != nil {
		return v, err
	}
	return m.get(n.kids[0])
}

// call runs a function; its parameters and auto variables hide those of the caller meanwhile.
func (m *machine) call(n *node) (number, error) {
	f := m.functions[n.text]
	if f == nil {
		return number{}, fmt.Errorf("Function %s not defined.", n.text)
	}
	if len(n.kids) != len(f.list) {
		return number{}, errors.New("Parameter number mismatch")
	}
	values, arrays := make([]number, len(n.kids)), make([]map[int64]number, len(n.kids))
	for i, k := range n.kids {
		if k.op == "array" {
			arrays[i] = map[int64]number{}
			for j, v := range m.arrays[k.text] {
				arrays[i][j] = v
			}
			if err := m.inv.Budget.Work(len(arrays[i])); err != nil {
				return number{}, err
			}
			continue
		}
		v, err := m.eval(k)
		if err != nil {
			return v, err
		}
		values[i] = v
	}
	for i, name := range append(append([]string{}, f.list...), f.auto...) {
		if array, ok := strings.CutSuffix(name, "[]"); ok {
			old := m.arrays[array]
			defer func() { m.arrays[array] = old }()
			m.arrays[array] = nil
			if i < len(arrays) {
				m.arrays[array] = arrays[i]
			}
			continue
		}
		old, had := m.vars[name]
		defer func() {
			if m.vars[name] = old; !had {
				delete(m.vars, name)
			}
		}()
		m.vars[name] = integer(0)
		if i < len(values) && values[i].value != nil {
			m.vars[name] = values[i]
		}
	}
	m.result = integer(0)
	if err := m.run(f.kids[0]); err != nil && !errors.Is(err, errReturn) {
		return number{}, err
	}
	result := m.result
	m.result = integer(0)
	return result, nil
}
