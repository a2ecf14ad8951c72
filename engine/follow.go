package engine

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/flue-run/flue/store"
)

// Flush has the runs of a session that this node carries out write what they have kept back while nobody followed them: who
// then reads the session's log finds how far they are.
func (n *Node) Flush(ctx context.Context, session store.Key) {
	d := n.feeds.find(session)
	if d == nil {
		return
	}
	d.mu.Lock()
	running := slices.Collect(maps.Keys(d.running))
	d.mu.Unlock()
	for _, j := range running {
		// Not cut off when the reader leaves. What is wrong is the run's business: it comes upon it by itself.
		_ = j.flush(context.WithoutCancel(ctx))
	}
}

// Follow yields the stored events of a session after a position, all and in order, and then what happens: stored events as
// they are stored, and between them the deltas and retries of the runs that this node carries out. Who reads too slowly
// gets deltas in larger pieces, misses some in the end, and slows nobody. It ends when ctx ends, with store.ErrNotFound
// when there is no such session any more, and with ErrDraining when the node is closed.
func (n *Node) Follow(ctx context.Context, key store.Key, after int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := n.Watch(key)
		defer w.Close()
		w.Events(ctx, after)(yield)
	}
}

// Watch keeps what happens in a session, so that Events misses nothing of it.
type Watch struct {
	node  *Node
	key   store.Key
	from  *follower
	leave func()
}

// Watch begins to watch a session, which need not be there yet, until Close. Who is to follow a run from its beginning
// watches before it is accepted.
func (n *Node) Watch(key store.Key) *Watch {
	w := &Watch{node: n, key: key}
	w.from, w.leave = n.feeds.follow(key)
	return w
}

// Close ends the watch.
func (w *Watch) Close() { w.leave() }

// Events are those that Follow yields. They can be read once. Thousands may wait here at once: what they do meanwhile is in
// functions that have returned by then, because a waiting goroutine keeps the stack of those that have not.
func (w *Watch) Events(ctx context.Context, after int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		news, leave := w.node.store.Listen(w.key)
		defer leave()
		f := &following{node: w.node, key: w.key, from: w.from, after: after, yield: yield}
		for ok := f.begin(ctx); ok && f.advance(ctx); {
			select {
			case <-f.from.news:
			case <-news:
				f.behind = !f.from.live() // else it comes by itself
			case <-ctx.Done():
				return
			case <-w.node.closed:
				ok = f.advance(ctx) && f.fail(ctx, ErrDraining) // what its last runs have told comes first
			}
		}
	}
}

// following is one follower's reading.
type following struct {
	node  *Node
	key   store.Key
	from  *follower
	made  time.Time // the session was
	after int64     // position of the last event that it has
	yield func(Event, error) bool

	begun  bool
	behind bool // there may be more in the log
}

// begin finds the session; false: it is over.
func (f *following) begin(ctx context.Context) bool {
	session, err := f.node.store.Session(ctx, f.key)
	if err != nil {
		return f.fail(ctx, err)
	}
	f.made, f.behind = session.Created, session.Last > f.after
	f.node.Flush(ctx, f.key)
	return true
}

// advance yields what there is; false: it is over.
func (f *following) advance(ctx context.Context) bool {
	next, lost := f.from.take()
	if !f.begun && len(next) > 0 {
		f.behind = false // what comes before them is read when they are shown, and no more: deltas are of their moment
	}
	f.begun = true
	for i := range next {
		if !f.show(ctx, &next[i]) {
			return false
		}
	}
	if (f.behind || lost) && !f.catchUp(ctx) {
		return false
	}
	f.behind = false
	return true
}

// catchUp yields what is stored, if there is something; false: it is over.
func (f *following) catchUp(ctx context.Context) bool {
	now, err := f.node.store.Session(ctx, f.key)
	if err == nil && !now.Created.Equal(f.made) {
		err = fmt.Errorf("session %s: %w", f.key, store.ErrNotFound) // this is another of that name
	}
	if err != nil {
		return f.fail(ctx, err)
	}
	return now.Last <= f.after || f.read(ctx, now.Last)
}

// fail ends the reading with an error, unless it is over anyway. It returns false.
//
//go:noinline
func (f *following) fail(ctx context.Context, err error) bool {
	if ctx.Err() == nil {
		f.yield(Event{}, err)
	}
	return false
}

// read yields what is stored up to a position; false: it is over.
func (f *following) read(ctx context.Context, last int64) bool {
	if f.after >= last {
		return true
	}
	for entry, err := range f.node.store.Entries(ctx, f.key, f.after) {
		var e Event
		if err == nil {
			e, err = EventOf(f.key, entry)
		}
		if err != nil {
			return f.fail(ctx, err)
		}
		if !f.yield(e, nil) {
			return false
		}
		if f.after = e.ID; f.after >= last {
			break
		}
	}
	return ctx.Err() == nil
}

// show yields an event of a run if it is the next one, after what has to come before it; false: it is over.
func (f *following) show(ctx context.Context, e *notice) bool {
	stored, before := e.ID > 0, e.after
	if stored {
		before = e.ID - 1
	}
	if !f.read(ctx, before) {
		return false
	}
	if stored && e.ID != f.after+1 || !stored && e.after != f.after {
		return true // it was read already, or the moment is past
	}
	if !f.yield(e.Event, nil) {
		return false
	}
	if stored {
		f.after = e.ID
	}
	return true
}
