package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/store"
)

func admit(w *world) {
	a := store.Admission{
		Run: "r1", Session: key("s"), Payload: json.RawMessage(`{"text": "hé"}`), Trigger: json.RawMessage(`{"kind":"cli"}`),
		Parent: "p", IdempotencyKey: "k", Fingerprint: "f", Time: epoch.Add(time.Second),
	}
	want := store.Run{ID: "r1", Session: a.Session, Payload: a.Payload, Trigger: a.Trigger, Parent: "p", IdempotencyKey: "k", Admitted: a.Time}
	admitted, err := w.Admit(w.ctx, a)
	w.must(err)
	if !reflect.DeepEqual(admitted, store.Admitted{Run: want, Fresh: true}) {
		w.Errorf("Admit = %+v, want %+v", admitted, want)
	}
	got, err := w.RunByID(w.ctx, "r1")
	w.must(err)
	if !reflect.DeepEqual(got, want) {
		w.Errorf("RunByID = %+v, want %+v", got, want)
	}
	w.clock.pass(time.Minute)
	w.admitted("s", "r2")
	s, err := w.Session(w.ctx, key("s"))
	w.must(err)
	if want := (store.Session{Key: key("s"), Created: epoch, Updated: epoch.Add(time.Minute), Runs: 2, Waiting: 2}); s != want {
		w.Errorf("Session = %+v, want %+v", s, want)
	}
}

func admitRefuses(w *world) {
	w.admitted("s", "taken")
	for name, a := range map[string]store.Admission{
		"no run id":       {Session: key("s")},
		"no agent":        {Run: "r", Session: store.Key{Session: "s"}},
		"no session":      {Run: "r", Session: store.Key{Agent: "a"}},
		"a path":          {Run: "r", Session: key("../s")},
		"a run id reused": {Run: "taken", Session: key("other")},
	} {
		if _, err := w.Admit(w.ctx, a); err == nil {
			w.Errorf("%s: no error", name)
		}
	}
	all, err := w.Sessions(w.ctx, store.SessionQuery{})
	w.must(err)
	if len(all) != 1 || all[0].Runs != 1 {
		w.Errorf("what was refused left a trace: %+v", all)
	}
	_, err = w.RunByID(w.ctx, "r")
	w.wantError(store.ErrNotFound, err)
}

func idempotency(w *world) {
	a := store.Admission{Run: "r1", Session: key("s"), IdempotencyKey: "k", Fingerprint: "f", Time: epoch}
	first, err := w.Admit(w.ctx, a)
	w.must(err)

	a.Run, a.Session = "r2", key("another")
	again, err := w.Admit(w.ctx, a)
	w.must(err)
	if first.Fresh = false; !reflect.DeepEqual(again, first) {
		w.Errorf("the same key again = %+v, want %+v", again, first)
	}
	_, err = w.Session(w.ctx, key("another"))
	w.wantError(store.ErrNotFound, err)

	a.Fingerprint = "g"
	_, err = w.Admit(w.ctx, a)
	w.wantError(store.ErrConflict, err)

	a.Session = store.Key{Agent: "other", Session: "s"}
	if other, err := w.Admit(w.ctx, a); err != nil || !other.Fresh {
		w.Errorf("another agent's key: %+v, %v", other, err)
	}
	w.admitted("s", "r3") // no key at all, twice
	w.admitted("s", "r4")
}

func parallelAdmits(w *world) {
	var fresh atomic.Int32
	ids := make([]string, 20)
	inParallel(len(ids), func(i int) {
		a, err := w.Admit(w.ctx, store.Admission{
			Run: fmt.Sprint("r", i), Session: key("s"), IdempotencyKey: "k", Fingerprint: "f", Time: epoch,
		})
		if err != nil {
			w.Error(err)
		}
		if a.Fresh {
			fresh.Add(1)
		}
		ids[i] = a.Run.ID
	})
	for _, id := range ids {
		if id == "" || id != ids[0] {
			w.Errorf("callers heard of several runs: %q", ids)
			break
		}
	}
	if fresh.Load() != 1 {
		w.Errorf("%d are fresh, want 1", fresh.Load())
	}
}

// admitClaims claims with the admission: only a session that nobody has and in which nothing waits.
func admitClaims(w *world) {
	wish := func(session, run string) *store.Lease {
		w.Helper()
		a, err := w.Admit(w.ctx, store.Admission{Run: run, Session: key(session), Time: epoch, Owner: "a", TTL: 30 * time.Second})
		w.must(err)
		stored, err := w.RunByID(w.ctx, run)
		w.must(err)
		if !reflect.DeepEqual(a.Run, stored) || stored.Started.IsZero() == (a.Lease != nil) {
			w.Errorf("Admit returned %+v, and the store has %+v", a, stored)
		}
		return a.Lease
	}
	l := wish("s", "r1")
	if want := (store.Lease{Session: key("s"), Owner: "a", Epoch: 1, Expires: epoch.Add(30 * time.Second), Run: "r1"}); l == nil {
		w.Fatal("a new session is not claimed")
	} else if want.Epoch = l.Epoch; *l != want || l.Epoch < 1 {
		w.Errorf("lease is %+v, want %+v", *l, want)
	}
	w.appended(*l, note("it counts"))
	if l := wish("s", "r2"); l != nil {
		w.Errorf("a session is claimed twice: %+v", l)
	}
	w.clock.pass(time.Hour)
	if l := wish("s", "r3"); l != nil {
		w.Errorf("a session is claimed in which others wait: %+v", l)
	}
	again := w.claimed("s", "b")
	for _, run := range []string{"r1", "r2", "r3"} {
		_, err := w.Settle(w.ctx, again, run, store.Settlement{Outcome: store.Completed}, store.Keep)
		w.must(err)
	}
	if l := wish("s", "r4"); l != nil {
		w.Errorf("a session is claimed that somebody has: %+v", l)
	}
	_, err := w.Settle(w.ctx, again, "r4", store.Settlement{Outcome: store.Completed}, store.Release)
	w.must(err)
	if l := wish("s", "r5"); l == nil || l.Epoch <= again.Epoch {
		w.Errorf("a session that is free is claimed with %+v, after epoch %d", l, again.Epoch)
	}
}

// unfinished lists what waits for somebody: before anyone came, after a lease ran out, and what is to be aborted.
func unfinished(w *world) {
	w.admitted("left", "r1")
	w.admitted("held", "r2")
	w.admitted("left", "r3")
	w.admitted("held", "r4")
	w.wantUnfinished("r1", "r2", "r3", "r4")
	l := w.claimed("held", "a")
	w.wantUnfinished("r1", "r3")
	w.must(w.Abort(w.ctx, "r4"))
	w.wantUnfinished("r1", "r3", "r4")
	w.clock.pass(30 * time.Second)
	w.wantUnfinished("r1", "r2", "r3", "r4")
	_, err := w.Settle(w.ctx, l, "r2", store.Settlement{Outcome: store.Completed}, store.Release)
	w.must(err)
	w.wantUnfinished("r1", "r3", "r4")
}

func (w *world) wantUnfinished(want ...string) {
	w.Helper()
	all, err := w.Unfinished(w.ctx)
	w.must(err)
	var got []string
	for _, r := range all {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		w.Errorf("unfinished are %q, want %q", got, want)
	}
}
