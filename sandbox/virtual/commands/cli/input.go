package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// ErrStop ends a command at once: nobody reads its output any more, or its budget is spent.
var ErrStop = errors.New("stop")

// BlockSize is how many bytes commands read and write at a time.
const BlockSize = 64 << 10

// Open opens an operand for reading; "-" is standard input.
func Open(inv *shell.Invocation, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(inv.Stdin), nil
	}
	return inv.Open(name)
}

// EachInput opens the operands one after the other, or standard input if there is none, and calls do. An error of
// opening or of do is reported as "NAME: FILE: error", makes the status 1, and the next operand follows; ErrStop ends.
func EachInput(inv *shell.Invocation, names []string, do func(name string, r io.Reader) error) (status int) {
	return EachWorded(inv, names, func(name string, _ bool, err error) { inv.Errorf("%s: %v", QuoteNeeded(name), err) }, do)
}

// EachWorded is EachInput with the command's own words for what failed: failed is told the name, and whether it was opened.
func EachWorded(inv *shell.Invocation, names []string, failed func(name string, opened bool, err error), do func(name string, r io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := Open(inv, name)
		opened := err == nil
		if opened {
			err = do(name, r)
			r.Close()
		}
		if errors.Is(err, ErrStop) || inv.Budget.Err() != nil {
			return 1
		}
		if err != nil {
			failed(name, opened, err)
			status = 1
		}
	}
	return status
}

// blocks are those of Copy and Lines that are not in use.
var blocks = sync.Pool{New: func() any { return new([BlockSize]byte) }}

// Copy copies r to w in blocks and spends work for them. A failed write or a spent budget is ErrStop, a failed read
// is returned as it is.
func Copy(ctx context.Context, b *limits.Budget, w io.Writer, r io.Reader) error {
	block := blocks.Get().(*[BlockSize]byte)
	defer blocks.Put(block)
	buf := block[:]
	for {
		n, err := r.Read(buf)
		if b.Work(n+1) != nil || ctx.Err() != nil {
			return ErrStop
		}
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return ErrStop
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// ReadAll reads r whole. The budget counts what is read while it is read; what the caller keeps of it is its to hold.
func ReadAll(ctx context.Context, b *limits.Budget, r io.Reader) ([]byte, error) {
	h := holding{budget: b}
	err := Copy(ctx, b, &h, r)
	b.Release(len(h.data))
	return h.data, err
}

type holding struct {
	budget *limits.Budget
	data   []byte
}

func (h *holding) Write(p []byte) (int, error) {
	h.data = append(h.data, p...)
	return len(p), h.budget.Hold(len(p))
}

// Lines reads lines of any length and spends the budget's work for each block it reads.
type Lines struct {
	ctx    context.Context
	budget *limits.Budget
	r      io.Reader
	delim  byte
	buf    []byte
	block  *[BlockSize]byte // that buf is, or nil
	lo, hi int              // unread part of buf
	filled bool             // the last read filled buf
	held   int
	err    error
}

// NewLines reads lines that end in delim from r. The caller calls Close when done.
func NewLines(ctx context.Context, b *limits.Budget, r io.Reader, delim byte) *Lines {
	return &Lines{ctx: ctx, budget: b, r: r, delim: delim}
}

// Reset makes it read from r, in the memory that it has.
func (l *Lines) Reset(r io.Reader) { l.r, l.lo, l.hi, l.filled, l.err = r, 0, 0, false, nil }

// Next returns the next line without its delimiter, valid until the next call, and whether the delimiter was there.
// At the end it returns io.EOF; ErrStop when the command must end; else the error of reading.
func (l *Lines) Next() (line []byte, ended bool, err error) {
	from := l.lo
	for {
		if i := bytes.IndexByte(l.buf[from:l.hi], l.delim); i >= 0 {
			line, l.lo = l.buf[l.lo:from+i], from+i+1
			return line, true, nil
		}
		if l.err != nil {
			if line, l.lo = l.buf[l.lo:l.hi], l.hi; len(line) > 0 && l.err == io.EOF {
				return line, false, nil
			}
			return nil, false, l.err
		}
		unread := l.hi - l.lo
		l.fill()
		from = l.lo + unread
	}
}

// Peek says whether another line follows.
func (l *Lines) Peek() bool {
	for l.lo == l.hi && l.err == nil {
		l.fill()
	}
	return l.lo < l.hi
}

// Block returns all whole lines that are buffered, with their delimiters, reading more when there is none; the last
// line of the input may lack its delimiter. Errors are as for Next.
func (l *Lines) Block() ([]byte, error) {
	for from := l.lo; ; {
		if i := bytes.LastIndexByte(l.buf[from:l.hi], l.delim); i >= 0 {
			block := l.buf[l.lo : from+i+1]
			l.lo = from + i + 1
			return block, nil
		}
		if l.err != nil {
			block := l.buf[l.lo:l.hi]
			l.lo = l.hi
			if len(block) > 0 && l.err == io.EOF {
				return block, nil
			}
			return nil, l.err
		}
		unread := l.hi - l.lo
		l.fill()
		from = l.lo + unread
	}
}

// fill reads one block behind the unread part, which moves to the front.
func (l *Lines) fill() {
	if l.lo > 0 {
		copy(l.buf, l.buf[l.lo:l.hi])
		l.lo, l.hi = 0, l.hi-l.lo
	}
	if size := l.room(); size > len(l.buf) {
		if l.budget.Hold(size) != nil {
			l.err = ErrStop
			return
		}
		l.grow(size)
	}
	n, err := l.r.Read(l.buf[l.hi:])
	l.hi += n
	l.filled, l.err = l.hi == len(l.buf), err
	if l.budget.Work(n+1) != nil || l.ctx.Err() != nil {
		l.err = ErrStop
	}
}

// grow makes buf larger.
func (l *Lines) grow(size int) {
	var block *[BlockSize]byte
	var grown []byte
	if size == BlockSize {
		block = blocks.Get().(*[BlockSize]byte)
		grown = block[:]
	} else {
		grown = make([]byte, size)
	}
	hi := copy(grown, l.buf[:l.hi])
	l.discard()
	l.buf, l.block, l.hi, l.held = grown, block, hi, size
}

// discard gives buf back.
func (l *Lines) discard() {
	l.budget.Release(l.held)
	if l.block != nil {
		blocks.Put(l.block)
	}
	l.buf, l.block, l.lo, l.hi, l.held = nil, nil, 0, 0, 0
}

// room is how large buf should be for the next read.
func (l *Lines) room() int {
	switch {
	case l.hi == 0 && !l.filled:
		return max(firstBlock(l.r), len(l.buf))
	case len(l.buf) < BlockSize && (l.filled || l.hi == len(l.buf)):
		return BlockSize
	case l.hi == len(l.buf):
		return 2 * len(l.buf)
	}
	return len(l.buf)
}

// firstBlock is how much to read first: what is in a small file, or comes through most pipes. When more comes, it is a whole block.
func firstBlock(r io.Reader) int {
	if f, ok := r.(vfs.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode.IsRegular() {
			return int(min(max(info.Size+1, 256), BlockSize))
		}
	}
	return 4 << 10
}

// Unread makes the last n bytes of what Block returned unread again.
func (l *Lines) Unread(n int) { l.lo -= n }

// GiveBack moves a seekable input back to the first byte that Next has not returned, so that the next command that
// reads the same file goes on there.
func (l *Lines) GiveBack() {
	if s, ok := l.r.(io.Seeker); ok && l.hi > l.lo {
		if _, err := s.Seek(int64(l.lo-l.hi), io.SeekCurrent); err == nil {
			l.hi = l.lo
		}
	}
}

// Close gives back the memory of the buffer, and of the lines that were returned.
func (l *Lines) Close() { l.discard() }
