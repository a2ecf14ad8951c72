package bc

import (
	"errors"
	"math/big"
)

// literal reads a number; unlike in bc its digits may be larger than the base.
func (d *desk) literal(m *macro) number {
	negative := m.text[m.at] == '_'
	if negative {
		m.at++
	}
	base := big.NewInt(int64(d.ibase))
	v, places, point := new(big.Int), 0, false
	for ; m.at < len(m.text); m.at++ {
		c := m.text[m.at]
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c >= '0' && c <= '9':
			v.Mul(v, base).Add(v, big.NewInt(int64(c-'0')))
		case c >= 'A' && c <= 'F':
			v.Mul(v, base).Add(v, big.NewInt(int64(c-'A')+10))
		default:
			c = 0
		}
		if c == 0 || c == '.' {
			break
		}
		if point {
			places++
		}
	}
	if negative {
		v.Neg(v)
	}
	if d.ibase == 10 {
		return number{v, places}
	}
	unit := new(big.Int).Exp(base, big.NewInt(int64(places)), nil)
	return number{v, 0}.divide(number{unit, 0}, places)
}

// bracketed reads a string up to its bracket.
func bracketed(m *macro) string {
	depth, from := 1, m.at
	for ; m.at < len(m.text); m.at++ {
		switch m.text[m.at] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				m.at++
				return m.text[from : m.at-1]
			}
		}
	}
	return m.text[from:]
}

// weight is about what an item takes in memory.
func (i item) weight() int {
	if i.isString {
		return 64 + len(i.text)
	}
	return 64 + 8*len(i.value.Bits())
}

func (d *desk) push(i item) error {
	if err := d.inv.Budget.Hold(i.weight()); err != nil {
		return err
	}
	d.stack = append(d.stack, i)
	return nil
}

func (d *desk) drop(n int) {
	for _, i := range d.stack[len(d.stack)-n:] {
		d.inv.Budget.Release(i.weight())
	}
	d.stack = d.stack[:len(d.stack)-n]
}

func (d *desk) pop() (item, error) {
	if len(d.stack) == 0 {
		return item{}, errEmpty
	}
	top := d.stack[len(d.stack)-1]
	d.drop(1)
	return top, nil
}

func (d *desk) popNumber() (number, error) {
	top, err := d.pop()
	if err == nil && top.isString {
		err = errors.New("non-numeric value")
	}
	return top.number, err
}

// call runs a text as a macro. Where it is the last thing that a macro does, it takes its place.
func (d *desk) call(text string) error {
	m := &d.macros[len(d.macros)-1]
	if m.at == len(m.text) {
		*m = macro{text: text, tails: m.tails + 1}
		return nil
	}
	if len(d.macros) >= 100*maxDepth {
		return errors.New("nested too deeply")
	}
	d.macros = append(d.macros, macro{text: text})
	return nil
}

// quit leaves so many macros, or dc where there are no more.
func (d *desk) quit(levels int) error {
	for levels > 0 {
		if len(d.macros) == 0 {
			return errQuit
		}
		m := &d.macros[len(d.macros)-1]
		levels -= 1 + m.tails
		d.macros = d.macros[:len(d.macros)-1]
	}
	if len(d.macros) == 0 {
		return errQuit
	}
	return nil
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
