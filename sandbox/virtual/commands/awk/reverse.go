package awk

import (
	"bytes"
	"io"
	"slices"
)

// reverser turns the characters of each line around: the library revoutput, where REVOUT is true.
type reverser struct {
	w    io.WriteCloser
	line []byte
}

func (r *reverser) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		r.line = append(r.line, line...)
		if !whole {
			break
		}
		if err := r.flush("\n"); err != nil {
			return 0, err
		}
		rest = after
	}
	return len(b), nil
}

func (r *reverser) flush(end string) error {
	slices.Reverse(r.line)
	_, err := r.w.Write(append(r.line, end...))
	r.line = r.line[:0]
	return err
}

func (r *reverser) Close() error {
	err := r.flush("")
	if closing := r.w.Close(); err == nil {
		err = closing
	}
	return err
}

// mirrorName is the coprocess of the library revtwoway: it answers each line with the line turned around.
const mirrorName = "/magic/mirror"

func (in *interp) mirror() *process {
	p := &process{stdin: newConduit(in.ctx, in.inv.Budget, 0), stdout: newConduit(in.ctx, in.inv.Budget, pipeSize), done: make(chan struct{})}
	stdin := p.stdin
	go func() {
		defer close(p.done)
		turned := &reverser{w: struct {
			io.Writer
			io.Closer
		}{p.stdout, io.NopCloser(nil)}}
		io.Copy(turned, stdin)
		p.stdout.closeWriter()
		stdin.closeReader()
	}()
	return p
}
