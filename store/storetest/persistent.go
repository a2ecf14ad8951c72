package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
)

// Persistent checks what an engine promises that keeps its data outside the process: two at once on one
// store, reopening, and death by SIGKILL. The test binary's TestMain must call Main.
func Persistent(t *testing.T, open Open) {
	for name, test := range map[string]func(*world){
		"reopen": reopen, "two at once": twoAtOnce, "opened by many": openedByMany, "watch across": watchAcross,
		"beside another process": besideAnotherProcess,
		"killed between writes":  killedBetweenWrites, "killed while writing": killedWhileWriting,
	} {
		t.Run(name, func(t *testing.T) { test(newWorld(t, open)) })
	}
}

func reopen(w *world) {
	w.Store = w.open()
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	w.appended(l, note("a"))
	_, err := w.Settle(w.ctx, l, "r1", store.Settlement{Outcome: store.Completed, Time: epoch}, store.Keep, note("b"))
	w.must(err)
	hash, err := w.PutBlob(w.ctx, key("s"), []byte("put last"))
	w.must(err)
	w.must(w.Close())

	w.Store = w.open()
	w.wantLog(w, "s", `"a"`, `"b"`)
	r, err := w.RunByID(w.ctx, "r1")
	w.must(err)
	if r.Settlement == nil || r.Settlement.Outcome != store.Completed {
		w.Errorf("run is %+v", r)
	}
	if data, err := w.Blob(w.ctx, hash); err != nil || string(data) != "put last" {
		w.Errorf("blob is %q, %v", data, err)
	}
	if first := w.appended(l, note("c")); first != 3 { // the lease is as good as it was
		w.Errorf("the log goes on at %d, want 3", first)
	}
}

func twoAtOnce(w *world) {
	stores := []store.Store{w.open(), w.open()}
	w.Store = stores[0]
	w.admitted("s0", "r0")
	w.admitted("s1", "r1")
	l := w.claimed("s0", "a")
	_, err := stores[1].Claim(w.ctx, key("s0"), "b", time.Second)
	w.wantError(store.ErrBusy, err)
	w.clock.pass(time.Hour)
	leases := []store.Lease{}
	for i, s := range stores {
		l, err := s.Claim(w.ctx, key(fmt.Sprint("s", i)), "b", 30*time.Second)
		w.must(err)
		leases = append(leases, l)
	}
	_, err = w.Append(w.ctx, l, note("late"))
	w.wantError(store.ErrFenced, err)

	inParallel(8, func(n int) {
		for i := range 8 {
			if _, err := stores[n%2].Append(w.ctx, leases[n%2], note("%d", i)); err != nil {
				w.Error(err)
			}
		}
	})
	for i := range stores {
		if got := w.log(stores[1-i], fmt.Sprint("s", i), 0); len(got) != 32 {
			w.Errorf("session %d has %d entries, want 32", i, len(got))
		}
	}
}

func openedByMany(w *world) {
	var fresh atomic.Int32
	inParallel(8, func(i int) {
		s, err := w.opens(w.place, w.clock.Now)
		if err != nil {
			w.Error(err)
			return
		}
		a, err := s.Admit(w.ctx, store.Admission{Run: fmt.Sprint("r", i), Session: key("s"), IdempotencyKey: "k", Time: epoch})
		if err != nil {
			w.Error(err)
		}
		if a.Fresh {
			fresh.Add(1)
		}
		if err := s.Close(); err != nil {
			w.Error(err)
		}
	})
	if fresh.Load() != 1 {
		w.Errorf("%d are fresh, want 1", fresh.Load())
	}
}

func watchAcross(w *world) {
	w.Store = w.open()
	other := w.open()
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	said := w.watching(w.ctx, other, "s", 0)
	w.appended(l, note("a"))
	w.wantNext(said, `1 "a"`)
	w.appended(l, note("b"))
	w.wantNext(said, `2 "b"`)
	w.must(w.Release(w.ctx, l))
	w.must(w.DeleteSession(w.ctx, key("s")))
	w.wantNext(said, "deleted")
}

// besideAnotherProcess writes and watches while a child writes to the same store without a pause.
func besideAnotherProcess(w *world) {
	w.Store = w.open()
	c := startChild(w)
	_, err := w.Claim(w.ctx, key("s"), "thief", time.Second)
	w.wantError(store.ErrBusy, err)
	c.tell("flood")
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	said := w.watching(ctx, w, "s", 0)
	w.admitted("own", "r2")
	l := w.claimed("own", "a")
	for i := range 50 {
		if first := w.appended(l, note("%d", i)); first != int64(i)+1 {
			w.Fatalf("entry %d is at %d", i+1, first)
		}
		w.wantNext(said, fmt.Sprintf("%d %s", i+1, childNote(i+1).Data))
	}
	cancel()
	for w.next(said) != "" { // it ends after the entries that it has read already
	}
	c.kill()
}

func killedBetweenWrites(w *world) {
	for _, writes := range []int{0, 1, 7} {
		w.place = w.TempDir()
		c := startChild(w)
		for i := range writes {
			c.tell("append")
			c.wantAck(i + 1)
		}
		c.kill()

		w.Store = w.open()
		if got := len(w.log(w, "s", 0)); got != writes {
			w.Errorf("%d entries were acknowledged, %d are there", writes, got)
		}
		w.clock.pass(time.Hour)
		l := w.claimed("s", "heir")
		if l.Run != "r1" {
			w.Errorf("the heir gets run %q", l.Run)
		}
		if first := w.appended(l, note("on it goes")); first != int64(writes)+1 {
			w.Errorf("the log goes on at %d, want %d", first, writes+1)
		}
		w.clock.pass(-time.Hour)
	}
}

// Abandoned is a place with a store in which a process had leased the session helper/s, for its run r1, when it was killed.
func Abandoned(t *testing.T, open Open) (place string) {
	w := newWorld(t, open)
	startChild(w).kill()
	return w.place
}

func killedWhileWriting(w *world) {
	c := startChild(w)
	c.tell("flood")
	for i := range 50 {
		c.wantAck(i + 1)
	}
	c.kill()
	acked := 50 + c.rest()

	w.Store = w.open()
	log := w.log(w, "s", 0)
	if got := len(log); got < acked || got > acked+1 { // the last one may have had no time to say so
		w.Errorf("%d entries were acknowledged, %d are there", acked, got)
	}
	for i, said := range log {
		if want := string(childNote(i + 1).Data); said != want {
			w.Fatalf("entry %d is damaged: %d bytes, want %d", i+1, len(said), len(want))
		}
	}
}
