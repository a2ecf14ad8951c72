package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// splitter writes the pieces.
type splitter struct {
	ctx        context.Context
	inv        *shell.Invocation
	filter     string
	failed     int // the status of a filter that failed
	prefix     string
	additional string
	length     int
	grows      bool // suffixes become longer when they run out
	digits     string
	next       int
	verbose    bool
	file       io.WriteCloser
	w          *bufio.Writer
}

const splitLetters = "abcdefghijklmnopqrstuvwxyz"

// name is the name of piece n.
func (s *splitter) name(n int) (string, error) {
	length, base := s.length, len(s.digits)
	lead := ""
	if s.grows { // aa … yz, then zaaa … : the last letter leads on to longer suffixes
		for {
			room := 1
			for range length {
				room *= base
			}
			room -= room / base
			if n < room {
				break
			}
			n -= room
			lead += s.digits[base-1:]
			length++
		}
	}
	suffix := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		suffix[i] = s.digits[n%base]
		n /= base
	}
	if n > 0 {
		return "", fmt.Errorf("output file suffixes exhausted")
	}
	return s.prefix + lead + string(suffix) + s.additional, nil
}

// open begins the next piece.
func (s *splitter) open() error {
	if err := s.close(); err != nil {
		return err
	}
	name, err := s.name(s.next)
	if err != nil {
		return err
	}
	s.next++
	if s.verbose {
		fmt.Fprintf(s.inv.Stdout, "creating file %s\n", cli.Quote(name))
	}
	var f io.WriteCloser = &splitFilter{s: s, name: name}
	if s.filter == "" {
		if f, err = s.inv.Create(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s.file, s.w = f, bufio.NewWriterSize(f, cli.BlockSize)
	return nil
}

func (s *splitter) close() error {
	if s.file == nil {
		return nil
	}
	err := s.w.Flush()
	if closing := s.file.Close(); err == nil {
		err = closing
	}
	s.file = nil
	return err
}

// splitFilter is a piece that a command gets when it is complete.
type splitFilter struct {
	s    *splitter
	name string
	text bytes.Buffer
}

func (f *splitFilter) Write(p []byte) (int, error) {
	if err := f.s.inv.Budget.Hold(len(p)); err != nil {
		return 0, err
	}
	return f.text.Write(p)
}

// Close runs the command.
func (f *splitFilter) Close() error {
	defer f.s.inv.Budget.Release(f.text.Len())
	nested := shell.Nested{Args: []string{"sh", "-c", f.s.filter}, Env: []string{"FILE=" + f.name}, Stdin: bytes.NewReader(f.text.Bytes())}
	if status := f.s.inv.Exec(f.s.ctx, nested); status != 0 {
		f.s.failed = status
		return fmt.Errorf("with FILE=%s, exit %d from command: %s", f.name, status, f.s.filter)
	}
	return nil
}
