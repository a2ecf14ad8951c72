package storetest

import (
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/store"
)

func claim(w *world) {
	_, err := w.Claim(w.ctx, key("s"), "a", time.Second)
	w.wantError(store.ErrNotFound, err)
	w.admitted("s", "r1")
	w.admitted("s", "r2")
	w.admitted("other", "r3")

	var got atomic.Int32
	inParallel(20, func(i int) {
		if _, err := w.Claim(w.ctx, key("s"), string(rune('a'+i)), 30*time.Second); err == nil {
			got.Add(1)
		} else {
			w.wantErrorSoft(store.ErrBusy, err)
		}
	})
	if got.Load() != 1 {
		w.Errorf("%d owners got the session, want 1", got.Load())
	}

	l := w.claimed("other", "a")
	want := store.Lease{Session: key("other"), Owner: "a", Epoch: l.Epoch, Expires: epoch.Add(30 * time.Second), Run: "r3"}
	if l != want {
		w.Errorf("lease is %+v, want %+v", l, want)
	}
	w.appended(l, note("1"), note("2"))
	if again := w.claimed("other", "a"); again.Epoch <= l.Epoch || again.Last != 2 {
		w.Errorf("the owner's own second claim is %+v after %+v", again, l)
	}
}

func lease(w *world) {
	w.admitted("s", "r1")
	a := w.claimed("s", "a") // for 30 s

	w.clock.pass(20 * time.Second)
	w.must(w.Renew(w.ctx, a, 30*time.Second)) // until 50 s
	w.clock.pass(20 * time.Second)
	_, err := w.Claim(w.ctx, key("s"), "b", time.Second)
	w.wantError(store.ErrBusy, err)

	w.clock.pass(10 * time.Second)
	b := w.claimed("s", "b") // it has run out to the nanosecond
	w.wantError(store.ErrFenced, w.Renew(w.ctx, a, time.Hour))
	w.must(w.Release(w.ctx, a)) // lost already
	_, err = w.Claim(w.ctx, key("s"), "c", time.Second)
	w.wantError(store.ErrBusy, err)

	w.must(w.Release(w.ctx, b))
	w.wantError(store.ErrFenced, w.Renew(w.ctx, b, time.Hour))
	w.claimed("s", "c")
}

func fencing(w *world) {
	w.admitted("s", "r1")
	old := w.claimed("s", "a")
	w.appended(old, note("before"))
	w.clock.pass(time.Hour)
	w.appended(old, note("late, but nobody else came"))

	now := w.claimed("s", "b")
	if now.Epoch <= old.Epoch {
		w.Errorf("epoch %d follows %d", now.Epoch, old.Epoch)
	}
	_, err := w.Append(w.ctx, old, note("too late"))
	w.wantError(store.ErrFenced, err)
	_, err = w.Settle(w.ctx, old, "r1", store.Settlement{Outcome: store.Completed}, store.Keep, note("too late"))
	w.wantError(store.ErrFenced, err)
	w.appended(now, note("after"))
	w.wantLog(w, "s", `"before"`, `"late, but nobody else came"`, `"after"`)

	for e, err := range w.Entries(w.ctx, key("s"), 2) {
		w.must(err)
		if e.Epoch != now.Epoch {
			w.Errorf("entry has epoch %d, want %d", e.Epoch, now.Epoch)
		}
	}
}

func fencingOutlives(w *world) {
	w.admitted("s", "r1")
	old := w.claimed("s", "a")
	w.clock.pass(time.Hour)
	w.must(w.DeleteSession(w.ctx, key("s")))
	_, err := w.Append(w.ctx, old, note("into nothing"))
	w.wantError(store.ErrNotFound, err)

	w.admitted("s", "r1")
	w.claimed("s", "b")
	_, err = w.Append(w.ctx, old, note("into a namesake"))
	w.wantError(store.ErrFenced, err)
}
