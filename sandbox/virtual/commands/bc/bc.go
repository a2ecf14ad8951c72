// Package bc is the calculator bc: POSIX's language with GNU's extensions. Start at Run.
package bc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// machine runs programs.
type machine struct {
	ctx   context.Context
	inv   *shell.Invocation
	out   *bufio.Writer
	width int

	scale, ibase, obase int
	last                number
	vars                map[string]number
	arrays              map[string]map[int64]number
	functions           map[string]*node
	result              number // of the function that returns
	depth               int
}

// What ends a block.
var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
	errReturn   = errors.New("return")
	errQuit     = errors.New("quit")
)

const (
	maxDepth  = 2000   // calls and blocks within each other
	maxDigits = 100000 // of one number
)

// library is what -l defines: sine, cosine, arc tangent, logarithm and exponential by their series.
const library = `scale=20
define e(x){auto s,n,r,t,f
s=scale;if(x<0){scale+=2;r=1/e(-x);scale=s;return r/1}
scale=s+8;n=0;while(x>1){x/=2;n+=1}
r=1;t=1;for(f=1;1;f++){t=t*x/f;if(t==0)break;r+=t}
while(n>0){r=r*r;n-=1};scale=s;return r/1}
define l(x){auto s,n,r,t,f,y
if(x<=0)return (1-10^scale)/1
s=scale;scale=s+8;n=2;while(x>=2){n*=2;x=sqrt(x)};while(x<=.5){n*=2;x=sqrt(x)}
y=(x-1)/(x+1);r=y;t=y;x=y*y;for(f=3;1;f+=2){t*=x;if(t/f==0)break;r+=t/f}
r*=n;scale=s;return r/1}
define s(x){auto s,r,t,f,n,g
s=scale;scale=s+8;if(x<0){r=-s(-x);scale=s;return r/1}
g=4*a(1);n=x/(2*g);scale=0;n=n/1;scale=s+8;x-=n*2*g
r=x;t=x;for(f=2;1;f+=2){t=-t*x*x/(f*(f+1));if(t==0)break;r+=t}
scale=s;return r/1}
define c(x){auto s,r
s=scale;scale=s+4;r=s(x+2*a(1));scale=s;return r/1}
define a(x){auto s,r,t,f,n,y
if(x<0)return -a(-x)
s=scale;scale=s+8;n=1;while(x>.2){x=x/(1+sqrt(1+x*x));n*=2}
r=x;t=x;y=x*x;for(f=3;1;f+=2){t=-t*y;if(t/f==0)break;r+=t/f}
r*=n;scale=s;return r/1}
`

// Run is the command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "hilqsvw", Long: "interactive=i mathlib=l quiet=q standard=s warn=w",
		Usage: "[-hlqsw] [FILE]...\nCalculate with any precision: the FILEs, then standard input.\n\n  -l  with s, c, a, l and e, and scale 20\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	m := &machine{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), width: 70, ibase: 10, obase: 10, last: integer(0),
		vars: map[string]number{}, arrays: map[string]map[int64]number{}, functions: map[string]*node{}}
	if text, ok := inv.Env.Get("BC_LINE_LENGTH"); ok {
		if n, err := strconv.Atoi(text); err == nil {
			m.width = n
		}
	}
	defer m.out.Flush()
	for _, o := range p.Options {
		if o.Key == "l" {
			if err := m.program(library); err != nil {
				inv.Errorf("library: %v", err)
				return 1
			}
		}
	}
	for _, name := range append(p.Operands, "-") {
		r, err := cli.Open(inv, name)
		if err != nil {
			fmt.Fprintf(inv.Stderr, "File %s is unavailable.\n", name)
			return 1
		}
		text, err := cli.ReadAll(ctx, inv.Budget, r)
		r.Close()
		if err != nil {
			return 1
		}
		err = m.program(string(text))
		if errors.Is(err, errQuit) {
			return 0
		}
		if err != nil {
			return 1
		}
	}
	return 0
}

// program runs line by line; one that is wrong is reported and left out.
func (m *machine) program(text string) error {
	tokens, err := lex(text)
	if err != nil {
		m.complain("(standard_in) 1: %v", err)
		return nil
	}
	p := &parser{tokens: tokens}
	for p.kind() != "end" {
		statements, err := p.line()
		if err != nil {
			m.complain("(standard_in) %d: %v", p.skipLine(), err)
			continue
		}
		for _, n := range statements {
			if n.op == "define" {
				m.functions[n.text] = n
				continue
			}
			switch err := m.run(n); {
			case err == nil, errors.Is(err, errBreak), errors.Is(err, errContinue), errors.Is(err, errReturn):
			case errors.Is(err, errQuit), m.inv.Budget.Err() != nil, m.ctx.Err() != nil:
				return err
			default:
				m.complain("Runtime error (func=(main), adr=0): %v", err)
			}
		}
		if _, err := m.out.Write(nil); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) complain(format string, args ...any) {
	m.out.Flush()
	fmt.Fprintf(m.inv.Stderr, format+"\n", args...)
}

// show writes a number, with a backslash where a line is full.
func (m *machine) show(n number) {
	text := n.text(m.obase)
	for m.width > 1 && len(text) >= m.width {
		m.out.WriteString(text[:m.width-2] + "\\\n")
		text = text[m.width-2:]
	}
	m.out.WriteString(text)
}

func (m *machine) run(n *node) error {
	if m.depth++; m.depth > maxDepth {
		return errors.New("nested too deeply")
	}
	defer func() { m.depth-- }()
	if err := m.inv.Budget.Work(1); err != nil {
		return err
	}
	switch n.op {
	case "block":
		for _, k := range n.kids {
			if err := m.run(k); err != nil {
				return err
			}
		}
		return nil
	case "string":
		_, err := m.out.WriteString(n.text)
		return err
	case "print":
		return m.print(n)
	case "show":
		v, err := m.eval(n.kids[0])
		if err != nil || n.kids[0].op == "assign" {
			return err
		}
		m.last = v
		m.show(v)
		return m.out.WriteByte('\n')
	case "if":
		v, err := m.eval(n.kids[0])
		switch {
		case err != nil:
			return err
		case v.value.Sign() != 0:
			return m.run(n.kids[1])
		case len(n.kids) > 2:
			return m.run(n.kids[2])
		}
		return nil
	case "while":
		return m.loop(n.kids[0], n.kids[1], nil)
	case "for":
		if _, err := m.eval(n.kids[0]); err != nil {
			return err
		}
		return m.loop(n.kids[1], n.kids[3], n.kids[2])
	case "return":
		m.result = integer(0)
		if len(n.kids) > 0 {
			v, err := m.eval(n.kids[0])
			if err != nil {
				return err
			}
			m.result = v
		}
		return errReturn
	case "break":
		return errBreak
	case "continue":
		return errContinue
	case "quit", "halt":
		return errQuit
	}
	return nil
}

func (m *machine) print(n *node) error {
	for _, k := range n.kids {
		if k.op == "string" {
			m.out.WriteString(strings.NewReplacer(`\a`, "\a", `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\q`, `"`, `\t`, "\t", `\\`, `\`).Replace(k.text))
			continue
		}
		v, err := m.eval(k)
		if err != nil {
			return err
		}
		m.last = v
		m.show(v)
	}
	return nil
}

func (m *machine) loop(cond, body, step *node) error {
	for {
		if err := m.inv.Budget.Work(1); err != nil {
			return err
		}
		if m.ctx.Err() != nil {
			return m.ctx.Err()
		}
		v, err := m.eval(cond)
		if err != nil || v.value.Sign() == 0 {
			return err
		}
		switch err := m.run(body); {
		case errors.Is(err, errBreak):
			return nil
		case err != nil && !errors.Is(err, errContinue):
			return err
		}
		if step != nil {
			if _, err := m.eval(step); err != nil {
				return err
			}
		}
	}
}

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
