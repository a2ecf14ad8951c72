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

// savedFD is what a descriptor was before a redirection.
type savedFD struct {
	n  int
	st *stream
}

// moveAway takes descriptor n out of the table, for restore to put back.
func (s *shell) moveAway(n int) savedFD {
	old := savedFD{n, s.fd(n)}
	if old.st != nil {
		s.fds[n] = nil
	}
	return old
}

func (s *shell) restore(undo []savedFD) {
	for i := len(undo) - 1; i >= 0; i-- {
		s.setFD(undo[i].n, undo[i].st)
	}
}

// keep makes redirections permanent, as exec does.
func (s *shell) keep(undo []savedFD) {
	for _, u := range undo {
		if u.st != nil {
			u.st.close()
		}
	}
}

// redirect applies redirections from left to right. What it returns is to be restored, also after a failure.
func (s *shell) redirect(list []*syntax.Redirect) (undo []savedFD, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s.restore(undo)
			panic(r)
		}
	}()
	for _, r := range list {
		if undo, ok = s.redirectOne(r, undo); !ok {
			return undo, false
		}
	}
	return undo, true
}

func (s *shell) redirectOne(r *syntax.Redirect, undo []savedFD) ([]savedFD, bool) {
	target := 1
	switch r.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		target = 0
	}
	varName := ""
	if r.N != nil {
		if name, isVar := strings.CutPrefix(r.N.Value, "{"); isVar {
			varName = strings.TrimSuffix(name, "}")
		} else {
			n, err := strconv.Atoi(r.N.Value)
			if err != nil || n >= maxFD {
				s.warnf("%s: Bad file descriptor", r.N.Value)
				return undo, false
			}
			target = n
		}
	}
	var st *stream
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text := ""
		if r.Hdoc != nil {
			text = s.hereDoc(r)
		}
		st = s.textStream(text)
	case syntax.WordHdoc:
		st = s.textStream(s.wordString(r.Word) + "\n")
	case syntax.DplIn, syntax.DplOut:
		return s.duplicate(r, target, varName, undo)
	default:
		name, ok := s.redirectTarget(r.Word)
		if !ok {
			return undo, false
		}
		if st, ok = s.openRedirect(r.Op, name); !ok {
			return undo, false
		}
		if r.Op == syntax.RdrAll || r.Op == syntax.AppAll {
			undo = append(undo, s.moveAway(1), s.moveAway(2))
			s.setFD(1, st)
			s.setFD(2, st.share())
			return undo, true
		}
	}
	if varName != "" {
		return undo, s.setVarFD(varName, st)
	}
	undo = append(undo, s.moveAway(target))
	s.setFD(target, st)
	return undo, true
}

// setVarFD gives {name}> its descriptor, which stays open after the command.
func (s *shell) setVarFD(name string, st *stream) bool {
	n := s.freeFD(10)
	if n >= maxFD {
		st.close()
		s.warnf("cannot duplicate fd: Too many open files")
		return false
	}
	s.setFD(n, st)
	if base, sub, ok := cutSubscript(name); ok {
		return s.setElement(base, sub, strconv.Itoa(n), false)
	}
	return s.setVar(name, strconv.Itoa(n))
}

func (s *shell) textStream(text string) *stream {
	return s.newStream(&stream{in: strings.NewReader(text)})
}

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

// duplicate is n>&m, n>&m-, n>&- and >&file.
func (s *shell) duplicate(r *syntax.Redirect, target int, varName string, undo []savedFD) ([]savedFD, bool) {
	word, ok := s.redirectTarget(r.Word)
	if !ok {
		return undo, false
	}
	if word == "-" {
		if varName != "" {
			value := ""
			if base, sub, ok := cutSubscript(varName); ok {
				value, _ = s.element(base, sub)
			} else {
				value = s.get(varName)
			}
			n, err := strconv.Atoi(value)
			if err == nil {
				s.setFD(n, nil)
			}
			return undo, true
		}
		undo = append(undo, s.moveAway(target))
		return undo, true
	}
	digits, move := strings.CutSuffix(word, "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		if r.Op == syntax.DplOut && r.N == nil { // >&file
			st, ok := s.openRedirect(syntax.RdrAll, word)
			if !ok {
				return undo, false
			}
			undo = append(undo, s.moveAway(1), s.moveAway(2))
			s.setFD(1, st)
			s.setFD(2, st.share())
			return undo, true
		}
		s.warnf("%s: ambiguous redirect", word)
		return undo, false
	}
	st := s.fd(n)
	if st == nil {
		s.warnf("%s: Bad file descriptor", digits)
		return undo, false
	}
	if varName != "" {
		return undo, s.setVarFD(varName, st.share())
	}
	if n == target {
		return undo, true
	}
	st.share()
	undo = append(undo, s.moveAway(target))
	s.setFD(target, st)
	if move { // for good, also after a builtin
		s.setFD(n, nil)
	}
	return undo, true
}

// hereDoc expands the body of a here-document.
func (s *shell) hereDoc(r *syntax.Redirect) string {
	var b strings.Builder
	quoted := false
	for _, p := range r.Word.Parts {
		if lit, ok := p.(*syntax.Lit); !ok || strings.Contains(lit.Value, `\`) {
			quoted = true
		}
	}
	for _, p := range r.Hdoc.Parts {
		if lit, ok := p.(*syntax.Lit); ok {
			v := lit.Value
			if r.Op == syntax.DashHdoc {
				v = trimTabs(v, b.Len() == 0 || strings.HasSuffix(b.String(), "\n"))
			}
			if !quoted {
				v = unescape(v, "$`\\")
			}
			b.WriteString(v)
			continue
		}
		b.WriteString(s.partString(p, quoteHere))
	}
	text := b.String()
	s.work(len(text))
	return text
}

// trimTabs removes the tabs at the beginning of lines, as <<- does.
func trimTabs(v string, lineStart bool) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if lineStart && v[i] == '\t' {
			continue
		}
		lineStart = v[i] == '\n'
		b.WriteByte(v[i])
	}
	return b.String()
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
