package commands

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// eachLine calls do for each line of the operands, and ends when the output cannot be written. It returns the status.
func eachLine(ctx context.Context, inv *shell.Invocation, names []string, delim byte, out *bufio.Writer, do func(line []byte, ended bool)) int {
	status := cli.EachInput(inv, names, func(_ string, r io.Reader) error {
		lines := cli.NewLines(ctx, inv.Budget, r, delim)
		defer lines.Close()
		for {
			line, ended, err := lines.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			do(line, ended)
			if _, err := out.Write(nil); err != nil {
				return cli.ErrStop
			}
		}
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}

// source is one of several files that are read line by line at the same time: paste, comm, join.
type source struct {
	name   string
	lines  *cli.Lines
	closer io.Closer
	line   []byte // the current line
	done   bool
	err    error
}

// openSources opens operands; those that are "-" share standard input.
func openSources(ctx context.Context, inv *shell.Invocation, names []string, delim byte) ([]*source, error) {
	var list []*source
	var stdin *cli.Lines
	for _, name := range names {
		if name == "-" && stdin != nil {
			list = append(list, &source{name: name, lines: stdin, closer: io.NopCloser(nil)})
			continue
		}
		r, err := cli.Open(inv, name)
		if err != nil {
			closeSources(list)
			return nil, errors.New(name + ": " + err.Error())
		}
		s := &source{name: name, closer: r, lines: cli.NewLines(ctx, inv.Budget, r, delim)}
		if name == "-" {
			stdin = s.lines
		}
		list = append(list, s)
	}
	return list, nil
}

func closeSources(list []*source) {
	for _, s := range list {
		s.lines.Close()
		s.closer.Close()
	}
}

// next reads the next line.
func (s *source) next() {
	if s.done {
		return
	}
	line, _, err := s.lines.Next()
	if err != nil {
		s.done, s.line = true, nil
		if err != io.EOF {
			s.err = err
		}
		return
	}
	s.line = append(s.line[:0], line...)
}

// sourcesStatus reports what went wrong in reading.
func sourcesStatus(inv *shell.Invocation, list []*source) int {
	status := 0
	for _, s := range list {
		if s.err != nil {
			if !errors.Is(s.err, cli.ErrStop) {
				inv.Errorf("%s: %v", s.name, s.err)
			}
			status = 1
		}
	}
	return status
}
