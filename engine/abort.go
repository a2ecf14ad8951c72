package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// abortCheck is how often a run looks whether it is to be aborted, and Abort whether it was.
const abortCheck = time.Second

// errAborted is the cause with which the context of a run ends that is to be aborted.
func errAborted() *Error { return &Error{Type: Aborted, Message: "the run was aborted"} }

// isAborted says whether a context has ended because its run is to be aborted.
func isAborted(ctx context.Context) bool {
	var why *Error
	return errors.As(context.Cause(ctx), &why) && why.Type == Aborted
}

// Abort has a run stopped and waits until it has its outcome: store.Aborted, unless its work was done first. The process
// that carries it out stops it within a second. If there is none, the run is settled here; after a crash that takes until
// the lease has run out. The wish outlives a ctx that ends. store.ErrNotFound, store.ErrSettled: nothing was done.
func Abort(ctx context.Context, st store.Store, runID string, now func() time.Time) (store.Run, error) {
	if err := st.Abort(ctx, runID); err != nil {
		return store.Run{}, fmt.Errorf("abort: %w", err)
	}
	return awaitAborted(ctx, st, runID, now)
}

// awaitAborted waits for the outcome of a run that is to be aborted, and settles it once nobody else can.
func awaitAborted(ctx context.Context, st store.Store, runID string, now func() time.Time) (store.Run, error) {
	owner := store.NewID("own", now(), rand.Reader)
	for {
		run, err := st.RunByID(ctx, runID)
		if err != nil || run.Settlement != nil {
			return run, err
		}
		switch err := settleAborted(ctx, st, run, owner, now); {
		case err == nil, errors.Is(err, store.ErrSettled):
			continue
		case !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrFenced):
			return run, fmt.Errorf("abort run %s: %w", runID, err)
		}
		if err := sleep(ctx, abortCheck); err != nil {
			return run, err
		}
	}
}

// settleAborted gives a run that nobody carries out its outcome; first the runs that its agent steps have begun.
func settleAborted(ctx context.Context, st store.Store, run store.Run, owner string, now func() time.Time) (err error) {
	lease, err := st.Claim(ctx, run.Session, owner, leaseTime)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Release(context.WithoutCancel(ctx), lease)) }()
	children := map[string]bool{}
	state, err := foldLog(ctx, st, run.Session, run.ID, func(e Event) {
		switch {
		case e.Run != run.ID || e.Child == "":
		case e.Type == TaskStart:
			children[e.Child] = true
		case e.Type == TaskEnd:
			delete(children, e.Child)
		}
	})
	if err != nil {
		return err
	}
	for child := range children {
		if _, err := Abort(ctx, st, child, now); err != nil && !errors.Is(err, store.ErrSettled) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	_, _, err = settleAs(ctx, st, lease, run, store.Release, errAborted(), state.usage, state.turns, now())
	return err
}

// settleAs gives a run that nobody carries out its outcome. It returns the events that tell of it.
func settleAs(ctx context.Context, st store.Store, lease store.Lease, run store.Run, then store.Then, why *Error, usage model.Usage,
	turns int, at time.Time) (*store.Settlement, []Event, error) {
	end := store.Settlement{Outcome: store.Failed, Error: mustJSON(why), Usage: mustJSON(usage), Time: at.UTC()}
	if why.Type == Aborted {
		end.Outcome = store.Aborted
	}
	events := []Event{
		{Type: ErrorEvent, Error: why},
		{Type: Done, Outcome: end.Outcome, Error: why, Usage: &usage, Turn: turns},
	}
	entries := make([]store.Entry, len(events))
	for i := range events {
		e := &events[i]
		e.Run, e.Session, e.Agent, e.Time = run.ID, run.Session.Session, run.Session.Agent, end.Time
		var err error
		if entries[i], err = e.entry(); err != nil {
			return nil, nil, err
		}
	}
	settled, err := st.Settle(ctx, lease, run.ID, end, then, entries...)
	for i := range events {
		events[i].ID = settled.First + int64(i)
	}
	return &end, events, err
}

// Abort has a run stopped and waits until it has its outcome: store.Aborted, unless its work was done first. Work of this
// node stops at once. store.ErrNotFound, store.ErrSettled: nothing was done. The wish outlives a ctx that ends.
func (n *Node) Abort(ctx context.Context, id string) (store.Run, error) {
	if err := n.store.Abort(ctx, id); err != nil {
		return store.Run{}, fmt.Errorf("abort: %w", err)
	}
	n.mu.Lock()
	j := n.jobs[id]
	works := false
	if j != nil {
		j.aborted = true
		if works = j.cancel != nil; works {
			j.cancel(errAborted())
		}
	}
	n.mu.Unlock()
	if works {
		return n.Wait(ctx, id)
	}
	stored, err := n.store.RunByID(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	if over, ok := n.abortWaiting(ctx, stored); ok {
		return over, nil
	}
	return awaitAborted(ctx, n.store, id, n.Engine().cfg.Now)
}

// abortWaiting ends a run that is to be aborted and has not begun, while this node has its session for those before it.
// False: it is not such a run.
func (n *Node) abortWaiting(ctx context.Context, run store.Run) (over store.Run, ok bool) {
	n.mu.Lock()
	now := n.engine.cfg.Now
	l, j := n.lanes[run.Session], n.jobs[run.ID]
	if l == nil || l.held == nil || j != nil && j.cancel != nil || !run.Started.IsZero() || run.Settlement != nil {
		n.mu.Unlock()
		return run, false
	}
	if j == nil { // another process has accepted it
		j = &job{id: run.ID, key: run.Session, done: make(chan struct{})}
	}
	lease := *l.held
	n.mu.Unlock()
	end, events, err := settleAs(context.WithoutCancel(ctx), n.store, lease, run, store.Keep, errAborted(), model.Usage{}, 0, now())
	if err != nil {
		return run, false
	}
	for _, e := range events {
		n.feeds.publish(run.Session, e, 0)
	}
	n.finish(j, run, end, model.Usage{})
	return j.over, true
}
