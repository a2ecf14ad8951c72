package sed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

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

// print runs the commands that print, or queue what is to be printed.
func (m *machine) print(c *command) {
	switch c.name {
	case 'a':
		m.queue = append(m.queue, queued{text: c.text})
	case 'i':
		m.out.raw(c.text, m.opt.delim)
	case '=':
		m.out.raw(append(strconv.AppendInt(nil, int64(m.in.line), 10), m.opt.delim), m.opt.delim)
	case 'F':
		m.out.raw(append([]byte(m.in.current), m.opt.delim), m.opt.delim)
	case 'l', 'L':
		width := m.opt.lineLength
		if c.n >= 0 {
			width = c.n
		}
		visible(m.out, m.pattern, width, m.opt.delim)
	case 'P':
		first, _, _ := bytes.Cut(m.pattern, []byte{m.opt.delim})
		m.out.put(first, true, m.opt.delim)
	case 'r':
		m.queue = append(m.queue, queued{file: string(c.text)})
	case 'R':
		if line, ok := m.readLine(string(c.text)); ok {
			m.queue = append(m.queue, queued{text: line, line: true})
		}
	case 'w':
		m.writeTo(string(c.text), m.pattern, m.ended)
	case 'W':
		first, _, _ := bytes.Cut(m.pattern, []byte{m.opt.delim})
		m.writeTo(string(c.text), first, true)
	case 'e':
		if len(c.text) > 0 {
			m.out.raw(m.output(string(c.text)), m.opt.delim)
		} else {
			m.pattern = bytes.TrimSuffix(m.output(string(m.pattern)), []byte{m.opt.delim})
		}
	}
	if len(m.queue) > 0 && m.inv.Budget.Work(1) != nil {
		m.problem = cli.ErrStop
	}
}

// output runs a shell script and returns what it printed.
func (m *machine) output(script string) []byte {
	m.out.Flush()
	b := &buffer{m: m}
	m.inv.Exec(m.ctx, shell.Nested{Script: script, Stdout: b})
	m.held += b.held
	if m.ctx.Err() != nil {
		m.problem = cli.ErrStop
	}
	return b.data
}

// dump prints what the cycle has queued.
func (m *machine) dump() {
	for _, q := range m.queue {
		switch {
		case q.line:
			m.out.put(q.text, true, m.opt.delim)
		case q.file == "":
			m.out.raw(q.text, m.opt.delim)
		default:
			m.copy(q.file)
		}
	}
	m.queue = m.queue[:0]
}

// copy prints a file for r; one that cannot be read is empty.
func (m *machine) copy(name string) {
	if s := m.files[name]; s != nil {
		s.Flush()
	}
	var r io.Reader = m.inv.Stdin
	if name == "/dev/stdin" && m.in.lines != nil && m.in.name == "-" {
		return
	} else if name != "/dev/stdin" {
		f, err := m.inv.Open(name)
		if err != nil {
			return
		}
		defer f.Close()
		r = f
	}
	if m.out.missing {
		m.out.raw([]byte{m.opt.delim}, m.opt.delim)
	}
	if errors.Is(cli.Copy(m.ctx, m.inv.Budget, m.out, r), cli.ErrStop) {
		m.problem = cli.ErrStop
	}
}

// readLine reads the next line of a file for R.
func (m *machine) readLine(name string) ([]byte, bool) {
	l, ok := m.reads[name]
	if !ok {
		var r io.Reader = m.inv.Stdin
		if name != "/dev/stdin" {
			f, err := m.inv.Open(name)
			if err != nil {
				r = bytes.NewReader(nil)
			} else {
				m.opened = append(m.opened, f)
				r = f
			}
		}
		l = cli.NewLines(m.ctx, m.inv.Budget, r, m.opt.delim)
		m.reads[name] = l
	}
	line, _, err := l.Next()
	return bytes.Clone(line), err == nil
}

// openOutputs makes the files of w before anything is read.
func (m *machine) openOutputs() error {
	for _, c := range m.prog.commands {
		name := string(c.text)
		if c.s != nil {
			name = c.s.file
		} else if c.name != 'w' && c.name != 'W' {
			continue
		}
		if name == "" || name == "/dev/stdout" || name == "/dev/stderr" || m.files[name] != nil {
			continue
		}
		f, err := m.inv.Create(name)
		if err != nil {
			return errors.New("couldn't open file " + name + ": " + err.Error())
		}
		m.opened = append(m.opened, f)
		m.files[name] = newSink(m.inv.Buffered(f), f)
	}
	return nil
}

func (m *machine) sink(name string) *sink {
	switch name {
	case "/dev/stdout":
		return m.stdout
	case "/dev/stderr":
		return m.stderr
	}
	return m.files[name]
}

// regexp is re, or the last one used for an empty pattern.
func (m *machine) regexp(re *regex.Regexp) *regex.Regexp {
	if re == nil {
		if m.lastRE == nil {
			m.problem = errors.New("-e expression #1, char 0: no previous regular expression")
		}
		return m.lastRE
	}
	m.lastRE = re
	return re
}

func (m *machine) test(re *regex.Regexp) bool {
	re = m.regexp(re)
	if re == nil {
		return false
	}
	found := re.Match(m.pattern)
	if re.Err() != nil {
		m.problem = re.Err()
	}
	return found
}

// one says whether an address that is not a range matches now.
func (m *machine) one(a *address) bool {
	switch a.kind {
	case onLine:
		return m.in.line == a.n
	case onStep:
		return m.in.line >= a.n && (m.in.line-a.n)%a.step == 0
	case onLast:
		return m.in.last()
	case onRegex:
		return m.test(a.re)
	}
	return a.kind == always
}

// matches says whether a command's addresses match, and keeps the state of its range.
func (m *machine) matches(c *command) bool {
	if !c.ranged {
		return m.one(&c.from)
	}
	line := m.in.line
	if c.active {
		switch c.to.kind {
		case onLine, afterLines, onMultiple:
			end := c.end
			if c.to.kind == onLine {
				end = c.to.n
			}
			if line >= end {
				c.active, c.closed = false, true
			}
			return line <= end || m.one(&c.from)
		}
		if m.one(&c.to) {
			c.active, c.closed = false, true
		}
		return true
	}
	if c.from.kind == onLine {
		if c.closed || line < c.from.n {
			return false
		}
	} else if !m.one(&c.from) {
		return false
	}
	switch c.to.kind {
	case onLine:
		if line >= c.to.n {
			c.closed = true
			return line <= c.to.n || c.from.kind != onLine || line == c.from.n
		}
	case afterLines:
		c.end = line + c.to.n
		if c.to.n == 0 {
			c.closed = true
			return true
		}
	case onMultiple:
		if c.to.n <= 0 || line%c.to.n == 0 {
			c.closed = true
			return true
		}
		c.end = line + c.to.n - line%c.to.n
	}
	c.active = true
	return true
}

// substitute runs an s command.
func (m *machine) substitute(s *substitution) {
	re := m.regexp(s.re)
	if re == nil {
		return
	}
	text := m.pattern
	match := re.Find(text, 0)
	if match == nil {
		if re.Err() != nil {
			m.problem = re.Err()
		}
		return
	}
	out := m.spare[:0]
	done, count, changed := 0, 0, false
	for match != nil {
		from, to := match[0], match[1]
		count++
		if count >= max(s.nth, 1) {
			out = append(out, text[done:from]...)
			out = s.expand(out, text, match)
			done, changed = to, true
			if !s.global {
				break
			}
			if !m.charge(len(out)) || m.inv.Budget.Work(1) != nil {
				m.problem = cli.ErrStop
				return
			}
		}
		at := to
		if from == to {
			at = after(text, to)
		}
		if at > len(text) {
			break
		}
		match = re.Find(text, at)
		if match != nil && match[0] == match[1] && match[0] == to { // an empty match right behind the last one does not count
			if at = after(text, to); at > len(text) {
				break
			}
			match = re.Find(text, at)
		}
	}
	if !changed {
		return
	}
	out = append(out, text[done:]...)
	m.spare, m.pattern = m.pattern, out
	m.replaced = true
	if s.execute {
		m.pattern = bytes.TrimSuffix(m.output(string(m.pattern)), []byte{m.opt.delim})
	}
	if s.print > 0 {
		m.out.put(m.pattern, m.ended, m.opt.delim)
	}
	if s.file != "" {
		m.writeTo(s.file, m.pattern, m.ended)
	}
}

// writeTo writes a line to the file of a w command.
func (m *machine) writeTo(name string, line []byte, ended bool) {
	to := m.sink(name)
	to.put(line, ended, m.opt.delim)
	if to == m.stderr {
		to.Flush()
	}
}

// after is the offset behind the character at i.
func after(text []byte, i int) int {
	_, size := utf8.DecodeRune(text[min(i, len(text)):])
	return i + max(size, 1)
}
