package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// lane is a session with unfinished runs: they are carried out one after another.
type lane struct {
	key   store.Key
	jobs  map[string]*job // that this node knows of
	busy  bool            // a goroutine sees to it
	look  bool            // there may be runs that this node does not know of
	lease *store.Lease    // that came with an admission, and a slot with it
	held  *store.Lease    // under which its runs are carried out
	epoch int64           // of its latest lease
}

// job is an unfinished run.
type job struct {
	id       string
	key      store.Key
	run      *run      // as it was accepted here; nil: it was not
	begun    bool      // maybe, so that run is to be made anew from what is stored
	stored   store.Run // as it was admitted; without an id where that is not known here
	admitted bool
	aborted  bool
	used     model.Usage             // by its turns, once it is over
	cancel   context.CancelCauseFunc // while it is carried out
	done     chan struct{}           // closed when this node has no more to do with it
	over     store.Run               // with its outcome, then, if it has it by this node
}

// lane finds or makes a session's lane. The caller holds the lock.
func (n *Node) lane(key store.Key) *lane {
	l := n.lanes[key]
	if l == nil {
		l = &lane{key: key, jobs: map[string]*job{}}
		n.lanes[key] = l
	}
	return l
}

// begin has a lane seen to. The caller holds the lock.
func (n *Node) begin(l *lane) {
	if l.busy {
		return
	}
	l.busy = true
	n.working.Add(1)
	n.crew.do(func() {
		defer n.working.Done()
		for n.next(l) {
		}
	})
}

// next carries out runs of a lane, as long as a lease lasts. It reports whether there may be more to do.
func (n *Node) next(l *lane) bool {
	lease, more := n.granted(l)
	if !more {
		return false
	}
	if lease == nil {
		if !n.acquire() {
			return true // draining: the next look ends it
		}
		claimed, err := n.store.Claim(n.ctx, l.key, n.Engine().cfg.Owner, leaseTime)
		if err != nil {
			n.release()
			n.pause(l, err)
			return true
		}
		lease = &claimed
		n.mu.Lock()
		if j := n.jobs[claimed.Run]; j != nil {
			j.begun = true // by another node, since it was accepted here
		}
		n.mu.Unlock()
	}
	err := n.hold(l, *lease)
	n.release()
	if err != nil {
		n.pause(l, err)
	}
	return true
}

// granted is the lease that came with an admission, if there is one; more is false if nothing is left to be done, and
// the lane is left.
func (n *Node) granted(l *lane) (lease *store.Lease, more bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if lease, l.lease = l.lease, nil; lease != nil {
		return lease, true // and be it that the node is draining: what was claimed is released by hold
	}
	if !n.draining {
		if l.look {
			return nil, true
		}
		for _, j := range l.jobs {
			if j.admitted {
				return nil, true
			}
		}
	}
	l.busy = false
	for _, j := range l.jobs {
		if j.admitted {
			n.drop(j)
		}
	}
	if len(l.jobs) == 0 {
		delete(n.lanes, l.key)
	}
	return nil, false
}

// drop forgets a job; those who wait for it look into the store. The caller holds the lock.
func (n *Node) drop(j *job) {
	if n.jobs[j.id] != j {
		return
	}
	delete(n.jobs, j.id)
	close(j.done)
	if l := n.lanes[j.key]; l != nil {
		delete(l.jobs, j.id)
		if len(l.jobs) == 0 && !l.busy {
			delete(n.lanes, j.key)
		}
	}
}

// pause waits until it is worth another try after an error: something happens in a session that is another's for now, or
// a while has passed.
func (n *Node) pause(l *lane, err error) {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrSettled) { // the session was deleted, the run is over
		n.forget(l)
		return
	}
	var news <-chan struct{}
	if errors.Is(err, store.ErrBusy) {
		var leave func()
		news, leave = n.store.Listen(l.key)
		defer leave()
	}
	pause := time.NewTimer(recoverEvery)
	defer pause.Stop()
	select {
	case <-news:
	case <-pause.C:
	case <-n.drain:
	}
}

// forget drops the jobs of a lane that have no need of this node.
func (n *Node) forget(l *lane) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l.look = false
	for _, j := range l.jobs {
		if j.admitted {
			n.drop(j)
		}
	}
}

// hold carries out the runs of a lane under a lease: the one it was claimed for, and those behind it as long as no other
// lane waits for a slot.
func (n *Node) hold(l *lane, lease store.Lease) (err error) {
	n.mu.Lock()
	l.held, l.epoch = &lease, max(l.epoch, lease.Epoch)
	if l.lease != nil && l.lease.Epoch < l.epoch { // it was claimed anew meanwhile
		l.lease = nil
		n.release()
	}
	draining := n.draining
	n.mu.Unlock()
	held := true // the lease is
	defer func() {
		n.mu.Lock()
		l.held = nil
		n.mu.Unlock()
		if held {
			err = errors.Join(err, n.store.Release(context.WithoutCancel(n.ctx), lease))
		}
	}()
	if draining {
		return nil
	}
	if lease.Run == "" {
		n.forget(l) // what it knows of is over
		return nil
	}
	for next := lease.Run; next != ""; {
		if next, err = n.carryNext(l, lease, next); err != nil {
			return err
		}
		lease.Last = -1 // is behind it now
	}
	held = false
	return nil
}

// then says what becomes of a lease when a run is settled.
func (n *Node) then() store.Then {
	select {
	case <-n.drain:
		return store.Release
	default:
	}
	if n.short.Load() > 0 {
		return store.Release // the lane gets in line behind them
	}
	return store.Next
}

// carryNext carries out a run of a lane until it has its outcome. It returns the run that the lease goes on for.
func (n *Node) carryNext(l *lane, lease store.Lease, id string) (next string, err error) {
	ctx, cancel := context.WithCancelCause(n.ctx)
	defer cancel(nil)
	n.mu.Lock()
	j := n.jobs[id]
	if j == nil {
		j = &job{id: id, key: l.key, done: make(chan struct{})}
		l.jobs[j.id], n.jobs[j.id] = j, j
	}
	j.admitted, j.cancel = true, cancel
	n.stats.Running++
	todo := *j
	n.mu.Unlock()
	end, next, err := n.carry(ctx, cancel, lease, &todo)
	n.mu.Lock()
	j.cancel, j.begun = nil, true
	n.stats.Running--
	n.mu.Unlock()
	if err == nil {
		n.finish(j, todo.stored, end, todo.used)
	}
	return next, err
}

// carry carries a run out under a lease; stop ends ctx. j is its own copy of the job.
func (n *Node) carry(ctx context.Context, stop context.CancelCauseFunc, lease store.Lease, j *job) (end *store.Settlement, next string, err error) {
	state := newSession(j.id)
	if lease.Last != 0 {
		if state, err = loadSession(ctx, n.store, lease.Session, j.id); err != nil {
			return nil, "", err
		}
	}
	if j.begun || j.stored.ID == "" {
		if j.stored, err = n.store.RunByID(ctx, j.id); err != nil {
			return nil, "", err
		}
	}
	if j.stored.Settlement != nil {
		return nil, "", fmt.Errorf("run %s: %w", j.id, store.ErrSettled)
	}
	r := j.run
	if r == nil || j.begun {
		e := n.Engine()
		if r != nil {
			e = r.Engine
		}
		if r, err = e.revive(ctx, j.stored, state, 0); err != nil {
			if ctx.Err() != nil {
				return nil, "", context.Cause(ctx)
			}
			// The project has changed, and cannot carry it out any more.
			j.used = state.usage
			end, _, err := settleAs(ctx, n.store, lease, j.stored, store.Release, failure(ctx, err), state.usage, state.turns, n.Engine().cfg.Now())
			return end, "", err
		}
	}
	r.abort = r.abort || j.aborted
	r.feeds, r.crew = &n.feeds, &n.crew
	r.journal = newJournal(r, func(e Event, after int64) error {
		n.feeds.publish(lease.Session, e, after)
		return nil
	}, func() bool { return n.feeds.followed(lease.Session) })
	if next, err = r.carry(ctx, stop, lease, state, n.then); err == nil {
		_, j.used = r.meters[0].totals()
	}
	return r.settled, next, err
}
