package jq

import (
	"context"
	"errors"
	"fmt"
	"regexp"
)

// Budget is what a program spends: limits.Budget.
type Budget interface {
	Work(n int) error
	Hold(n int) error
	Release(n int)
}

// World is what a program may ask of the outside.
type World struct {
	Env      *Object                            // env and $ENV
	Input    func() (v any, ok bool, err error) // input and inputs
	Position func() (file any, line int)        // input_filename and input_line_number
	Stderr   func(text string)                  // debug and stderr
	Now      func() float64                     // seconds since 1970
	Zone     func(unix float64) (name string, offset int)
}

// Program is a compiled filter. One run of it goes on at a time.
type Program struct {
	main     *code
	patterns map[string]*regexp.Regexp // that were compiled; nil for those that could not be
}

// Error is an error of the language, which try can catch.
type Error struct{ Value any }

func (e *Error) Error() string {
	if s, ok := e.Value.(string); ok {
		return s
	}
	return toJSON(e.Value)
}

// Halt ends the program: halt and halt_error.
type Halt struct {
	Status int
	Value  any
	Silent bool // halt, not halt_error
}

func (*Halt) Error() string { return "halt" }

func fail(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// maxDepth is how deep evaluation may nest; frameSize is about what one level takes of the stack, in bytes.
const (
	maxDepth  = 100_000
	frameSize = 1 << 10
	stackStep = 1 << 20
)

// tooDeep ends a program that nests deeper than maxDepth; try does not catch it.
type tooDeep struct{}

func (*tooDeep) Error() string { return "too deep a recursion" }

// machine is one run of a program.
type machine struct {
	ctx    context.Context
	budget Budget
	world  World
	depth  int
	stack  int   // bytes held for the deepest recursion so far
	held   int   // bytes held for values that were made and are in use
	due    int   // work that the budget has not been told of
	slabs  slabs // for what it makes

	patterns map[string]*regexp.Regexp // of the program
	args     []any                     // of the functions that are being called
}

// Run evaluates the program on in and calls out with each result, until out returns an error. vars are the values of the
// variables that Compile was told of.
func (p *Program) Run(ctx context.Context, b Budget, w World, in any, vars []any, out func(any) error) error {
	m := &machine{ctx: ctx, budget: b, world: w, patterns: p.patterns}
	env := &scope{value: w.Env}
	for _, v := range vars {
		env = &scope{up: env, value: v}
	}
	defer func() { b.Release(m.stack + m.held) }()
	err := m.values(p.main, env, value{v: in}, out)
	var brk *breakOut
	if errors.As(err, &brk) {
		return fail("break")
	}
	if err == nil {
		err = b.Work(m.due)
	}
	return err
}

// workStep is how much work is done between two looks at the budget.
const workStep = 256

// work spends n units.
func (m *machine) work(n int) error {
	if m.due += n; m.due < workStep {
		return nil
	}
	n, m.due = m.due, 0
	if err := m.ctx.Err(); err != nil {
		return err
	}
	return m.budget.Work(n)
}

// hold takes the memory of a value that was made, if it is large.
func (m *machine) hold(v any) error {
	size := shallowSize(v)
	if size < holdStep {
		return nil
	}
	m.held += size
	return m.budget.Hold(size)
}

// free gives back what was held since m.held was mark.
func (m *machine) free(mark int) {
	if m.held > mark {
		m.budget.Release(m.held - mark)
		m.held = mark
	}
}

// enter begins a level of evaluation; its end is m.depth--.
func (m *machine) enter() error {
	if m.depth++; m.depth*frameSize > m.stack {
		if m.depth > maxDepth {
			return &tooDeep{}
		}
		m.stack += stackStep
		if err := m.budget.Hold(stackStep); err != nil {
			return err
		}
	}
	return m.work(1)
}

// shallowSize is about what v holds of memory itself.
func shallowSize(v any) int {
	switch v := v.(type) {
	case string:
		return 32 + len(v)
	case *Array:
		return 48 + 16*len(v.items)
	case *Object:
		return 64 + 16*len(v.vals)
	}
	return 24
}
