package sed

import (
	"bufio"
	"bytes"
	"context"
	"errors"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// machine runs a program.
type machine struct {
	ctx    context.Context
	inv    *shell.Invocation
	opt    *options
	prog   *program
	in     input
	out    *sink // standard output, or the new file of -i
	stdout *sink
	stderr *sink
	files  map[string]*sink
	opened []vfs.File
	reads  map[string]*cli.Lines // of R

	pattern, hold, spare []byte
	ended                bool // the pattern space's line had its newline
	holdEnded            bool
	replaced             bool // for t
	queue                []queued
	lastRE               *regex.Regexp
	held                 int
	problem              error
}

// queued is what a, r and R print at the end of the cycle.
type queued struct {
	text []byte
	file string // r
	line bool   // R: text is a line that needs its newline
}

func newMachine(ctx context.Context, inv *shell.Invocation, opt *options, prog *program, files []string) *machine {
	if len(files) == 0 {
		files = []string{"-"}
	}
	if prog.quiet {
		opt.quiet = true
	}
	m := &machine{ctx: ctx, inv: inv, opt: opt, prog: prog,
		stdout: newSink(inv.Buffered(inv.Stdout), inv.Stdout), stderr: newSink(bufio.NewWriter(inv.Stderr), inv.Stderr),
		files: map[string]*sink{}, reads: map[string]*cli.Lines{}, holdEnded: true}
	m.out = m.stdout
	m.in = input{m: m, files: files}
	return m
}

// close gives back files and memory.
func (m *machine) close() {
	m.in.shut()
	for _, s := range m.files {
		s.Flush()
	}
	for _, f := range m.opened {
		f.Close()
	}
	for _, l := range m.reads {
		l.Close()
	}
	m.inv.Budget.Release(m.held)
}

// charge holds the memory of the spaces when they have grown; false ends the command.
func (m *machine) charge(extra int) bool {
	if n := cap(m.pattern) + cap(m.hold) + cap(m.spare) + extra; n > m.held+cli.BlockSize {
		if m.inv.Budget.Hold(n-m.held) != nil {
			m.problem = cli.ErrStop
			return false
		}
		m.held = n
	}
	return true
}

// run runs the cycles and returns the exit status.
func (m *machine) run() int {
	if err := m.openOutputs(); err != nil {
		m.inv.Errorf("%v", err)
		return 4
	}
	status := 0
	for again := false; ; {
		if !again {
			if !m.read() {
				break
			}
		}
		var how outcome
		how, status = m.cycle()
		if m.problem != nil {
			break
		}
		again = how == restart
		if how != silent && how != restart && how != quitSilent && !m.opt.quiet {
			m.out.put(m.pattern, m.ended, m.opt.delim)
		}
		if how != quitSilent {
			m.dump()
		}
		if how == quit || how == quitSilent {
			m.in.giveBack()
			break
		}
		if _, err := m.out.Write(nil); err != nil {
			return 4
		}
		if m.opt.unbuffered {
			m.out.Flush()
		}
	}
	m.in.shut()
	if err := m.stdout.Flush(); err != nil {
		return 4
	}
	if m.problem != nil && !errors.Is(m.problem, cli.ErrStop) {
		m.inv.Errorf("%v", m.problem)
		return 1
	}
	if m.problem != nil {
		return 4
	}
	if status == 0 {
		status = m.in.status
	}
	return status
}

// read begins a cycle with the next line.
func (m *machine) read() bool {
	line, ended, ok := m.in.next()
	if !ok {
		return false
	}
	m.pattern = append(m.pattern[:0], line...)
	m.ended = ended
	m.replaced = false
	return m.charge(0)
}

type outcome int

const (
	finished   outcome = iota // print the pattern space
	silent                    // do not
	restart                   // D: again, without reading
	quit                      // q
	quitSilent                // Q
)

// cycle runs the script once; status is that of q and Q.
func (m *machine) cycle() (how outcome, status int) {
	commands := m.prog.commands
	for pc := 0; pc < len(commands); pc++ {
		c := &commands[pc]
		if c.from.kind != always || c.negated {
			matched := m.matches(c)
			if m.problem != nil {
				return silent, 0
			}
			if matched == c.negated {
				if c.name == '{' {
					pc = c.jump - 1
				}
				continue
			}
		}
		jump := false
		switch c.name {
		case '{', '}', ':', '#', 'v':
		case 's':
			m.substitute(c.s)
		case 'p':
			m.out.put(m.pattern, m.ended, m.opt.delim)
		case 'd':
			return silent, 0
		case 'D':
			i := bytes.IndexByte(m.pattern, m.opt.delim)
			if i < 0 {
				return silent, 0
			}
			m.pattern = append(m.pattern[:0], m.pattern[i+1:]...)
			if m.inv.Budget.Work(1+len(m.pattern)) != nil {
				m.problem = cli.ErrStop
			}
			return restart, 0
		case 'b':
			jump = true
		case 't':
			jump, m.replaced = m.replaced, false
		case 'T':
			jump, m.replaced = !m.replaced, false
		case 'n':
			if m.in.last() {
				if m.opt.posix {
					return silent, 0
				}
				return finished, 0
			}
			if !m.opt.quiet {
				m.out.put(m.pattern, m.ended, m.opt.delim)
			}
			if !m.append(false) {
				return quitSilent, 0
			}
		case 'N':
			if m.in.last() {
				if m.opt.posix {
					return silent, 0
				}
				return finished, 0
			}
			if !m.append(true) {
				return quitSilent, 0
			}
		case 'g':
			m.pattern = append(m.pattern[:0], m.hold...)
		case 'G':
			m.pattern = append(append(m.pattern, m.opt.delim), m.hold...)
		case 'h':
			m.hold = append(m.hold[:0], m.pattern...)
		case 'H':
			m.hold = append(append(m.hold, m.opt.delim), m.pattern...)
		case 'x':
			m.pattern, m.hold = m.hold, m.pattern
		case 'y':
			m.spare = translate(m.spare[:0], m.pattern, c.y)
			m.pattern, m.spare = m.spare, m.pattern
		case 'z':
			m.pattern = m.pattern[:0]
		case 'q':
			return quit, max(c.n, 0)
		case 'Q':
			return quitSilent, max(c.n, 0)
		case 'c':
			if !c.ranged || c.negated || !c.active {
				m.out.raw(c.text, m.opt.delim)
			}
			return silent, 0
		default:
			m.print(c)
		}
		if m.problem != nil || !m.charge(0) {
			return silent, 0
		}
		if jump {
			if m.inv.Budget.Work(1+len(m.pattern)/16) != nil {
				m.problem = cli.ErrStop
				return silent, 0
			}
			pc = c.jump - 1
		}
	}
	return finished, 0
}

// append reads the next line for n, or for N behind what there is.
func (m *machine) append(behind bool) bool {
	m.dump()
	line, ended, ok := m.in.next()
	if !ok {
		return false
	}
	if behind {
		m.pattern = append(m.pattern, m.opt.delim)
	} else {
		m.pattern = m.pattern[:0]
	}
	m.pattern = append(m.pattern, line...)
	m.ended = ended
	return m.charge(0)
}
