package bc

import (
	"errors"
	"fmt"
)

// name reads the name of a register, which follows its command.
func (m *macro) name() (byte, error) {
	if m.at == len(m.text) {
		return 0, errors.New("unexpected end of input")
	}
	m.at++
	return m.text[m.at-1], nil
}

// compareAndRun runs a register if the top of the stack is less, greater, or equal to what is below it.
func (d *desk) compareAndRun(m *macro, op byte, not bool) error {
	name, err := m.name()
	if err != nil {
		return err
	}
	if len(d.stack) < 2 {
		return errEmpty
	}
	a, b := d.stack[len(d.stack)-1], d.stack[len(d.stack)-2]
	if a.isString || b.isString {
		return errors.New("non-numeric value")
	}
	d.drop(2)
	order := a.compare(b.number)
	holds := op == '<' && order < 0 || op == '>' && order > 0 || op == '=' && order == 0
	if holds == not {
		return nil
	}
	r := &d.registers[name]
	if len(r.stack) == 0 {
		return nil
	}
	top := r.stack[len(r.stack)-1]
	if !top.isString {
		return d.push(top)
	}
	return d.call(top.text)
}

// registered is the commands whose second letter is a register.
func (d *desk) registered(m *macro, op byte) error {
	name, err := m.name()
	if err != nil {
		return err
	}
	r := &d.registers[name]
	switch op {
	case 's', 'S':
		top, err := d.pop()
		if err != nil {
			return err
		}
		if err := d.inv.Budget.Hold(top.weight()); err != nil {
			return err
		}
		if op == 's' && len(r.stack) > 0 {
			d.inv.Budget.Release(r.stack[len(r.stack)-1].weight())
			r.stack = r.stack[:len(r.stack)-1]
		}
		r.stack = append(r.stack, top)
	case 'l':
		if len(r.stack) == 0 {
			return d.push(item{number: integer(0)})
		}
		return d.push(r.stack[len(r.stack)-1])
	case 'L':
		if len(r.stack) == 0 {
			return fmt.Errorf("stack register %s is empty", shownByte(name))
		}
		top := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		d.inv.Budget.Release(top.weight())
		return d.push(top)
	case ':', ';':
		return d.element(r, op)
	}
	return nil
}

func shownByte(c byte) string {
	if c < ' ' || c > '~' {
		return fmt.Sprintf("0%o", c)
	}
	return fmt.Sprintf("'%c' (0%o)", c, c)
}

// element stores into a register's array, or reads it.
func (d *desk) element(r *register, op byte) error {
	index, err := d.popNumber()
	if err != nil {
		return err
	}
	i := index.to(0).value
	if !i.IsInt64() || i.Sign() < 0 {
		return errors.New("array index must be a nonnegative integer")
	}
	if op == ';' {
		if found, ok := r.array[i.Int64()]; ok {
			return d.push(found)
		}
		return d.push(item{number: integer(0)})
	}
	value, err := d.pop()
	if err != nil {
		return err
	}
	if err := d.inv.Budget.Hold(value.weight()); err != nil {
		return err
	}
	if r.array == nil {
		r.array = map[int64]item{}
	}
	r.array[i.Int64()] = value
	return nil
}

// register is a name's stack; the top one has the array.
type register struct {
	stack []item
	array map[int64]item
}
