package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/flue-run/flue/store"
)

// lane is a session with unfinished runs: they are carried out one after another.
type lane struct {
	key  store.Key
	jobs map[string]*job // that this node knows of
	busy bool            // a goroutine sees to it
	look bool            // there may be runs that this node does not know of
}

// job is an unfinished run.
type job struct {
	id       string
	run      *run // nil: left behind by somebody else
	admitted bool
	cancel   context.CancelCauseFunc // while it is carried out
	done     chan struct{}           // closed when this node has to do no more with it
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
	n.working.Go(func() {
		for n.more(l) && n.next(l) {
		}
		n.leave(l)
	})
}

// more says whether a lane needs its goroutine any longer.
func (n *Node) more(l *lane) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.draining {
		return false
	}
	for _, j := range l.jobs {
		if j.admitted {
			return true
		}
	}
	return l.look
}

// leave ends a lane's goroutine.
func (n *Node) leave(l *lane) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l.busy = false
	for _, j := range l.jobs {
		if j.admitted { // only where the node is draining, or it came just now
			if !n.draining {
				n.begin(l)
				return
			}
			n.drop(l.key, j)
		}
	}
	if len(l.jobs) == 0 {
		delete(n.lanes, l.key)
	}
}

// drop forgets a job; those who wait for it look into the store. The caller holds the lock.
func (n *Node) drop(key store.Key, j *job) {
	if n.jobs[j.id] != j {
		return
	}
	delete(n.jobs, j.id)
	close(j.done)
	if l := n.lanes[key]; l != nil {
		delete(l.jobs, j.id)
		if len(l.jobs) == 0 && !l.busy {
			delete(n.lanes, key)
		}
	}
}

// next carries out the next run of a lane. It reports whether the lane is to be looked at again.
func (n *Node) next(l *lane) bool {
	select {
	case n.slots <- struct{}{}:
	case <-n.drain:
		return false
	}
	err := n.claim(l)
	<-n.slots
	switch {
	case err == nil:
		return true
	case errors.Is(err, store.ErrNotFound):
		n.forget(l)
		return true
	}
	// The session is another's for now, or the store fails: try again when something happens there, or after a while.
	news, leave := n.store.Listen(l.key)
	defer leave()
	pause := time.NewTimer(recoverEvery)
	defer pause.Stop()
	if !errors.Is(err, store.ErrBusy) {
		news = nil
	}
	select {
	case <-news:
	case <-pause.C:
	case <-n.drain:
	}
	return true
}

// forget drops all admitted jobs of a lane whose runs have no need of this node.
func (n *Node) forget(l *lane) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l.look = false
	for _, j := range l.jobs {
		if j.admitted {
			n.drop(l.key, j)
		}
	}
}

// claim leases the lane's session and carries its oldest run out.
func (n *Node) claim(l *lane) (err error) {
	lease, err := n.store.Claim(n.ctx, l.key, n.Engine().cfg.Owner, leaseTime)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, n.store.Release(context.WithoutCancel(n.ctx), lease))
	}()
	if lease.Run == "" {
		n.forget(l) // what it knows of is over
		return nil
	}
	ctx, cancel := context.WithCancelCause(n.ctx)
	defer cancel(nil)
	n.mu.Lock()
	j := n.jobs[lease.Run]
	if j == nil {
		j = &job{id: lease.Run, done: make(chan struct{})}
		l.jobs[j.id], n.jobs[j.id] = j, j
	}
	j.admitted, j.cancel = true, cancel
	n.mu.Unlock()
	err = n.carry(ctx, lease, j)
	n.mu.Lock()
	defer n.mu.Unlock()
	j.cancel = nil
	if err == nil {
		n.count(j)
		n.drop(l.key, j)
	} else {
		j.run = nil // it is made anew from what is stored
	}
	return err
}

// carry carries a run out under a lease, until it has its outcome.
func (n *Node) carry(ctx context.Context, lease store.Lease, j *job) error {
	stored, err := n.store.RunByID(ctx, j.id)
	if err != nil {
		return err
	}
	state, err := loadSession(ctx, n.store, lease.Session, j.id)
	if err != nil {
		return err
	}
	r := j.run
	if r == nil {
		if r, err = n.Engine().revive(ctx, stored, state, 0); err != nil {
			return n.refuse(ctx, lease, stored, err, j)
		}
	}
	r.abort = stored.AbortRequested
	r.journal = newJournal(r, n.feeds.publisher(lease.Session))
	defer n.feeds.begin(lease.Session)()
	if err := r.carry(ctx, lease, state); err != nil {
		return err
	}
	j.over = stored
	j.over.Settlement = r.settled
	return nil
}

// refuse gives a run that cannot be carried out any more, since the project has changed, its outcome.
func (n *Node) refuse(ctx context.Context, lease store.Lease, stored store.Run, why error, j *job) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end, err := settleEarly(ctx, n.store, lease, stored, failure(ctx, why), n.Engine().cfg.Now)
	j.over = stored
	j.over.Settlement = end
	return err
}

// count adds a run that is over to the statistics. The caller holds the lock.
func (n *Node) count(j *job) {
	end := j.over.Settlement
	switch end.Outcome {
	case store.Completed:
		n.stats.Completed++
	case store.Failed:
		n.stats.Failed++
	case store.Aborted:
		n.stats.Aborted++
	}
	used := n.stats.Usage
	usage := used
	if json.Unmarshal(end.Usage, &usage) == nil {
		used.Add(usage)
		n.stats.Usage = used
	}
}
