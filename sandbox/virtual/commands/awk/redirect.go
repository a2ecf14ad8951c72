package awk

import (
	"bufio"
	"bytes"
	"io"
	"strings"

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
