package awk

import (
	"bufio"
	"bytes"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

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
