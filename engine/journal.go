package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/flue-run/flue/store"
)

// journal is the one way for events out of a run. A stored event is handed out only after it is in the
// log, so that nobody sees what a crash could take back. Events wait in pending to be stored together: one
// transaction, one sync.
type journal struct {
	store   store.Store
	lease   store.Lease
	run     *run
	out     chan<- Event
	left    <-chan struct{} // closed when the caller has left the iterator
	mu      sync.Mutex      // sub-agents and parallel steps write side by side
	pending []Event
}

// errLeft ends a run whose caller has left the iterator. It stays without an outcome and can be resumed.
var errLeft = errors.New("the caller has left")

// add puts stored events in line. They are written by the next flush, live or settle.
func (j *journal) add(events ...Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range events {
		j.pending = append(j.pending, j.run.stamp(e))
	}
}

// flush writes what is pending and hands it out.
func (j *journal) flush(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.write(ctx)
}

func (j *journal) write(ctx context.Context) error {
	if len(j.pending) == 0 {
		return nil
	}
	entries, err := j.entries()
	if err != nil {
		return err
	}
	first, err := j.store.Append(ctx, j.lease, entries...)
	if err != nil {
		return err
	}
	return j.handOut(first)
}

// settle writes what is pending together with the run's outcome.
func (j *journal) settle(ctx context.Context, s store.Settlement) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	entries, err := j.entries()
	if err != nil {
		return err
	}
	if s.Result, err = j.run.redactJSON(s.Result); err != nil {
		return err
	}
	if s.Error, err = j.run.redactJSON(s.Error); err != nil {
		return err
	}
	first, err := j.store.Settle(ctx, j.lease, j.run.id, s, entries...)
	if err != nil {
		return err
	}
	return j.handOut(first)
}

func (j *journal) entries() ([]store.Entry, error) {
	entries := make([]store.Entry, len(j.pending))
	for i, e := range j.pending {
		var err error
		if entries[i], err = e.entry(); err != nil {
			return nil, err
		}
		if j.pending[i], entries[i], err = j.run.redacted(e, entries[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (j *journal) handOut(first int64) error {
	events := j.pending
	j.pending = nil
	for i, e := range events {
		e.ID = first + int64(i)
		if err := j.send(e); err != nil {
			return err
		}
	}
	return nil
}

// live hands out an event that is not stored, after all that came before it.
func (j *journal) live(ctx context.Context, e Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.write(ctx); err != nil {
		return err
	}
	e.Text, e.Reason = j.run.broker.Redactor().String(e.Text), j.run.broker.Redactor().String(e.Reason)
	return j.send(j.run.stamp(e))
}

func (j *journal) send(e Event) error {
	select {
	case j.out <- e:
		return nil
	case <-j.left:
		return errLeft
	}
}
