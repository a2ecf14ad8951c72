package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const catUsage = `[OPTION]... [FILE]...
Write the FILEs, or standard input, one after the other to standard output.

  -n, --number          number all lines; -b only those that are not empty
  -s, --squeeze-blank   at most one empty line in a row
  -E, --show-ends       $ at the end of each line
  -T, --show-tabs       tabs as ^I
  -v, --show-nonprinting   control characters with ^ and M-
  -A is -vET, -e is -vE, -t is -vT
`

// catStyle is what cat changes on the way.
type catStyle struct {
	number, nonblank, squeeze, ends, tabs, odd bool

	line  int
	start bool // at the start of a line
	blank int  // empty lines in a row
	cr    bool // a carriage return is held back to see whether a newline follows
}

func cat(ctx context.Context, inv *shell.Invocation) int {
	spec := cli.Spec{Usage: catUsage, Short: "AbeEnstTuv",
		Long: "show-all=A number-nonblank=b show-ends=E number=n squeeze-blank=s show-tabs=T show-nonprinting=v"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	style := catStyle{start: true}
	for _, o := range p.Options {
		switch o.Key {
		case "A":
			style.odd, style.ends, style.tabs = true, true, true
		case "b":
			style.nonblank, style.number = true, true
		case "e":
			style.odd, style.ends = true, true
		case "E":
			style.ends = true
		case "n":
			style.number = true
		case "s":
			style.squeeze = true
		case "t":
			style.odd, style.tabs = true, true
		case "T":
			style.tabs = true
		case "v":
			style.odd = true
		}
	}
	plain := !style.number && !style.squeeze && !style.ends && !style.tabs && !style.odd
	out := inv.Buffered(inv.Stdout)
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := cli.Open(inv, name)
		if err == nil && feedsItself(inv, r, name) {
			r.Close()
			err = errors.New("input file is output file")
		}
		if err == nil {
			if plain {
				err = cli.Copy(ctx, inv.Budget, inv.Stdout, r)
			} else if err = cli.Copy(ctx, inv.Budget, catWriter{&style, out}, r); err == nil && out.Flush() != nil {
				err = cli.ErrStop
			}
			r.Close()
		}
		if errors.Is(err, cli.ErrStop) {
			return 1
		}
		if err != nil {
			inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			status = 1
		}
	}
	if style.cr {
		io.WriteString(out, "\r")
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

// feedsItself says whether what is read from an input goes to its own end.
func feedsItself(inv *shell.Invocation, r io.Reader, name string) bool {
	type stater interface{ Stat() (vfs.Info, error) }
	if name == "-" {
		r = inv.Stdin
	}
	in, ok1 := r.(stater)
	out, ok2 := inv.Stdout.(stater)
	if !ok1 || !ok2 {
		return false
	}
	to, err := out.Stat()
	if err != nil || !to.Mode.IsRegular() || to.Size == 0 {
		return false
	}
	from, err := in.Stat()
	return err == nil && from.Mode.IsRegular() && from.Ino == to.Ino
}

// catWriter writes bytes in a style.
type catWriter struct {
	*catStyle
	out *bufio.Writer
}

func (w catWriter) Write(b []byte) (int, error) {
	for _, c := range b {
		if w.cr {
			w.cr = false
			if c == '\n' {
				w.out.WriteString("^M")
			} else {
				w.out.WriteByte('\r')
			}
		}
		if w.start {
			if c == '\n' {
				if w.blank++; w.squeeze && w.blank > 1 {
					continue
				}
			} else {
				w.blank = 0
			}
			if w.number && (!w.nonblank || c != '\n') {
				w.line++
				fmt.Fprintf(w.out, "%6d\t", w.line)
			}
		}
		w.start = c == '\n'
		switch {
		case c == '\n':
			if w.ends {
				w.out.WriteByte('$')
			}
			w.out.WriteByte(c)
		case c == '\t':
			if w.tabs {
				w.out.WriteString("^I")
			} else {
				w.out.WriteByte(c)
			}
		case c == '\r' && w.ends && !w.odd:
			w.cr = true
		case w.odd:
			w.visible(c)
		default:
			w.out.WriteByte(c)
		}
	}
	// An error of the writer sticks.
	_, err := w.out.Write(nil)
	return len(b), err
}

// visible writes a byte as -v does.
func (w catWriter) visible(c byte) {
	if c >= 128 {
		w.out.WriteString("M-")
		c -= 128
	}
	switch {
	case c < ' ':
		w.out.Write([]byte{'^', c + 64})
	case c == 127:
		w.out.WriteString("^?")
	default:
		w.out.WriteByte(c)
	}
}
