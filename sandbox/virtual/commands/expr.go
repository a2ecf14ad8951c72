package commands

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const exprUsage = `EXPRESSION
Print the value of EXPRESSION, in rising order of precedence:

  A | B   A & B   A < B  <=  =  ==  !=  >=  >   A + B  -   A * B  /  %   STRING : REGEXP
  match STRING REGEXP   substr STRING POS LENGTH   index STRING CHARS   length STRING   + TOKEN   ( EXPRESSION )

The status is 0, 1 if the value is empty or 0, 2 if EXPRESSION is wrong.
`

// exprNesting bounds brackets within each other.
const exprNesting = 1000

// exprParser evaluates while it reads; skip is set for what an operator leaves out.
type exprParser struct {
	inv   *shell.Invocation
	args  []string
	pos   int
	depth int
	skip  int
}

func expr(_ context.Context, inv *shell.Invocation) int {
	args := inv.Args[1:]
	spec := &cli.Spec{Usage: exprUsage, Fail: 2}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "--version") {
		_, status := spec.Parse(inv)
		return status
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	p := &exprParser{inv: inv, args: args}
	value, err := p.or()
	if err == nil && p.pos < len(args) {
		err = fmt.Errorf("syntax error: unexpected argument %s", cli.QuoteText(args[p.pos]))
	}
	if err != nil {
		inv.Errorf("%v", err)
		return 2
	}
	if _, err := fmt.Fprintln(inv.Stdout, value); err != nil {
		return 2
	}
	if exprNull(value) {
		return 1
	}
	return 0
}

// exprNull says whether a value is empty or zero.
func exprNull(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return s == "" || digits != "" && strings.Trim(digits, "0") == ""
}

func exprInt(s string) (*big.Int, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	return new(big.Int).SetString(s, 10)
}

// take consumes the next word if it is one of words.
func (p *exprParser) take(words ...string) string {
	if p.pos < len(p.args) {
		for _, w := range words {
			if p.args[p.pos] == w {
				p.pos++
				return w
			}
		}
	}
	return ""
}

func (p *exprParser) or() (string, error) {
	l, err := p.and()
	for err == nil && p.take("|") != "" {
		done := !exprNull(l)
		if done {
			p.skip++
		}
		r, e := p.and()
		if done {
			p.skip--
		} else if l = r; exprNull(r) {
			l = "0"
		}
		err = e
	}
	return l, err
}

func (p *exprParser) and() (string, error) {
	l, err := p.compare()
	for err == nil && p.take("&") != "" {
		null := exprNull(l)
		if null {
			p.skip++
		}
		r, e := p.compare()
		if null {
			p.skip--
		}
		if null || exprNull(r) {
			l = "0"
		}
		err = e
	}
	return l, err
}

func (p *exprParser) compare() (string, error) {
	l, err := p.sum()
	for err == nil {
		op := p.take("<", "<=", "=", "==", "!=", ">=", ">")
		if op == "" {
			return l, nil
		}
		var r string
		if r, err = p.sum(); err != nil {
			break
		}
		c := strings.Compare(l, r)
		if a, ok := exprInt(l); ok {
			if b, ok := exprInt(r); ok {
				c = a.Cmp(b)
			}
		}
		result := map[string]bool{"<": c < 0, "<=": c <= 0, "=": c == 0, "==": c == 0, "!=": c != 0, ">=": c >= 0, ">": c > 0}[op]
		l = "0"
		if result {
			l = "1"
		}
	}
	return l, err
}

func (p *exprParser) sum() (string, error) {
	l, err := p.product()
	for err == nil {
		op := p.take("+", "-")
		if op == "" {
			return l, nil
		}
		var r string
		if r, err = p.product(); err == nil {
			l, err = p.arithmetic(op, l, r)
		}
	}
	return l, err
}

func (p *exprParser) product() (string, error) {
	l, err := p.match()
	for err == nil {
		op := p.take("*", "/", "%")
		if op == "" {
			return l, nil
		}
		var r string
		if r, err = p.match(); err == nil {
			l, err = p.arithmetic(op, l, r)
		}
	}
	return l, err
}

func (p *exprParser) arithmetic(op, l, r string) (string, error) {
	if p.skip > 0 {
		return "0", nil
	}
	a, ok1 := exprInt(l)
	b, ok2 := exprInt(r)
	if !ok1 || !ok2 {
		return "", errors.New("non-integer argument")
	}
	if err := p.inv.Budget.Work(len(l) * len(r)); err != nil {
		return "", err
	}
	switch op {
	case "+":
		a.Add(a, b)
	case "-":
		a.Sub(a, b)
	case "*":
		a.Mul(a, b)
	default:
		if b.Sign() == 0 {
			return "", errors.New("division by zero")
		}
		if op == "/" {
			a.Quo(a, b)
		} else {
			a.Rem(a, b)
		}
	}
	return a.String(), nil
}

func (p *exprParser) match() (string, error) {
	l, err := p.operand()
	for err == nil && p.take(":") != "" {
		var r string
		if r, err = p.operand(); err == nil && p.skip == 0 {
			l, err = exprMatch(l, r)
		}
	}
	return l, err
}

// operand reads a word, a function with its arguments, or an expression in brackets.
func (p *exprParser) operand() (string, error) {
	if p.depth++; p.depth > exprNesting {
		return "", errors.New("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	if p.pos >= len(p.args) {
		return "", fmt.Errorf("syntax error: missing argument after %s", cli.QuoteText(p.args[len(p.args)-1]))
	}
	word := p.args[p.pos]
	p.pos++
	switch word {
	case "(":
		v, err := p.or()
		if err != nil {
			return "", err
		}
		if p.pos >= len(p.args) {
			return "", fmt.Errorf("syntax error: expecting ')' after %s", cli.QuoteText(p.args[p.pos-1]))
		}
		if p.take(")") == "" {
			return "", fmt.Errorf("syntax error: expecting ')' instead of %s", cli.QuoteText(p.args[p.pos]))
		}
		return v, nil
	case ")":
		return "", errors.New("syntax error: unexpected ')'")
	case "+":
		if p.pos >= len(p.args) {
			return "", fmt.Errorf("syntax error: missing argument after %s", cli.QuoteText("+"))
		}
		p.pos++
		return p.args[p.pos-1], nil
	}
	function, ok := exprFunctions[word]
	if !ok {
		return word, nil
	}
	arguments := make([]string, function.arguments)
	for i := range arguments {
		var err error
		if arguments[i], err = p.operand(); err != nil {
			return "", err
		}
	}
	return function.apply(arguments)
}
