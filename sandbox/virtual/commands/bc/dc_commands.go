package bc

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// name reads the name of a register, which follows its command.
func (m *macro) name() (byte, error) {
	if m.at == len(m.text) {
		return 0, errors.New("unexpected end of input")
	}
	m.at++
	return m.text[m.at-1], nil
}

// bang is what begins with "!": a comparison turned round, or a command for the shell.
func (d *desk) bang(m *macro) error {
	if m.at < len(m.text) && strings.IndexByte("<>=", m.text[m.at]) >= 0 {
		m.at++
		return d.compareAndRun(m, m.text[m.at-1], true)
	}
	line, rest, _ := strings.Cut(m.text[m.at:], "\n")
	m.at = len(m.text) - len(rest)
	if d.out.Flush() != nil {
		return errQuit
	}
	d.inv.Exec(d.ctx, shell.Nested{Script: line})
	return nil
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

// arithmetic is the operators of two numbers, which stay where it fails.
func (d *desk) arithmetic(op byte) error {
	if len(d.stack) < 2 {
		return errEmpty
	}
	b, a := d.stack[len(d.stack)-1], d.stack[len(d.stack)-2]
	if a.isString || b.isString {
		return errors.New("non-numeric value")
	}
	var results []number
	var err error
	if op == '~' {
		if b.value.Sign() == 0 {
			return errors.New("divide by zero")
		}
		if err := d.inv.Budget.Work(len(a.value.Bits())*(len(b.value.Bits())+1) + d.scale); err != nil {
			return err
		}
		results = []number{a.divide(b.number, d.scale), a.modulo(b.number, d.scale)}
	} else {
		var r number
		r, err = d.operate(string(op), a.number, b.number)
		results = []number{r}
	}
	if err != nil {
		if err.Error() == "Divide by zero" {
			err = errors.New(map[byte]string{'/': "divide by zero", '%': "remainder by zero", '^': "divide by zero"}[op])
		}
		return err
	}
	d.drop(2)
	for _, r := range results {
		if err := d.push(item{number: r}); err != nil {
			return err
		}
	}
	return nil
}

// modularPower is "|": the third number from the top to the power of the second, modulo the first.
func (d *desk) modularPower() error {
	if len(d.stack) < 3 {
		return errEmpty
	}
	var values [3]*big.Int
	for i := range values {
		of := d.stack[len(d.stack)-3+i]
		if of.isString {
			return errors.New("non-numeric value")
		}
		values[i] = of.to(0).value
	}
	base, exponent, modulus := values[0], values[1], values[2]
	switch {
	case modulus.Sign() == 0:
		return errors.New("remainder by zero")
	case exponent.Sign() < 0:
		return errors.New("negative exponent")
	}
	if err := d.inv.Budget.Work(exponent.BitLen() * (len(modulus.Bits()) + 1)); err != nil {
		return err
	}
	d.drop(3)
	result := new(big.Int).Exp(base, exponent, modulus)
	if base.Sign() < 0 && result.Sign() > 0 && exponent.Bit(0) == 1 { // the remainder has the sign of what is divided
		result.Sub(result, new(big.Int).Abs(modulus))
	}
	return d.push(item{number: number{result, 0}})
}

// print is the commands that write.
func (d *desk) print(op byte) error {
	if op == 'f' {
		for i := len(d.stack) - 1; i >= 0; i-- {
			d.write(d.stack[i])
			if err := d.out.WriteByte('\n'); err != nil {
				return errQuit
			}
		}
		return nil
	}
	if len(d.stack) == 0 {
		return errEmpty
	}
	top := d.stack[len(d.stack)-1]
	if op != 'p' {
		d.drop(1)
	}
	switch {
	case op == 'P' && !top.isString:
		d.out.Write(new(big.Int).Abs(top.to(0).value).Bytes())
	default:
		d.write(top)
	}
	if op == 'p' {
		d.out.WriteByte('\n')
	}
	if _, err := d.out.Write(nil); err != nil {
		return errQuit
	}
	return nil
}

func (d *desk) write(i item) {
	if i.isString {
		d.out.WriteString(i.text)
		return
	}
	d.show(i.number)
}

// rotate moves the top of the stack below so many others, or with a negative number brings the lowest of them up.
func (d *desk) rotate() error {
	n, err := d.popNumber()
	if err != nil {
		return err
	}
	by := n.to(0).value
	if !by.IsInt64() {
		return errEmpty
	}
	count := int(min(new(big.Int).Abs(by).Int64(), 1<<30))
	if count > len(d.stack) {
		count = len(d.stack)
	}
	if count < 2 {
		return nil
	}
	part := d.stack[len(d.stack)-count:]
	if by.Sign() > 0 {
		first := part[0]
		copy(part, part[1:])
		part[count-1] = first
	} else {
		last := part[count-1]
		copy(part[1:], part)
		part[0] = last
	}
	return nil
}

// setting is the commands that set the bases and the scale.
func (d *desk) setting(op byte) error {
	n, err := d.popNumber()
	if err != nil {
		return err
	}
	v := n.to(0).value
	value := int64(1 << 40)
	if v.IsInt64() {
		value = v.Int64()
	}
	switch {
	case op == 'i' && (value < 2 || value > 16):
		return errors.New("input base must be a number between 2 and 16 (inclusive)")
	case op == 'o' && value < 2:
		return errors.New("output base must be a number greater than 1")
	case op == 'k' && value < 0:
		return errors.New("scale must be a nonnegative integer")
	case op == 'i':
		d.ibase = int(value)
	case op == 'o':
		d.obase = int(min(value, 1<<30))
	default:
		d.scale = int(min(value, 10000))
	}
	return nil
}

// describe replaces the top of the stack by its length, its scale, or its character.
func (d *desk) describe(op byte) error {
	top, err := d.pop()
	if err != nil {
		return err
	}
	switch {
	case op == 'a' && top.isString:
		return d.push(item{text: top.text[:min(1, len(top.text))], isString: true})
	case op == 'a':
		low := new(big.Int).And(new(big.Int).Abs(top.to(0).value), big.NewInt(255))
		return d.push(item{text: string([]byte{byte(low.Int64())}), isString: true})
	case op == 'Z' && top.isString:
		return d.push(item{number: integer(int64(len(top.text)))})
	case op == 'Z':
		return d.push(item{number: integer(int64(max(len(new(big.Int).Abs(top.value).String()), top.scale)))})
	case top.isString:
		return d.push(item{number: integer(0)})
	}
	return d.push(item{number: integer(int64(top.scale))})
}
