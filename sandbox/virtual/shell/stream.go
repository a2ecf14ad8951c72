package shell

import (
	"bytes"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const maxFD = 1024 // descriptors are below it

// stream is what a descriptor stands for: an open file, one end of a pipe, or a stream of the Exec.
// Duplicates share it, the text that `read` has read ahead included.
type stream struct {
	world  *world
	refs   atomic.Int32
	file   vfs.File
	pipe   *pipe
	reader bool  // the reading end of pipe
	both   bool  // the writing end too
	fifo   *fifo // the pipe has a name
	in     io.Reader
	out    io.Writer

	mu  sync.Mutex
	buf []byte // read ahead
}

// newStream takes a descriptor from the budget; close gives it back.
func (w *world) newStream(st *stream) *stream {
	st.world = w
	st.refs.Store(1)
	_ = w.budget.Open() // the evaluator sees that it struck at its next step
	return st
}

func (st *stream) share() *stream {
	st.refs.Add(1)
	return st
}

func (st *stream) close() {
	if st.refs.Add(-1) != 0 {
		return
	}
	st.world.budget.Close()
	switch {
	case st.fifo != nil:
		st.fifo.leave(st)
	case st.pipe != nil:
		st.pipe.close(st.reader)
	case st.file != nil:
		st.file.Close()
	}
}

func (st *stream) read(b []byte, by *proc) (int, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.buf) > 0 {
		n := copy(b, st.buf)
		st.buf = st.buf[n:]
		return n, nil
	}
	return st.readRaw(b, by)
}

func (st *stream) readRaw(b []byte, by *proc) (int, error) {
	switch {
	case st.pipe != nil && st.reader:
		return st.pipe.read(b, by)
	case st.file != nil:
		return st.file.Read(b)
	case st.in != nil:
		return st.in.Read(b)
	}
	return 0, vfs.ErrBadFile
}

func (st *stream) write(b []byte, by *proc) (int, error) {
	switch {
	case st.pipe != nil && (st.both || !st.reader):
		return st.pipe.write(b, by)
	case st.file != nil:
		st.mu.Lock()
		defer st.mu.Unlock()
		st.giveBack()
		return st.file.Write(b)
	case st.out != nil:
		return st.out.Write(b)
	}
	return 0, vfs.ErrBadFile
}

// giveBack puts the file's offset where its readers believe it to be.
func (st *stream) giveBack() {
	if len(st.buf) > 0 && st.file != nil {
		_, _ = st.file.Seek(int64(-len(st.buf)), io.SeekCurrent)
		st.buf = nil
	}
}

// lockedWriter is an output of the Exec: what leaves is counted, and comes from many goroutines.
type lockedWriter struct {
	world *world
	mu    sync.Mutex
	w     io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	if !l.world.nested {
		if err := l.world.budget.Output(len(b)); err != nil {
			return 0, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// last writes what no budget holds back any more: why the Exec ended.
func (l *lockedWriter) last(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.w, text)
}

// handle is a stream as one process uses it: a vfs.File that knows who waits.
type handle struct {
	st     *stream
	by     *proc
	owned  bool // Close gives the stream back
	broken bool // a write found no reader
}

var _ vfs.File = (*handle)(nil)

func (h *handle) Read(b []byte) (int, error) {
	if h.st == nil {
		return 0, vfs.ErrBadFile
	}
	n, err := h.st.read(b, h.by)
	if over := h.st.world.budget.Work(n + 1); over != nil {
		return 0, over // a copy without end comes to one here
	}
	return n, err
}

// OfExec says whether it is the input that the whole Exec was given, and no pipe or file of the script.
func (h *handle) OfExec() bool { return h.st != nil && h.st.in != nil }

// Unread takes back what was read last.
func (h *handle) Unread(b []byte) {
	if h.st == nil {
		return
	}
	h.st.mu.Lock()
	defer h.st.mu.Unlock()
	h.st.buf = append(bytes.Clone(b), h.st.buf...)
}

func (h *handle) Write(b []byte) (int, error) {
	if h.st == nil {
		return 0, vfs.ErrBadFile
	}
	if over := h.st.world.budget.Work(len(b) + 1); over != nil {
		return 0, over
	}
	n, err := h.st.write(b, h.by)
	if err == vfs.ErrPipe {
		h.broken = true
	}
	return n, err
}

func (h *handle) Seek(offset int64, whence int) (int64, error) {
	if h.st == nil || h.st.file == nil {
		return 0, vfs.ErrSeek
	}
	h.st.mu.Lock()
	defer h.st.mu.Unlock()
	h.st.giveBack()
	return h.st.file.Seek(offset, whence)
}

func (h *handle) Stat() (vfs.Info, error) {
	switch {
	case h.st == nil:
		return vfs.Info{}, vfs.ErrBadFile
	case h.st.file != nil:
		return h.st.file.Stat()
	}
	return vfs.Info{Name: "pipe", Mode: fs.ModeNamedPipe | 0o600, UID: 1000, GID: 1000, Nlink: 1}, nil
}

func (h *handle) Truncate(size int64) error {
	if h.st == nil || h.st.file == nil {
		return vfs.ErrInvalid
	}
	return h.st.file.Truncate(size)
}

func (h *handle) Close() error {
	if h.owned {
		h.owned = false
		h.st.close()
	}
	return nil
}

// fd returns the stream of a descriptor, or nil.
func (s *shell) fd(n int) *stream {
	if n < 0 || n >= len(s.fds) {
		return nil
	}
	return s.fds[n]
}

// setFD makes n stand for st, which it takes over; nil closes n.
func (s *shell) setFD(n int, st *stream) {
	for n >= len(s.fds) {
		s.fds = append(s.fds, nil)
	}
	if old := s.fds[n]; old != nil {
		old.close()
	}
	s.fds[n] = st
}

// freeFD is the lowest free descriptor from 10 on, as {name}> takes it.
func (s *shell) freeFD(from int) int {
	for n := from; ; n++ {
		if s.fd(n) == nil {
			return n
		}
	}
}

func (s *shell) closeFDs() {
	for n, st := range s.fds {
		if st != nil {
			st.close()
			s.fds[n] = nil
		}
	}
}

func (s *shell) handle(n int) *handle { return &handle{st: s.fd(n), by: s.proc} }
