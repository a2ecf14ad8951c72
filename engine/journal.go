package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/flue-run/flue/store"
)

// journal is the one way for events out of a run. A stored event is handed out only after it is in the
// log, so that nobody sees what a crash could take back. Events wait in pending to be stored together: one
// transaction, one sync.
type journal struct {
	store store.Store
	lease store.Lease
	run   *run
	// send hands an event out. after is the position of the last stored one before a delta.
	send func(e Event, after int64) error
	// followed says whether anybody waits for events. Where nobody does, deltas are not worth a thing, and what can be
	// told from the request again needs no sync of its own.
	followed func() bool

	mu      sync.Mutex // sub-agents and parallel steps write side by side
	pending []Event
	last    int64 // position of the last stored event
	closed  bool  // nothing is taken any more
	broken  error // of the store: what has happened since then is not stored, and so did not happen
}

func newJournal(r *run, send func(Event, int64) error, followed func() bool) *journal {
	return &journal{store: r.cfg.Store, run: r, send: send, followed: followed}
}

// errLeft ends a run whose caller has left the iterator. It stays without an outcome and can be resumed.
var errLeft = errors.New("the caller has left")

// errOver is what work is told that comes back after its run was ended without it.
var errOver = errors.New("the run is over")

// add puts stored events in line. They are written by the next flush, live or settle.
func (j *journal) add(events ...Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	for _, e := range events {
		j.line(e)
	}
}

// line puts an event in line.
func (j *journal) line(e Event) {
	if j.pending == nil {
		j.pending = (*lists.Get().(*[]Event))[:0]
	}
	j.pending = append(j.pending, j.run.stamp(e))
}

// lists are of journals that have written theirs. An Event is large: one of a short run's is 8 KB.
var lists = sync.Pool{New: func() any { return new(make([]Event, 0, 12)) }}

// flush writes what is pending and hands it out.
func (j *journal) flush(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.write(ctx)
}

// flushNews writes what is pending, unless all of it would happen again in the same way after a crash, and nobody waits
// for it. So a run costs two syncs where its model answers at once: its admission's, and that of its outcome.
func (j *journal) flushNews(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed && !j.followed() && !slices.ContainsFunc(j.pending, func(e Event) bool { return !e.follows() }) {
		return nil
	}
	return j.write(ctx)
}

// follows says that an event follows from those before it: neither a model nor a tool has a part in it.
func (e Event) follows() bool {
	switch e.Type {
	case RunStart, StepStart, TurnStart:
		return true
	case MessageStored:
		return e.opens
	}
	return false
}

// close writes what is pending, and ends the journal.
func (j *journal) close(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.write(ctx)
	j.closed = true
	return err
}

func (j *journal) write(ctx context.Context) error {
	if j.closed {
		return errOver
	}
	if len(j.pending) == 0 {
		return nil
	}
	encoding := encodings.Get().(*encoding)
	defer encodings.Put(encoding)
	entries, err := j.entries(encoding)
	if err != nil {
		return err
	}
	first, err := j.store.Append(ctx, j.lease, entries...)
	if err != nil {
		if ctx.Err() == nil { // else it is still to be written
			j.closed, j.broken = true, err
		}
		return err
	}
	return j.handOut(first)
}

// fail ends the journal because the store has failed elsewhere than in the log: the run goes on where the log ends, another
// time.
func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		j.closed, j.broken = true, err
	}
}

// failed is the store's error that has ended the journal.
func (j *journal) failed() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.broken
}

// settle writes what is pending and the last events together with the run's outcome, and ends the journal.
func (j *journal) settle(ctx context.Context, s store.Settlement, then store.Then, last ...Event) (next string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range last {
		j.line(e)
	}
	j.closed = true
	encoding := encodings.Get().(*encoding)
	defer encodings.Put(encoding)
	entries, err := j.entries(encoding)
	if err != nil {
		return "", err
	}
	if s.Result, err = j.run.redactJSON(s.Result); err != nil {
		return "", err
	}
	if s.Error, err = j.run.redactJSON(s.Error); err != nil {
		return "", err
	}
	settled, err := j.store.Settle(ctx, j.lease, j.run.id, s, then, entries...)
	if err != nil {
		return "", err
	}
	j.run.settled = &s
	return settled.Next, j.handOut(settled.First)
}

// encodings are used again once a store has what they hold.
var encodings = sync.Pool{New: func() any { return new(encoding) }}

// entries are what is pending as the log keeps it.
func (j *journal) entries(c *encoding) ([]store.Entry, error) {
	entries := c.reset(len(j.pending))
	for i := range j.pending {
		var err error
		if entries[i], err = c.entry(j.pending[i]); err != nil {
			return nil, err
		}
		if err := j.run.redact(&j.pending[i], &entries[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// handOut hands out what was stored, if anybody follows: who begins to do so now reads it in the log.
func (j *journal) handOut(first int64) error {
	events := j.pending
	j.pending = nil
	if len(events) == 0 {
		return nil
	}
	j.last = first + int64(len(events)) - 1
	if j.followed() {
		for i := range events {
			events[i].ID = first + int64(i)
			if err := j.send(events[i], 0); err != nil {
				return err
			}
		}
	}
	clear(events)
	lists.Put(&events)
	return nil
}

// live hands out an event that is not stored, after all that came before it.
func (j *journal) live(ctx context.Context, e Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return errOver
	}
	if !j.followed() {
		return nil
	}
	if err := j.write(ctx); err != nil {
		return err
	}
	e.Text, e.Reason = j.run.broker.Redactor().String(e.Text), j.run.broker.Redactor().String(e.Reason)
	return j.send(j.run.stamp(e), j.last)
}
