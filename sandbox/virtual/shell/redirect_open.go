package shell

import (
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// redirectTarget expands the word after an operator, which must be one field.
func (s *shell) redirectTarget(w *syntax.Word) (string, bool) {
	fields := s.words([]*syntax.Word{w})
	if len(fields) != 1 {
		s.warnf("%s: ambiguous redirect", printWord(w))
		return "", false
	}
	return fields[0], true
}

func (s *shell) openRedirect(op syntax.RedirOperator, name string) (*stream, bool) {
	flag := vfs.Read
	switch op {
	case syntax.RdrOut, syntax.RdrAll:
		flag = vfs.Write | vfs.Create | vfs.Truncate
		if s.opts&optNoclobber != 0 {
			if i, err := s.FS.Stat(s.abs(name)); err == nil && i.Mode.IsRegular() {
				s.warnf("%s: cannot overwrite existing file", name)
				return nil, false
			}
		}
	case syntax.RdrClob:
		flag = vfs.Write | vfs.Create | vfs.Truncate
	case syntax.AppOut, syntax.AppAll:
		flag = vfs.Write | vfs.Append | vfs.Create
	case syntax.RdrInOut:
		flag = vfs.ReadWrite | vfs.Create
	}
	st, err := s.openStream(name, flag)
	if err != nil {
		s.warnf("%s: %v", name, err)
		return nil, false
	}
	return st, true
}

// openStream opens a path as the shell names it, this process's own descriptors included.
func (s *shell) openStream(name string, flag vfs.Flag) (*stream, error) {
	if name == "" {
		return nil, vfs.ErrNotExist
	}
	abs := s.abs(name)
	if n, ok := devFD(abs); ok {
		if st := s.fd(n); st != nil {
			return st.share(), nil
		}
		return nil, vfs.ErrNotExist
	}
	f, err := s.FS.Open(abs, flag, 0o666&^s.umask)
	var named *vfs.FIFO
	if errors.As(err, &named) {
		st, err := s.openFIFO(named.Info.Ino, flag, s.proc)
		if err != nil {
			s.dead()
		}
		return st, nil
	}
	if err != nil {
		return nil, err
	}
	return s.newStream(&stream{file: f}), nil
}

// devFD says which descriptor a path like /dev/fd/3 or /dev/stdin is.
func devFD(name string) (int, bool) {
	if !strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/proc/self/fd/") {
		return 0, false
	}
	switch name = path.Clean(name); name {
	case "/dev/stdin":
		return 0, true
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	num, ok := strings.CutPrefix(name, "/dev/fd/")
	if !ok {
		if num, ok = strings.CutPrefix(name, "/proc/self/fd/"); !ok {
			return 0, false
		}
	}
	n, err := strconv.Atoi(num)
	return n, err == nil && n >= 0
}

// readAll reads a descriptor to its end, within the budget.
func (s *shell) readAll(h io.Reader) (string, error) {
	var b strings.Builder
	held := 0
	defer func() { s.budget.Release(held) }()
	chunk := make([]byte, 32<<10)
	for {
		n, err := h.Read(chunk)
		if n > 0 {
			held += n
			if s.budget.Hold(n) != nil || s.budget.Work(n) != nil {
				s.dead()
			}
			b.Write(chunk[:n])
		}
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
	}
}
