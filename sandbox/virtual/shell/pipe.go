package shell

import (
	"io"
	"sync"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const pipeSize = 64 << 10 // bytes a pipe holds before its writer waits, as in Linux

// pipe is a bounded pipe in memory. A read waits for a writer, a write for room; both end when the
// Exec ends, or when the process that waits is killed.
type pipe struct {
	world *world
	mu    sync.Mutex
	cond  *sync.Cond
	buf   []byte
	off   int             // buf[off:] is unread
	full  *[pipeSize]byte // that buf is in, once it is large
	held  int
	noR   bool // all readers are gone
	noW   bool // all writers are gone
	slack int  // bytes still swallowed once all readers are gone
}

func (w *world) newPipe() *pipe {
	w.pipesMu.Lock()
	defer w.pipesMu.Unlock()
	return w.addPipe()
}

// addPipe is newPipe with pipesMu held.
func (w *world) addPipe() *pipe {
	p := &pipe{world: w}
	p.cond = sync.NewCond(&p.mu)
	if w.pipes == nil {
		w.pipes = map[*pipe]struct{}{}
	}
	w.pipes[p] = struct{}{}
	return p
}

func (p *pipe) read(b []byte, by *proc) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.off == len(p.buf) {
		if p.noW || p.world.ended.Load() || by.dead() || len(b) == 0 {
			return 0, io.EOF
		}
		p.cond.Wait()
	}
	n := copy(b, p.buf[p.off:])
	p.off += n
	if p.off == len(p.buf) {
		p.buf, p.off = p.buf[:0], 0
	}
	p.cond.Broadcast()
	return n, nil
}

func (p *pipe) write(b []byte, by *proc) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	written := 0
	for len(b) > 0 {
		for !p.noR && len(p.buf)-p.off >= pipeSize && !p.world.ended.Load() && !by.dead() {
			p.cond.Wait()
		}
		if p.noR && p.slack >= len(b) {
			p.slack -= len(b)
			return written + len(b), nil
		}
		if p.noR || p.world.ended.Load() || by.dead() {
			return written, vfs.ErrPipe
		}
		if p.off > 0 {
			p.buf = p.buf[:copy(p.buf, p.buf[p.off:])]
			p.off = 0
		}
		n := min(len(b), pipeSize-len(p.buf))
		if p.room(len(p.buf)+n) != nil {
			return written, vfs.ErrPipe
		}
		p.buf = append(p.buf, b[:n]...)
		b, written = b[n:], written+n
		p.cond.Broadcast()
	}
	return written, nil
}

// smallPipe is what most pipes ever hold at once, in bytes.
const smallPipe = 4 << 10

// pipeBuffers are those of full size that are not in use.
var pipeBuffers = sync.Pool{New: func() any { return new([pipeSize]byte) }}

// room makes buf large enough for n bytes: as small as a message, or of full size.
func (p *pipe) room(n int) error {
	if n <= cap(p.buf) {
		return nil
	}
	size := max(n, min(2*cap(p.buf), smallPipe))
	if n > smallPipe {
		size = pipeSize
	}
	if err := p.world.budget.Hold(size - p.held); err != nil {
		return err
	}
	p.held = size
	if n > smallPipe {
		p.full = pipeBuffers.Get().(*[pipeSize]byte)
		p.buf = append(p.full[:0], p.buf...)
	} else {
		p.buf = append(make([]byte, 0, size), p.buf...)
	}
	return nil
}

// close ends one side.
func (p *pipe) close(reader bool) {
	p.mu.Lock()
	if reader {
		p.noR = true
	} else {
		p.noW = true
	}
	over := p.noR && p.noW
	if over {
		p.world.budget.Release(p.held)
		if p.full != nil {
			pipeBuffers.Put(p.full)
		}
		p.buf, p.full, p.held, p.off = nil, nil, 0, 0
	}
	p.cond.Broadcast()
	p.mu.Unlock()
	if over {
		p.world.pipesMu.Lock()
		delete(p.world.pipes, p)
		p.world.pipesMu.Unlock()
	}
}

// atEnd says that nobody can write any more.
func (p *pipe) atEnd() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.noW
}

// wakePipes lets everything that waits on a pipe look again whether it may still live.
func (w *world) wakePipes() {
	w.pipesMu.Lock()
	defer w.pipesMu.Unlock()
	for p := range w.pipes {
		p.mu.Lock()
		p.cond.Broadcast()
		p.mu.Unlock()
	}
}
