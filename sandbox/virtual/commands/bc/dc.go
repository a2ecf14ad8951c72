package bc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// item is what dc's stack holds: a number, or a string.
type item struct {
	number
	text     string
	isString bool
}

// macro is a text that is executed.
type macro struct {
	text  string
	at    int
	tails int // macros that it took the place of, because it was the last they did
}

// register is a name's stack; the top one has the array.
type register struct {
	stack []item
	array map[int64]item
}

// desk is one call of dc.
type desk struct {
	machine
	stack     []item
	registers [256]register
	macros    []macro
	input     *bufio.Reader
}

// dcWidth is how long lines become, and one more: bc's are a character shorter.
const dcWidth = 71

const dcUsage = `[OPTION]... [FILE]...
Calculate with any precision, operators after what they work on.

  -e, --expression=EXPR  evaluate EXPR
  -f, --file=FILE        evaluate what is in FILE
`

// RunDC is the command dc.
func RunDC(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "e:f:hV", Long: "expression:=e file:=f", Usage: dcUsage}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	d := &desk{input: bufio.NewReader(inv.Stdin)}
	d.machine = machine{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), width: dcWidth, ibase: 10, obase: 10}
	if text, ok := inv.Env.Get("DC_LINE_LENGTH"); ok {
		if n, err := strconv.Atoi(text); err == nil && (n == 0 || n > 2) {
			d.width = n + 1
		}
	}
	defer d.out.Flush()
	files := []string{}
	for _, o := range p.Options {
		if o.Key == "e" {
			if d.evaluate(o.Value) != nil {
				return d.end()
			}
			continue
		}
		if status, done := d.file(o.Value); done || status != 0 {
			return status
		}
	}
	if files = p.Operands; len(files)+len(p.Options) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		if status, done := d.file(name); done || status != 0 {
			return status
		}
	}
	return d.end()
}

func (d *desk) end() int {
	if d.out.Flush() != nil || d.inv.Budget.Err() != nil {
		return 1
	}
	return 0
}

// file evaluates a file; done says that a command ended dc.
func (d *desk) file(name string) (status int, done bool) {
	r := io.ReadCloser(io.NopCloser(d.input))
	if name != "-" {
		var err error
		if r, err = cli.Open(d.inv, name); err != nil {
			d.complain("dc: Could not open file %s", name)
			return 1, true
		}
	}
	defer r.Close()
	lines := bufio.NewReader(r)
	if name == "-" {
		lines = d.input
	}
	text := ""
	for { // line by line, so that "?" can read the next; a string goes on until its bracket
		line, err := lines.ReadString('\n')
		if d.inv.Budget.Work(len(text)+len(line)+1) != nil {
			return 1, true
		}
		text += line
		if err == nil && openString(text) {
			if d.inv.Budget.Hold(len(line)) != nil {
				return 1, true
			}
			defer d.inv.Budget.Release(len(line))
			continue
		}
		if text != "" && d.evaluate(text) != nil {
			return d.end(), true
		}
		text = ""
		if err != nil {
			return 0, false
		}
		if d.out.Flush() != nil {
			return 1, true
		}
	}
}

// openString says whether a text ends within brackets.
func openString(text string) bool {
	depth, comment := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			comment = false
		case comment:
		case c == '#' && depth == 0:
			comment = true
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		}
	}
	return depth > 0
}

// evaluate runs a text; errQuit says that a command ended dc.
func (d *desk) evaluate(text string) error {
	d.macros = append(d.macros[:0], macro{text: text})
	for len(d.macros) > 0 {
		m := &d.macros[len(d.macros)-1]
		if m.at == len(m.text) {
			d.macros = d.macros[:len(d.macros)-1]
			continue
		}
		if err := d.inv.Budget.Work(1); err != nil {
			return errQuit
		}
		if d.ctx.Err() != nil {
			return errQuit
		}
		err := d.step(m)
		if errors.Is(err, errQuit) || d.inv.Budget.Err() != nil {
			return errQuit
		}
		var unknown unimplemented
		switch {
		case errors.As(err, &unknown):
			fmt.Fprintln(d.out, err)
		case err != nil:
			d.complain("dc: %v", err)
		}
	}
	return nil
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

var errEmpty = errors.New("stack empty")

// unimplemented is a command that there is not, which dc prints with its results.
type unimplemented byte

func (c unimplemented) Error() string { return shownByte(byte(c)) + " unimplemented" }
