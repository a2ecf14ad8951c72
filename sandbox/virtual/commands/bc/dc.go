package bc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

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
	files := p.Operands
	if len(files)+len(p.Options) == 0 {
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

var errEmpty = errors.New("stack empty")
