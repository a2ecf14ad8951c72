package sed

import (
	"bufio"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// input is the operands as one stream of lines, or with -s and -i one after the other.
type input struct {
	m       *machine
	files   []string
	lines   *cli.Lines // of the open file; nil for none
	file    io.Closer
	name    string // of the open file
	current string // of the file that the current line is from
	line    int
	status  int // 2 when a file could not be opened
	err     error
}

// open opens the next file that can be, and says whether there was one.
func (in *input) open() bool {
	for len(in.files) > 0 {
		name := in.files[0]
		in.files = in.files[1:]
		if in.m.opt.inPlace && name != "-" {
			info, err := in.m.inv.FS.Stat(in.m.inv.Path(name))
			if err == nil && !info.Mode.IsRegular() {
				in.m.inv.Errorf("couldn't edit %s: not a regular file", name)
				in.status = 4
				continue
			}
		}
		r, err := cli.Open(in.m.inv, name)
		if err != nil {
			in.m.out.Flush()
			in.m.inv.Errorf("can't read %s: %v", name, err)
			in.status = 2
			continue
		}
		in.name, in.file = name, r
		var source io.Reader = r
		if name == "-" {
			source = in.m.inv.Stdin
		}
		in.lines = cli.NewLines(in.m.ctx, in.m.inv.Budget, source, in.m.opt.delim)
		if in.m.opt.separate {
			in.line = 0
			for i := range in.m.prog.commands {
				c := &in.m.prog.commands[i]
				c.active, c.closed = c.from.kind == onZero, false
			}
		}
		if in.m.opt.inPlace && name != "-" {
			whole := &buffer{m: in.m}
			in.m.out = newSink(bufio.NewWriterSize(whole, cli.BlockSize), whole)
		}
		return true
	}
	return false
}

// shut closes the open file; with -i what was written takes its place.
func (in *input) shut() {
	if in.lines == nil {
		return
	}
	in.lines.Close()
	in.file.Close()
	in.lines = nil
	if !in.m.opt.inPlace || in.name == "-" {
		return
	}
	b := in.m.out.w.(*buffer)
	in.m.out.Flush()
	in.m.out = in.m.stdout
	if err := in.replace(b.data); err != nil && in.err == nil {
		in.m.inv.Errorf("couldn't edit %s: %v", in.name, err)
		in.status = 4
	}
	in.m.inv.Budget.Release(b.held)
}

func (in *input) replace(data []byte) error {
	m := in.m
	name := m.inv.Path(in.name)
	info, err := m.inv.FS.Stat(name)
	if err != nil {
		return err
	}
	if suffix := m.opt.suffix; suffix != "" {
		backup := path.Base(name) + suffix
		if strings.Contains(suffix, "*") {
			backup = strings.ReplaceAll(suffix, "*", path.Base(name))
		}
		if !strings.Contains(backup, "/") {
			backup = path.Join(path.Dir(name), backup)
		}
		if err := m.inv.FS.Rename(name, m.inv.Path(backup)); err != nil {
			return err
		}
	}
	f, err := m.inv.OpenFile(name, vfs.Write|vfs.Create|vfs.Truncate, info.Mode.Perm())
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// next returns the next line and whether its delimiter was there; ok is false at the end.
func (in *input) next() (line []byte, ended, ok bool) {
	for {
		if in.lines == nil && !in.open() {
			return nil, false, false
		}
		line, ended, err := in.lines.Next()
		if err == nil {
			in.line++
			in.current = in.name
			return line, ended, true
		}
		if err != io.EOF {
			if !errors.Is(err, cli.ErrStop) {
				in.m.inv.Errorf("read error on %s: %v", in.name, err)
			}
			in.err, in.status = err, 4
			return nil, false, false
		}
		in.shut()
	}
}

// last says whether no line follows: in the file with -s, else in all files.
func (in *input) last() bool {
	if in.lines != nil && in.lines.Peek() {
		return false
	}
	if in.m.opt.separate {
		return true
	}
	for len(in.files) > 0 {
		if in.lines != nil {
			in.lines.Close()
			in.file.Close()
			in.lines = nil
		}
		if in.open() && in.lines.Peek() {
			return false
		}
	}
	return true
}

// giveBack leaves the input where the last line that was read ends.
func (in *input) giveBack() {
	if in.lines != nil {
		in.lines.GiveBack()
	}
}
