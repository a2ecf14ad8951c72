package awk

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// reader reads records.
type reader struct {
	in     *interp
	r      io.Reader
	closer io.Closer
	buf    []byte
	lo, hi int
	held   int
	err    error
}

func (in *interp) newReader(r io.Reader, closer io.Closer) *reader {
	return &reader{in: in, r: r, closer: closer}
}

func (r *reader) close() {
	if r.closer != nil {
		r.closer.Close()
	}
	r.in.hold(-r.held)
	r.held = 0
}

// fill reads more behind the unread part.
func (r *reader) fill() {
	if r.lo > 0 {
		copy(r.buf, r.buf[r.lo:r.hi])
		r.lo, r.hi = 0, r.hi-r.lo
	}
	if r.hi == len(r.buf) {
		size := max(cli.BlockSize, 2*len(r.buf))
		r.in.hold(size - len(r.buf))
		r.held = size
		grown := make([]byte, size)
		copy(grown, r.buf[:r.hi])
		r.buf = grown
	}
	n, err := r.r.Read(r.buf[r.hi:])
	r.hi += n
	r.err = err
	r.in.work(n + 1)
}

// next returns the next record and what ended it; ok is false at the end or an error.
func (r *reader) next() (record string, end string, ok bool) {
	rs := r.in.rs
	if rs == "" {
		return r.paragraph()
	}
	if r.in.rsRE != nil {
		return r.byRegex()
	}
	delim := rs[0]
	from := r.lo
	for {
		if i := bytes.IndexByte(r.buf[from:r.hi], delim); i >= 0 {
			record = string(r.buf[r.lo : from+i])
			r.lo = from + i + 1
			return record, rs, true
		}
		if r.err != nil {
			return r.rest("")
		}
		unread := r.hi - r.lo
		r.fill()
		from = r.lo + unread
	}
}

// rest is the last record, which nothing ends.
func (r *reader) rest(end string) (string, string, bool) {
	if r.lo == r.hi {
		return "", "", false
	}
	record := string(r.buf[r.lo:r.hi])
	r.lo = r.hi
	return record, end, true
}

func (r *reader) paragraph() (record string, end string, ok bool) {
	for {
		for r.lo < r.hi && r.buf[r.lo] == '\n' {
			r.lo++
		}
		if r.lo < r.hi || r.err != nil {
			break
		}
		r.fill()
	}
	for {
		text := r.buf[r.lo:r.hi]
		if i := bytes.Index(text, []byte("\n\n")); i >= 0 {
			j := i
			for j < len(text) && text[j] == '\n' {
				j++
			}
			if j < len(text) || r.err != nil {
				record, end = string(text[:i]), string(text[i:j])
				r.lo += j
				return record, end, true
			}
		}
		if r.err != nil {
			trimmed := bytes.TrimRight(text, "\n")
			end = string(text[len(trimmed):])
			r.hi -= len(text) - len(trimmed)
			return r.rest(end)
		}
		r.fill()
	}
}

func (r *reader) byRegex() (record string, end string, ok bool) {
	for {
		text := r.buf[r.lo:r.hi]
		for at := 0; at <= len(text); {
			m := r.in.rsRE.Find(text, at)
			if m == nil {
				break
			}
			if m[0] == m[1] {
				at = m[1] + 1
				continue
			}
			if m[1] == len(text) && r.err == nil { // it may go on
				break
			}
			record, end = string(text[:m[0]]), string(text[m[0]:m[1]])
			r.lo += m[1]
			return record, end, true
		}
		if r.err != nil {
			return r.rest("")
		}
		r.fill()
	}
}

// stream is an open redirection.
type stream struct {
	w      *bufio.Writer // of print; nil while the file is closed
	file   io.Closer
	r      *reader // of getline
	pipe   bool    // w collects the input of a command, which runs when it is closed
	input  bytes.Buffer
	status int // of a command that has run
	opened int // counts up with each stream
}

// printTo writes to a file or command.
func (in *interp) printTo(kind byte, name string, b []byte) {
	if in.sandboxed {
		in.fatal("redirection not allowed in sandbox mode")
	}
	switch name {
	case "":
		in.fatal("expression for `%s' redirection has null string value", map[byte]string{'>': ">", 'a': ">>", '|': "|", '&': "|&"}[kind])
	case "/dev/stdout", "-":
		if kind != '|' {
			in.stdout.Write(b)
			return
		}
	case "/dev/stderr":
		if kind != '|' {
			in.stdout.Flush()
			in.inv.Stderr.Write(b)
			return
		}
	}
	s := in.outputs[name]
	if s == nil {
		in.opened++
		s = &stream{opened: in.opened}
		if kind == '|' || kind == '&' {
			in.stdout.Flush()
			s.pipe = true
		} else {
			flag := vfs.Write | vfs.Create | vfs.Truncate
			if kind == 'a' {
				flag = vfs.Write | vfs.Create | vfs.Append
			}
			in.openOutput(name, s, flag)
		}
		in.outputs[name] = s
		in.order = append(in.order, name)
	}
	if s.pipe {
		in.hold(len(b))
		s.input.Write(b)
		return
	}
	if s.w == nil {
		in.openOutput(name, s, vfs.Write|vfs.Create|vfs.Append)
	}
	if _, err := s.w.Write(b); err != nil {
		in.fatal("print to `%s' failed: %v", name, err)
	}
}

// maxOutputs is how many files that are written to are open at once. A program may name more: those are closed until
// something is printed to them again.
const maxOutputs = 128

func (in *interp) openOutput(name string, s *stream, flag vfs.Flag) {
	if in.writing == maxOutputs {
		for name, s := range in.outputs {
			if s.w != nil {
				if err := s.closeFile(); err != nil {
					in.fatal("print to `%s' failed: %v", name, err)
				}
			}
		}
		in.writing = 0
	}
	f, err := in.inv.OpenFile(in.inv.Path(name), flag, 0o666&^in.inv.Umask)
	if err != nil {
		in.fatal("cannot redirect to `%s': %v", name, err)
	}
	in.writing++
	s.file, s.w = f, bufio.NewWriterSize(f, cli.BlockSize)
}

func (s *stream) closeFile() error {
	err := s.w.Flush()
	if e := s.file.Close(); err == nil {
		err = e
	}
	s.file, s.w = nil, nil
	return err
}

// runPipe runs a command with what was printed to it.
func (in *interp) runPipe(name string, s *stream, out io.Writer) int {
	n := s.input.Len()
	status := in.inv.Exec(in.ctx, shell.Nested{Script: name, Env: in.environ(), Stdin: &s.input, Stdout: out})
	in.hold(-n)
	s.input = bytes.Buffer{}
	in.work(1)
	return status
}

// collector takes the output of a command that getline reads.
type collector struct {
	in  *interp
	buf bytes.Buffer
}

func (c *collector) Write(b []byte) (int, error) {
	if c.in.inv.Budget.Hold(len(b)) != nil {
		return 0, cli.ErrStop
	}
	c.in.held += len(b)
	return c.buf.Write(b)
}

// inputOf opens the file or command of getline; nil when it cannot be.
func (in *interp) inputOf(kind byte, name string) *reader {
	key := string(kind) + name
	if s := in.inputs[key]; s != nil {
		return s.r
	}
	in.opened++
	s := &stream{opened: in.opened}
	switch kind {
	case '<':
		if name == "-" || name == "/dev/stdin" {
			s.r = in.newReader(in.inv.Stdin, nil)
			break
		}
		if info, err := in.inv.FS.Stat(in.inv.Path(name)); err == nil && info.IsDir() {
			in.special[varERRNO] = str(vfs.ErrIsDir.Error())
			return nil
		}
		if out := in.outputs[name]; out != nil && out.w != nil {
			out.w.Flush()
		}
		f, err := in.inv.Open(name)
		if err != nil {
			in.special[varERRNO] = str(err.Error())
			return nil
		}
		s.r = in.newReader(f, f)
	default:
		in.flush()
		c := &collector{in: in}
		if out := in.outputs[name]; kind == '&' && out != nil && out.pipe {
			s.status = in.runPipe(name, out, c)
			delete(in.outputs, name)
		} else {
			s.status = in.inv.Exec(in.ctx, shell.Nested{Script: name, Env: in.environ(), Stdout: c})
		}
		in.work(1)
		s.r = in.newReader(&c.buf, nil)
	}
	in.inputs[key] = s
	return s.r
}

// flush writes out everything but what waits for a command.
func (in *interp) flush() {
	if in.stdout.Flush() != nil {
		panic(stopped{})
	}
	for _, s := range in.outputs {
		if s.w != nil {
			s.w.Flush()
		}
	}
}

// closeStream is close(name): -1 when it is not open, else the status of a command.
func (in *interp) closeStream(name string) int {
	// If several are open under the name, the last one opened is closed.
	key, last := "", in.outputs[name]
	for _, kind := range []string{"<", "|", "&"} {
		if s := in.inputs[kind+name]; s != nil && (last == nil || s.opened > last.opened) {
			key, last = kind+name, s
		}
	}
	switch {
	case last == nil:
		return -1
	case key == "":
		delete(in.outputs, name)
		return in.finish(name, last)
	}
	delete(in.inputs, key)
	last.r.close()
	return last.status
}

// environ is what the program has set in ENVIRON.
func (in *interp) environ() (list []string) {
	if in.environment == nil {
		return nil
	}
	for _, name := range in.environment.list() {
		list = append(list, name+"="+in.environment.cells[name].str(in.convfmt))
	}
	return list
}

func (in *interp) finish(name string, s *stream) int {
	if s.pipe {
		return in.runPipe(name, s, nil)
	}
	if s.w == nil {
		return 0
	}
	in.writing--
	if s.closeFile() != nil {
		return -1
	}
	return 0
}

// closeAll ends everything that is still open, commands in the order they were begun.
func (in *interp) closeAll() {
	for _, name := range in.order {
		if s := in.outputs[name]; s != nil {
			delete(in.outputs, name)
			in.finish(name, s)
		}
	}
	for _, s := range in.inputs {
		s.r.close()
	}
	if in.main != nil {
		in.main.close()
	}
}

// nextRecord reads the next record of the input files; ok is false when all are read.
func (in *interp) nextRecord() (record, end string, ok bool) {
	for {
		if in.main == nil && !in.nextFile() {
			return "", "", false
		}
		if record, end, ok = in.main.next(); ok {
			return record, end, true
		}
		if in.main.err != nil && in.main.err != io.EOF {
			in.fatal("error reading input file `%s': %v", in.special[varFILENAME].s, in.main.err)
		}
		in.closeMain()
	}
}

// closeMain ends the current input file.
func (in *interp) closeMain() {
	if in.main != nil {
		in.main.close()
		in.main = nil
		in.runAll(in.prog.endFile)
		if in.inplace != nil {
			in.inplace.end(in)
		}
	}
}

// nextFile opens the next operand that is a file; standard input if there was none.
func (in *interp) nextFile() bool {
	argc := int(in.globals[in.argc].num())
	argv := in.array(&in.globals[in.argv], "ARGV")
	for in.argument < argc {
		key := num(float64(in.argument)).str("")
		in.argument++
		c := argv.cells[key]
		if c == nil {
			continue
		}
		name := c.str(in.convfmt)
		if name == "" || in.assignment(name) {
			continue
		}
		in.fileSeen = true
		if in.open(name) {
			return true
		}
	}
	if in.fileSeen {
		return false
	}
	in.fileSeen = true
	return in.open("")
}

// open makes name the current input file; "" and "-" are standard input.
func (in *interp) open(name string) bool {
	in.special[varFILENAME] = field(name)
	if name == "" {
		in.special[varFILENAME] = field("-")
	}
	in.special[varFNR] = num(0)
	if name == "" || name == "-" || name == "/dev/stdin" {
		in.main = in.newReader(in.inv.Stdin, nil)
		in.special[varERRNO] = str("")
	} else {
		if info, err := in.inv.FS.Stat(in.inv.Path(name)); err == nil && info.IsDir() && len(in.prog.beginFile) == 0 {
			in.warn("command line argument `%s' is a directory: skipped", name)
			return false
		}
		f, err := in.inv.Open(name)
		if err == nil {
			in.main = in.newReader(f, f)
			in.special[varERRNO] = str("")
		} else {
			if len(in.prog.beginFile) == 0 {
				in.fatal("cannot open file `%s' for reading: %v", name, err)
			}
			in.special[varERRNO] = str(err.Error())
			in.main = in.newReader(strings.NewReader(""), nil)
		}
	}
	if in.inplace != nil && name != "" && name != "-" && in.main != nil {
		in.inplace.begin(in, name)
	}
	if in.runAll(in.prog.beginFile) == doNextFile {
		in.main.close()
		in.main = nil
		return false
	}
	return in.main != nil
}
