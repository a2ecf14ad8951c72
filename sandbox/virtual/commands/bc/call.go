package bc

import (
	"errors"
	"fmt"
	"strings"
)

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
