// Package bc is the calculators bc and dc. bc is POSIX's language with GNU's extensions: Run takes the files, parse.go
// and expression.go read the language, run.go and eval.go carry it out. dc, of RunDC and the files dc_*.go, has the same
// numbers.
package bc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"

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

// library is what -l defines: sine, cosine, arc tangent, logarithm, exponential and Bessel's function by their series.
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
define j(n,x){auto s,r,t,k,h,m
s=scale;scale=0;n/=1;m=1;if(n<0){n=-n;if(n%2==1)m=-1}
h=x;if(h<0)h=-h;scale=s+10+2*h/1+n;h=x/2;t=1;for(k=1;k<=n;k++)t=t*h/k
r=t;h=-h*h;for(k=1;1;k++){t=t*h/(k*(n+k));if(t==0)break;r+=t}
scale=s;return m*r/1}
`

// Run is the command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "hilqsvw", Long: "interactive=i mathlib=l quiet=q standard=s warn=w",
		Usage: "[-hlqsw] [FILE]...\nCalculate with any precision: the FILEs, then standard input.\n\n  -l  with s, c, a, l, e and j, and scale 20\n"}
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
	line:
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
				break line
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
	for m.width > 2 && len(text) > m.width-2 {
		m.out.WriteString(text[:m.width-2] + "\\\n")
		text = text[m.width-2:]
	}
	m.out.WriteString(text)
}
