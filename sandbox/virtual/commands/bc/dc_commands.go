package bc

import (
	"errors"
	"io"
	"math/big"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

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

// step runs the next command of a macro.
func (d *desk) step(m *macro) error {
	c := m.text[m.at]
	m.at++
	switch {
	case strings.IndexByte(" \t\n\f\r\v", c) >= 0:
		return nil
	case c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c == '.' || c == '_':
		m.at--
		return d.push(item{number: d.literal(m)})
	}
	switch c {
	case '[':
		return d.push(item{text: bracketed(m), isString: true})
	case '#':
		if i := strings.IndexByte(m.text[m.at:], '\n'); i >= 0 {
			m.at += i
		} else {
			m.at = len(m.text)
		}
	case '!':
		return d.bang(m)
	case '<', '>', '=':
		return d.compareAndRun(m, c, false)
	case 's', 'S', 'l', 'L', ':', ';':
		return d.registered(m, c)
	case '+', '-', '*', '/', '%', '^', '~':
		return d.arithmetic(c)
	case '|':
		return d.modularPower()
	case 'v':
		a, err := d.popNumber()
		if err != nil {
			return err
		}
		if a.value.Sign() < 0 {
			d.push(item{number: a})
			return errors.New("square root of negative number")
		}
		return d.push(item{number: a.sqrt(d.scale)})
	case 'p', 'n', 'P', 'f':
		return d.print(c)
	case 'c':
		d.drop(len(d.stack))
	case 'd':
		if len(d.stack) == 0 {
			return errEmpty
		}
		return d.push(d.stack[len(d.stack)-1])
	case 'r':
		if len(d.stack) < 2 {
			return errEmpty
		}
		n := len(d.stack)
		d.stack[n-1], d.stack[n-2] = d.stack[n-2], d.stack[n-1]
	case 'R':
		return d.rotate()
	case 'i', 'o', 'k':
		return d.setting(c)
	case 'I':
		return d.push(item{number: integer(int64(d.ibase))})
	case 'O':
		return d.push(item{number: integer(int64(d.obase))})
	case 'K':
		return d.push(item{number: integer(int64(d.scale))})
	case 'z':
		return d.push(item{number: integer(int64(len(d.stack)))})
	case 'Z', 'X', 'a':
		return d.describe(c)
	case 'x':
		top, err := d.pop()
		if err != nil {
			return err
		}
		if !top.isString {
			return d.push(top)
		}
		return d.call(top.text)
	case '?':
		line, err := d.input.ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		return d.call(line)
	case 'q':
		return d.quit(2)
	case 'Q':
		n, err := d.popNumber()
		if err != nil {
			return err
		}
		levels := n.to(0).value
		if levels.Sign() <= 0 {
			return errors.New("Q command requires a number >= 1")
		}
		if !levels.IsInt64() {
			return d.quit(1 << 30)
		}
		return d.quit(int(min(levels.Int64(), 1<<30)))
	default:
		return unimplemented(c)
	}
	return nil
}

// unimplemented is a command that there is not, which dc prints with its results.
type unimplemented byte

func (c unimplemented) Error() string { return shownByte(byte(c)) + " unimplemented" }
