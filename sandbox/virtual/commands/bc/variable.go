package bc

import (
	"fmt"
)

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
