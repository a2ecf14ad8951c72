package find

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// node is a part of an expression.
type node interface {
	eval(f *finder, e *entry) bool
}

type test func(f *finder, e *entry) bool

func (t test) eval(f *finder, e *entry) bool { return t(f, e) }

type and struct{ l, r node }

func (n and) eval(f *finder, e *entry) bool { return n.l.eval(f, e) && !f.quit && n.r.eval(f, e) }

type or struct{ l, r node }

func (n or) eval(f *finder, e *entry) bool { return n.l.eval(f, e) || !f.quit && n.r.eval(f, e) }

type not struct{ n node }

func (n not) eval(f *finder, e *entry) bool { return !n.n.eval(f, e) }

type list struct{ l, r node }

func (n list) eval(f *finder, e *entry) bool {
	n.l.eval(f, e)
	return !f.quit && n.r.eval(f, e)
}

// maxNesting bounds brackets and negations within each other.
const maxNesting = 1000

// parser reads an expression.
type parser struct {
	f       *finder
	args    []string
	pos     int
	depth   int
	acts    bool // there is an action other than -prune
	syntax  string
	sinceMN bool // -daystart
}

// parse reads all of the expression; without an action it prints.
func (p *parser) parse() (node, error) {
	p.syntax = "findutils-default"
	yes := node(test(func(*finder, *entry) bool { return true }))
	n := yes
	if len(p.args) > 0 {
		var err error
		if n, err = p.list(); err != nil {
			return nil, err
		}
		if p.pos < len(p.args) {
			if p.args[p.pos] == ")" {
				return nil, errors.New("you have too many ')'")
			}
			return nil, p.stray(p.args[p.pos])
		}
	}
	if !p.acts {
		n = and{n, test(printName("\n"))}
	}
	return n, nil
}

func (p *parser) stray(arg string) error {
	if strings.HasPrefix(arg, "-") {
		return fmt.Errorf("unknown predicate `%s'", arg)
	}
	hint := ""
	for _, before := range slices.Backward(p.args[:min(p.pos, len(p.args))]) {
		if _, err := p.f.inv.FS.Lstat(p.f.inv.Path(arg)); err == nil && strings.HasPrefix(before, "-") { // the shell has made names of the pattern
			hint = fmt.Sprintf("\nfind: possible unquoted pattern after predicate `%s'?", before)
			break
		}
	}
	return fmt.Errorf("paths must precede expression: `%s'%s", arg, hint)
}

func (p *parser) peek() string {
	if p.pos < len(p.args) {
		return p.args[p.pos]
	}
	return ""
}

func (p *parser) list() (node, error) {
	l, err := p.or()
	for err == nil && p.pos < len(p.args) && p.peek() == "," {
		p.pos++
		var r node
		if r, err = p.or(); err == nil {
			l = list{l, r}
		}
	}
	return l, err
}

func (p *parser) or() (node, error) {
	l, err := p.and()
	for err == nil && (p.peek() == "-o" || p.peek() == "-or") {
		op := p.peek()
		p.pos++
		if p.pos == len(p.args) {
			return nil, fmt.Errorf("expected an expression after '%s'", op)
		}
		var r node
		if r, err = p.and(); err == nil {
			l = or{l, r}
		}
	}
	return l, err
}

func (p *parser) and() (node, error) {
	l, err := p.unary()
	for err == nil && p.pos < len(p.args) {
		switch op := p.peek(); op {
		case "-o", "-or", ",", ")":
			return l, nil
		case "-a", "-and":
			p.pos++
			if p.pos == len(p.args) {
				return nil, fmt.Errorf("expected an expression after '%s'", op)
			}
		}
		var r node
		if r, err = p.unary(); err == nil {
			l = and{l, r}
		}
	}
	return l, err
}

func (p *parser) unary() (node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errors.New("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch arg := p.peek(); arg {
	case "!", "-not":
		p.pos++
		if p.pos == len(p.args) {
			return nil, fmt.Errorf("expected an expression after '%s'", arg)
		}
		n, err := p.unary()
		return not{n}, err
	case "(":
		p.pos++
		if p.peek() == ")" {
			return nil, errors.New("invalid expression; empty parentheses are not allowed.")
		}
		if p.pos == len(p.args) {
			return nil, errors.New("invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('")
		}
		n, err := p.list()
		if err != nil {
			return nil, err
		}
		if p.peek() != ")" {
			return nil, errors.New("invalid expression; I was expecting to find a ')' somewhere but did not see one.")
		}
		p.pos++
		return n, nil
	case "-o", "-or", "-a", "-and", ",":
		return nil, fmt.Errorf("invalid expression; you have used a binary operator '%s' with nothing before it.", arg)
	case ")":
		return nil, errors.New("invalid expression; you have too many ')'")
	}
	return p.primary()
}

// argument takes the word that belongs to a primary.
func (p *parser) argument(name string) (string, error) {
	if p.pos >= len(p.args) {
		return "", fmt.Errorf("missing argument to `%s'", name)
	}
	p.pos++
	return p.args[p.pos-1], nil
}
