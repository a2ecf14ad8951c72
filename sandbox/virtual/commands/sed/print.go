package sed

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

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

// writeTo writes a line to the file of a w command.
func (m *machine) writeTo(name string, line []byte, ended bool) {
	to := m.sink(name)
	to.put(line, ended, m.opt.delim)
	if to == m.stderr {
		to.Flush()
	}
}
