package shell

import (
	"bufio"
	"io"
	"sync"
)

// buffers are those that a Command was lent. Small programs run so often that making theirs would cost more than all else.
type buffers struct {
	writers []*bufio.Writer
	readers []*bufio.Reader
}

// All Execs share what is not in use. Of what another one has written or read into a buffer, nothing is visible.
var (
	writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, pipeSize) }}
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, pipeSize) }}
)

// Buffered makes writes to w few and large. It is taken back, unflushed, when the command returns.
func (inv *Invocation) Buffered(w io.Writer) *bufio.Writer {
	if inv.lent == nil {
		return bufio.NewWriterSize(w, pipeSize)
	}
	b := writers.Get().(*bufio.Writer)
	b.Reset(w)
	inv.lent.writers = append(inv.lent.writers, b)
	return b
}

// ReadAhead makes reads of r few and large. It is taken back when the command returns.
func (inv *Invocation) ReadAhead(r io.Reader) *bufio.Reader {
	if inv.lent == nil {
		return bufio.NewReaderSize(r, pipeSize)
	}
	b := readers.Get().(*bufio.Reader)
	b.Reset(r)
	inv.lent.readers = append(inv.lent.readers, b)
	return b
}

// takeBack lets others have the buffers.
func (l *buffers) takeBack() {
	for _, w := range l.writers {
		w.Reset(nil)
		writers.Put(w)
	}
	for _, r := range l.readers {
		r.Reset(nil)
		readers.Put(r)
	}
}
