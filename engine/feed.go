package engine

import (
	"sync"

	"github.com/flue-run/flue/store"
)

// maxBehind is how many events a follower may be behind. One that is further behind loses deltas, and reads what is stored.
const maxBehind = 256

// feeds hand the events of the runs that a node carries out to those who follow their sessions. Nobody ever waits for a
// follower. The zero value is ready.
type feeds struct {
	mu   sync.Mutex
	open map[store.Key]*feed
}

type feed struct {
	mu        sync.Mutex
	followers map[*follower]bool
	running   map[*journal]bool // of the runs of the session that this node carries out
}

// follower is what one has not read yet.
type follower struct {
	feed *feed
	news chan struct{} // holds a signal when there is something
	next []notice
	lost bool // something did not fit
}

// notice is an event of a run; of a delta, after is the position of the last stored event before it.
type notice struct {
	Event
	after int64
}

// get finds or makes the feed of a session, to be given back.
func (f *feeds) get(key store.Key, use func(*feed)) *feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.open[key]
	if found == nil {
		if f.open == nil {
			f.open = map[store.Key]*feed{}
		}
		found = &feed{followers: map[*follower]bool{}, running: map[*journal]bool{}}
		f.open[key] = found
	}
	found.mu.Lock()
	defer found.mu.Unlock()
	use(found)
	if len(found.followers)+len(found.running) == 0 {
		delete(f.open, key)
	}
	return found
}

// begin tells that a run of a session is carried out here, until end is called.
func (f *feeds) begin(key store.Key, j *journal) (end func()) {
	f.get(key, func(d *feed) { d.running[j] = true })
	return func() { f.get(key, func(d *feed) { delete(d.running, j) }) }
}

func (f *feeds) find(key store.Key) *feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open[key]
}

// followed says whether anybody follows a session.
func (f *feeds) followed(key store.Key) bool {
	d := f.find(key)
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.followers) > 0
}

// publish hands an event of a session's run to its followers.
func (f *feeds) publish(key store.Key, e Event, after int64) {
	if d := f.find(key); d != nil {
		d.publish(notice{e, after})
	}
}

func (d *feed) publish(e notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for f := range d.followers {
		f.add(e)
		select {
		case f.news <- struct{}{}:
		default: // it has been told
		}
	}
}

// maxJoined is how many bytes of text a delta may have that others were joined to.
const maxJoined = 4 << 10

// add keeps an event. A delta is joined to the one before it where that was not read yet: who is slower than the model
// reads larger pieces.
func (f *follower) add(e notice) {
	if last := len(f.next) - 1; last >= 0 && f.next[last].continues(e) && len(f.next[last].Text)+len(e.Text) <= maxJoined {
		f.next[last].Text += e.Text
		return
	}
	if len(f.next) >= maxBehind {
		f.next, f.lost = nil, true
	}
	if !f.lost {
		f.next = append(f.next, e)
	}
}

// continues says that next is the following piece of the same text.
func (e notice) continues(next notice) bool {
	return (e.Type == TextDelta || e.Type == ThinkingDelta) && e.Type == next.Type && e.Run == next.Run && e.Turn == next.Turn &&
		e.Step == next.Step && e.Task == next.Task
}

// follow begins to keep a session's events for a follower.
func (f *feeds) follow(key store.Key) (to *follower, leave func()) {
	to = &follower{news: make(chan struct{}, 1)}
	to.feed = f.get(key, func(d *feed) { d.followers[to] = true })
	return to, func() { f.get(key, func(d *feed) { delete(d.followers, to) }) }
}

// take is what has come since the last time; lost says that there was more.
func (f *follower) take() (next []notice, lost bool) {
	f.feed.mu.Lock()
	defer f.feed.mu.Unlock()
	next, lost = f.next, f.lost
	f.next, f.lost = nil, false
	return next, lost
}

// live says whether a run of the session is carried out here, so that all that is stored comes to the follower.
func (f *follower) live() bool {
	f.feed.mu.Lock()
	defer f.feed.mu.Unlock()
	return len(f.feed.running) > 0
}
