package bc

import (
	"errors"
	"math/big"
)

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
