package awk

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// The kinds of redirections. A name may be open as each of them at once.
const (
	toFile     = '>' // print > and >>
	toPipe     = '|'
	fromFile   = '<'
	fromPipe   = 'p'
	bothWays   = '&'
	appendFile = 'a' // only how toFile is opened
)

// operatorOf is how a redirection is written.
var operatorOf = map[byte]string{toFile: ">", appendFile: ">>", toPipe: "|", fromFile: "<", fromPipe: "|", bothWays: "|&"}

// target is what a redirection is to or from.
type target struct {
	kind byte
	name string
}

// stream is an open redirection.
type stream struct {
	target
	// Of a file that is written: nil while it is closed, because too many are open.
	w       *bufio.Writer
	file    io.Closer
	appends bool // it was opened by >>

	r       *reader      // of what is read
	input   bytes.Buffer // of a pipe that is written to: its command runs when it is closed
	process *process     // of a pipe that is read, and of a coprocess
	opened  int          // counts up with each stream
}

// checkTarget refuses redirections that cannot be.
func (in *interp) checkTarget(kind byte, name string) {
	if in.sandboxed {
		in.fatal("redirection not allowed in sandbox mode")
	}
	if name == "" {
		in.fatal("expression for `%s' redirection has null string value", operatorOf[kind])
	}
	if strings.HasPrefix(name, "/inet") && kind == bothWays {
		in.fatal("there is no network: cannot open `%s'", name)
	}
}

func (in *interp) opening(kind byte, name string) *stream {
	in.opened++
	s := &stream{target: target{kind, name}, opened: in.opened}
	in.streams[target{kind, name}] = s
	return s
}

// forgiven says whether the program looks after the errors of a redirection itself: PROCINFO["NONFATAL"].
func (in *interp) forgiven(name string) bool {
	info := in.information()
	return info != nil && (info.cells["NONFATAL"] != nil || info.cells[name+in.subsep+"NONFATAL"] != nil)
}

// information is PROCINFO, if the program uses it.
func (in *interp) information() *array {
	if in.procinfo < 0 {
		return nil
	}
	return in.globals[in.procinfo].arr
}

// printTo writes to a file or command.
func (in *interp) printTo(kind byte, name string, b []byte, statement string) {
	in.checkTarget(kind, name)
	switch {
	case kind == toPipe || kind == bothWays:
	case name == "/dev/stdout" || name == "-":
		in.stdout.Write(b)
		return
	case name == "/dev/stderr":
		in.stdout.Flush()
		in.inv.Stderr.Write(b)
		return
	}
	how := kind
	if kind == appendFile {
		kind = toFile
	}
	s := in.streams[target{kind, name}]
	if in.linting.on {
		if s == nil {
			in.lintTarget(kind, name)
		} else if s.kind == toFile && s.appends != (how == appendFile) {
			in.lintAlways("unnecessary mixing of `>' and `>>' for file `%s'", name)
		}
	}
	if s == nil {
		switch kind {
		case toPipe:
			in.flush()
			s = in.opening(kind, name)
		case bothWays:
			s = in.coprocess(name)
		default:
			s = &stream{}
			flag := vfs.Write | vfs.Create | vfs.Truncate
			if how == appendFile {
				flag = vfs.Write | vfs.Create | vfs.Append
			}
			if err := in.openOutput(name, s, flag); err != nil {
				if in.forgiven(name) {
					in.failed(err)
					return
				}
				in.fatal("cannot redirect to `%s': %v", name, err)
			}
			w, f := s.w, s.file
			s = in.opening(kind, name)
			s.w, s.file, s.appends = w, f, how == appendFile
		}
	}
	var err error
	switch kind {
	case toPipe:
		in.hold(len(b))
		s.input.Write(b)
	case bothWays:
		if s.process.stdin == nil {
			in.fatal("%s: attempt to write to closed write end of two-way pipe", statement)
		}
		_, err = s.process.stdin.Write(b)
	default:
		if s.w == nil {
			err = in.openOutput(name, s, vfs.Write|vfs.Create|vfs.Append)
		}
		if err == nil {
			_, err = s.w.Write(b)
		}
	}
	if err != nil && kind == toFile {
		in.fatal("%s to \"%s\" failed: %v", statement, name, err)
	}
}

// maxOutputs is how many files that are written to are open at once. A program may name more: those are closed until
// something is printed to them again.
const maxOutputs = 128

func (in *interp) openOutput(name string, s *stream, flag vfs.Flag) error {
	if in.writing == maxOutputs {
		for _, s := range in.streams {
			if s.w != nil {
				if err := s.closeFile(); err != nil {
					return err
				}
			}
		}
		in.writing = 0
	}
	f, err := in.inv.OpenFile(in.inv.Path(name), flag, 0o666&^in.inv.Umask)
	if err != nil {
		return err
	}
	in.writing++
	var to io.WriteCloser = f
	if in.prog.loaded["revoutput"] && in.globalValue("REVOUT").bool() {
		to = &reverser{w: f}
	}
	s.file, s.w = to, bufio.NewWriterSize(to, cli.BlockSize)
	return nil
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
func (in *interp) runPipe(s *stream) int {
	n := s.input.Len()
	script := in.nested(s.name)
	script.Stdin = &s.input
	status := in.inv.Exec(in.ctx, script)
	in.hold(-n)
	s.input = bytes.Buffer{}
	in.work(1)
	return status
}

func (in *interp) coprocess(name string) *stream {
	in.flush()
	s := in.opening(bothWays, name)
	if name == mirrorName && in.prog.loaded["revtwoway"] {
		s.process = in.mirror()
	} else {
		s.process = in.start(name, true)
	}
	s.r = in.newReader(s.process.stdout, nil)
	return s
}

// inputOf opens the file or command of getline; nil when it cannot be.
func (in *interp) inputOf(kind byte, name string) *reader {
	in.checkTarget(kind, name)
	if s := in.streams[target{kind, name}]; s != nil {
		if s.r == nil {
			in.fatal("getline: attempt to read from closed read end of two-way pipe")
		}
		return s.r
	}
	if in.linting.on {
		in.lintTarget(kind, name)
	}
	switch kind {
	case bothWays:
		return in.coprocess(name).r
	case fromPipe:
		in.flush()
		s := in.opening(kind, name)
		s.process = in.start(name, false)
		s.r = in.newReader(s.process.stdout, nil)
		return s.r
	}
	if name == "-" || name == "/dev/stdin" {
		s := in.opening(kind, name)
		s.r = in.newReader(in.inv.Stdin, nil)
		return s.r
	}
	if info, err := in.inv.FS.Stat(in.inv.Path(name)); err == nil && info.IsDir() {
		in.failed(vfs.ErrIsDir)
		return nil
	}
	if out := in.streams[target{toFile, name}]; out != nil && out.w != nil {
		out.w.Flush()
	}
	f, err := in.inv.Open(name)
	if err != nil {
		in.failed(err)
		return nil
	}
	s := in.opening(kind, name)
	s.r = in.newReader(f, f)
	return s.r
}

// flush writes out everything but what waits for a command.
func (in *interp) flush() {
	if in.stdout.Flush() != nil {
		panic(stopped{})
	}
	for _, s := range in.streams {
		if s.w != nil {
			s.w.Flush()
		}
	}
}

// lastOpened is the stream of a name that was opened last; nil when none is open.
func (in *interp) lastOpened(name string) *stream {
	var last *stream
	for _, kind := range []byte{toFile, toPipe, fromFile, fromPipe, bothWays} {
		if s := in.streams[target{kind, name}]; s != nil && (last == nil || s.opened > last.opened) {
			last = s
		}
	}
	return last
}

// closeStream is close(name, how), where how is "to", "from" or "": -1 when it is not open, else the status of a command.
func (in *interp) closeStream(name, how string) int {
	s := in.lastOpened(name)
	if s == nil {
		in.lint("close: `%s' is not an open file, pipe or co-process", name)
		in.special[varERRNO] = str("close of redirection that was never opened")
		return -1
	}
	if s.kind == bothWays && how != "" {
		return in.closeHalf(s, how)
	}
	if how != "" {
		in.lint("close: redirection `%s' not opened with `|&', second argument ignored", name)
	}
	delete(in.streams, s.target)
	if s.kind == toPipe {
		in.stdout.Flush()
	}
	return in.finish(s)
}

// closeHalf closes one direction of a coprocess, and all of it once both are closed.
func (in *interp) closeHalf(s *stream, how string) int {
	if how == "to" && s.process.stdin != nil {
		s.process.stdin.closeWriter()
		s.process.stdin = nil
	}
	if how == "from" && s.r != nil {
		s.process.stdout.closeReader()
		s.r.close()
		s.r = nil
	}
	if s.r == nil && s.process.stdin == nil {
		delete(in.streams, s.target)
		return in.finish(s)
	}
	return 0
}

// finish ends a stream, and says the status of its command.
func (in *interp) finish(s *stream) int {
	status := 0
	switch {
	case s.kind == toPipe:
		status = in.runPipe(s)
	case s.kind == toFile && s.w != nil:
		in.writing--
		if s.closeFile() != nil {
			status = -1
		}
	}
	if s.process != nil {
		status = s.process.close()
	}
	if s.r != nil {
		s.r.close()
	}
	return status
}

// closeAll ends everything that is still open, in the order it was opened.
func (in *interp) closeAll() {
	open := make([]*stream, 0, len(in.streams))
	for _, s := range in.streams {
		open = append(open, s)
	}
	slices.SortFunc(open, func(a, b *stream) int { return a.opened - b.opened })
	for _, s := range slices.Backward(open) {
		in.lintOpen(s)
	}
	for _, s := range open {
		delete(in.streams, s.target)
		in.finish(s)
	}
	if in.main != nil {
		in.main.close()
	}
}

// lintOpen warns of a stream that the program has not closed.
func (in *interp) lintOpen(s *stream) {
	what := map[byte]string{toFile: "file", fromFile: "file", toPipe: "pipe", fromPipe: "pipe", bothWays: "co-process"}[s.kind]
	in.lint("no explicit close of %s `%s' provided", what, s.name)
}
