package shell

import (
	"context"
	"sync/atomic"
)

// proc is the life of one process of the sandbox: its number, and what signals did to it.
type proc struct {
	pid     int
	parent  *proc
	ctx     context.Context // nil: the parent's
	cancel  context.CancelFunc
	killed  atomic.Int32  // the signal that ended it
	pending atomic.Uint64 // signals to handle, a bit each
	trapped atomic.Uint64 // signals that it has a trap for
	ignored atomic.Uint64
	wake    chan struct{} // a pending signal, for whoever waits
	world   *world
}

// newProc makes a process. With a context of its own it can be killed in the middle of a command.
func (w *world) newProc(parent *proc, ctx context.Context) *proc {
	p := &proc{pid: int(w.pids.Add(1)), parent: parent, world: w}
	if parent == nil {
		ctx = w.budget.Context()
	}
	if ctx != nil {
		p.ctx, p.cancel = context.WithCancel(ctx)
		p.wake = make(chan struct{}, 1)
		w.register(p)
	}
	return p
}

// register lets kill find a process by its number.
func (w *world) register(p *proc) {
	w.procsMu.Lock()
	w.procs[p.pid] = p
	w.procsMu.Unlock()
}

func (w *world) forgetProc(p *proc) {
	if p.cancel != nil {
		p.cancel()
	}
	w.procsMu.Lock()
	delete(w.procs, p.pid)
	w.procsMu.Unlock()
}

func (w *world) findProc(pid int) *proc {
	w.procsMu.Lock()
	defer w.procsMu.Unlock()
	return w.procs[pid]
}

// context is what the process's commands run under.
func (p *proc) context() context.Context {
	for ; ; p = p.parent {
		if p.ctx != nil {
			return p.ctx
		}
	}
}

// deadBy is the signal that ended the process or one it is part of, or 0.
func (p *proc) deadBy() int {
	for ; p != nil; p = p.parent {
		if n := p.killed.Load(); n != 0 {
			return int(n)
		}
		if p.ctx != nil && p.ctx.Err() != nil {
			return sigTerm // the signal is on its way
		}
	}
	return 0
}

func (p *proc) dead() bool { return p.deadBy() != 0 }

// signal delivers a signal: it is ignored, left for a trap, or ends the process.
func (p *proc) signal(sig int) {
	bit := uint64(1) << sig
	switch {
	case sig == sigKill:
	case p.ignored.Load()&bit != 0:
		return
	case p.trapped.Load()&bit != 0:
		p.pending.Or(bit)
		if p.wake != nil {
			select {
			case p.wake <- struct{}{}:
			default:
			}
		}
		return
	case sig == sigChld || sig == sigCont || sig == sigWinch || sig == sigUrg:
		return
	}
	p.killed.CompareAndSwap(0, int32(sig))
	if p.cancel != nil {
		p.cancel()
	}
	p.world.wakePipes()
}
