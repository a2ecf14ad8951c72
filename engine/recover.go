package engine

import (
	"errors"
	"time"

	"github.com/flue-run/flue/store"
)

// recoverEvery is how often a node looks for runs that nobody carries out, and how long it waits after a failure of
// the store.
const recoverEvery = time.Second

// recover takes up what nobody carries out, and deletes what is too old, until the node ends.
func (n *Node) recover() {
	tick := time.NewTicker(recoverEvery)
	defer tick.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	_ = n.Engine().Prune(n.ctx) // what could not be deleted is found the next time
	for {
		left, err := n.store.Unfinished(n.ctx)
		if errors.Is(err, store.ErrClosed) {
			return
		}
		for _, run := range left { // after an error there are none, and the next look may find them
			n.takeUp(run)
		}
		select {
		case <-tick.C:
		case <-prune.C:
			_ = n.Engine().Prune(n.ctx)
		case <-n.drain:
			return
		}
	}
}

// takeUp sees to a run that needs somebody.
func (n *Node) takeUp(run store.Run) {
	if run.Parent != "" {
		n.takeUpChild(run)
		return
	}
	if run.AbortRequested {
		if _, ok := n.abortWaiting(n.ctx, run); ok {
			return
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if j := n.jobs[run.ID]; j != nil && run.AbortRequested {
		j.aborted = true
	}
	l := n.lane(run.Session)
	if !l.busy && !n.draining {
		l.look = true
		n.begin(l)
	}
}

// takeUpChild ends a run of an agent step whose own run is over; while that is not, it takes the other up itself.
func (n *Node) takeUpChild(run store.Run) {
	parent, err := n.store.RunByID(n.ctx, run.Parent)
	if errors.Is(err, store.ErrNotFound) || err == nil && parent.Settlement != nil {
		e := n.Engine()
		_ = settleAborted(n.ctx, n.store, run, e.cfg.Owner, e.cfg.Now) // the next look finds it again if that failed
	}
}
