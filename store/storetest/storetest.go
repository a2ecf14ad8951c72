// Package storetest is the contract of a store as test cases that every engine passes. Start at Run, and see
// Persistent and Main for what an engine that outlives its process promises besides.
package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
)

// Open opens the store at a place: a folder of its own, empty the first time. The same place is the same
// store again, if the engine is persistent. now is the clock that the store must use.
type Open func(place string, now func() time.Time) (store.Store, error)

// Run checks an engine against the contract.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*world){
		"admit": admit, "admit refuses": admitRefuses, "idempotency": idempotency, "parallel admits": parallelAdmits, "admit claims": admitClaims,
		"claim": claim, "lease": lease, "fencing": fencing, "fencing outlives the session": fencingOutlives,
		"append": appends, "parallel appends": parallelAppends, "entries": entries, "own bytes": ownBytes,
		"settle": settle, "settle in order": settleInOrder, "settle and go on": settleAndGoOn, "abort": abort,
		"listen": watch, "listen to a session's end": watchEndsWithSession,
		"listen to the store's end": watchEndsWithStore, "listening loses nothing": watchLosesNothing, "values": values, "unfinished": unfinished,
		"sessions": sessions, "what a session says": sessionSays, "create session": createSession, "runs": runs, "delete": deletes, "blobs": blobs, "blobs of sessions": blobsOfSessions, "delete idle": deleteIdle, "closed": closed,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open)
			w.Store = w.open()
			test(w)
		})
	}
}

// world is one test's store, clock and shorthands.
type world struct {
	*testing.T
	store.Store
	ctx   context.Context
	opens Open
	place string
	clock *clock
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// newWorld makes a world without a store, and checks in the end that no goroutine of an engine is left.
func newWorld(t *testing.T, open Open) *world {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(func() {
		cancel()
		left := leftovers()
		for soon := time.Now().Add(time.Second); len(left) > 0 && time.Now().Before(soon); left = leftovers() {
			runtime.Gosched() // one that has told of its end may still be on its way out
		}
		if len(left) > 0 {
			t.Errorf("goroutines outlive the store:\n%s", left)
		}
	})
	return &world{T: t, ctx: ctx, opens: open, place: t.TempDir(), clock: &clock{now: epoch}}
}

// open opens the store at the world's place, until the test ends.
func (w *world) open() store.Store {
	w.Helper()
	s, err := w.opens(w.place, w.clock.Now)
	w.must(err)
	w.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.Errorf("close: %v", err)
		}
	})
	return s
}

var engineFrame = regexp.MustCompile(`(?m)^github\.com/flue-run/flue/store/(memory|sqlite|postgres)\.`)

// leftovers are the stacks of goroutines that run an engine's code.
func leftovers() (left []string) {
	buf := make([]byte, 1<<20)
	for _, stack := range regexp.MustCompile(`\n\n`).Split(string(buf[:runtime.Stack(buf, true)]), -1) {
		if engineFrame.MatchString(stack) {
			left = append(left, stack)
		}
	}
	return left
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) wantError(want, got error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Fatalf("error is %v, want %v", got, want)
	}
}

func key(session string) store.Key { return store.Key{Agent: "helper", Session: session} }

// admitted admits a run of an id to a session.
func (w *world) admitted(session, run string) store.Run {
	w.Helper()
	a, err := w.Admit(w.ctx, store.Admission{Run: run, Session: key(session), Payload: json.RawMessage(`{}`), Time: epoch})
	w.must(err)
	if !a.Fresh {
		w.Fatalf("run %s is not fresh", run)
	}
	return a.Run
}

func (w *world) claimed(session, owner string) store.Lease {
	w.Helper()
	l, err := w.Claim(w.ctx, key(session), owner, 30*time.Second)
	w.must(err)
	return l
}

func (w *world) appended(l store.Lease, entries ...store.Entry) int64 {
	w.Helper()
	first, err := w.Append(w.ctx, l, entries...)
	w.must(err)
	return first
}

// note is an entry whose data is a JSON string.
func note(format string, args ...any) store.Entry {
	data, _ := json.Marshal(fmt.Sprintf(format, args...))
	return store.Entry{Run: "r1", Type: "text", Time: epoch, Data: data}
}

// log is what a session's log says after a position: each entry's data, with its position checked.
func (w *world) log(s store.Store, session string, after int64) (said []string) {
	w.Helper()
	for e, err := range s.Entries(w.ctx, key(session), after) {
		w.must(err)
		after++
		if e.Seq != after {
			w.Fatalf("entry has position %d, want %d", e.Seq, after)
		}
		said = append(said, string(e.Data))
	}
	return said
}

func (w *world) wantLog(s store.Store, session string, want ...string) {
	w.Helper()
	if got := w.log(s, session, 0); !slices.Equal(got, want) {
		w.Fatalf("log is %q, want %q", got, want)
	}
}

// inParallel calls f with 0 to n-1, all at once, and waits.
func inParallel(n int, f func(int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}
