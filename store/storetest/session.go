package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flue-run/flue/store"
)

func sessions(w *world) {
	_, err := w.Session(w.ctx, key("nobody"))
	w.wantError(store.ErrNotFound, err)
	list := func(q store.SessionQuery) (names []string) {
		w.Helper()
		all, err := w.Sessions(w.ctx, q)
		w.must(err)
		for _, s := range all {
			names = append(names, s.Key.String())
		}
		return names
	}
	if got := list(store.SessionQuery{}); got != nil {
		w.Errorf("an empty store has sessions %q", got)
	}
	w.admitted("one", "r1")
	w.admitted("two", "r2") // in the same instant
	w.clock.pass(time.Second)
	_, err = w.Admit(w.ctx, store.Admission{Run: "r3", Session: store.Key{Agent: "other", Session: "one"}, Time: epoch})
	w.must(err)
	if got, want := list(store.SessionQuery{}), []string{"other/one", "helper/two", "helper/one"}; !slices.Equal(got, want) {
		w.Errorf("sessions are %q, want %q", got, want)
	}
	w.clock.pass(time.Second)
	w.appended(w.claimed("one", "a"), note("news"))
	at := func(session string) store.Mark {
		w.Helper()
		found, err := w.Session(w.ctx, key(session))
		w.must(err)
		return found.Mark()
	}
	gone := store.Mark{Updated: epoch, Key: key("three")} // was there once
	for _, test := range []struct {
		q    store.SessionQuery
		want []string
	}{
		{store.SessionQuery{}, []string{"helper/one", "other/one", "helper/two"}},
		{store.SessionQuery{Agents: []string{"helper"}}, []string{"helper/one", "helper/two"}},
		{store.SessionQuery{Agents: []string{"nobody", "other"}}, []string{"other/one"}},
		{store.SessionQuery{Agents: []string{}}, nil},
		{store.SessionQuery{Limit: 2}, []string{"helper/one", "other/one"}},
		{store.SessionQuery{Limit: 9}, []string{"helper/one", "other/one", "helper/two"}},
		{store.SessionQuery{Before: at("one"), Limit: 1}, []string{"other/one"}},
		{store.SessionQuery{Before: at("one"), Agents: []string{"helper"}}, []string{"helper/two"}},
		{store.SessionQuery{Before: at("two")}, nil},
		{store.SessionQuery{Before: gone}, nil},
		{store.SessionQuery{Before: store.Mark{Updated: epoch.Add(time.Second), Key: key("one")}}, []string{"helper/two"}},
		{store.SessionQuery{Before: store.Mark{Updated: epoch, Key: store.Key{Agent: "zoo", Session: "a"}}}, []string{"helper/two"}},
	} {
		if got := list(test.q); !slices.Equal(got, test.want) {
			w.Errorf("sessions of %+v are %q, want %q", test.q, got, test.want)
		}
	}
}

// sessionSays checks what a session tells of its runs, by itself and in the list.
func sessionSays(w *world) {
	says := func(runs, waiting int, outcome store.Outcome) {
		w.Helper()
		one, err := w.Session(w.ctx, key("s"))
		w.must(err)
		all, err := w.Sessions(w.ctx, store.SessionQuery{})
		w.must(err)
		if one != all[0] || one.Runs != runs || one.Waiting != waiting || one.Outcome != outcome {
			w.Errorf("session is %+v, in the list %+v; want %d runs, %d waiting, outcome %q", one, all[0], runs, waiting, outcome)
		}
	}
	settled := func(l store.Lease, run string, outcome store.Outcome, then store.Then) {
		w.Helper()
		_, err := w.Settle(w.ctx, l, run, store.Settlement{Outcome: outcome, Time: epoch}, then)
		w.must(err)
	}
	w.must(w.CreateSession(w.ctx, key("s"), store.Key{}, note("1")))
	says(0, 0, "")
	w.admitted("s", "r1")
	says(1, 1, "")
	l := w.claimed("s", "a")
	settled(l, "r1", store.Failed, store.Keep)
	says(1, 0, store.Failed)
	w.admitted("s", "r2")
	w.admitted("s", "r3")
	says(3, 2, "")
	settled(l, "r2", store.Completed, store.Keep)
	says(3, 1, "")
	settled(l, "r3", store.Aborted, store.Release)
	says(3, 0, store.Aborted)
}

func createSession(w *world) {
	w.must(w.CreateSession(w.ctx, key("s"), store.Key{}, note("1"), note("%9000s", "2")))
	w.wantError(store.ErrExists, w.CreateSession(w.ctx, key("s"), store.Key{}, note("3")))
	w.wantLog(w, "s", `"1"`, fmt.Sprintf("\"%9000s\"", "2"))
	s, err := w.Session(w.ctx, key("s"))
	w.must(err)
	if want := (store.Session{Key: key("s"), Created: epoch, Updated: epoch, Last: 2}); s != want {
		w.Errorf("session is %+v, want %+v", s, want)
	}
	w.must(w.CreateSession(w.ctx, key("empty"), store.Key{}))
	for _, wrong := range []store.Key{{Session: "s"}, key("../s")} {
		if err := w.CreateSession(w.ctx, wrong, store.Key{}); err == nil {
			w.Errorf("there is a session %q", wrong)
		}
	}

	w.clock.pass(time.Second) // so that it is the first of the list
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	if first := w.appended(l, note("4")); first != 3 {
		w.Errorf("the next entry is %d, want 3", first)
	}
	w.leased("s", true)
	w.clock.pass(30 * time.Second)
	w.leased("s", false)
	w.must(w.Renew(w.ctx, l, time.Second))
	w.leased("s", true)
	w.must(w.Release(w.ctx, l))
	w.leased("s", false)
}

// leased checks what a session says of its lease, by itself and in the list.
func (w *world) leased(session string, want bool) {
	w.Helper()
	one, err := w.Session(w.ctx, key(session))
	w.must(err)
	all, err := w.Sessions(w.ctx, store.SessionQuery{})
	w.must(err)
	if one.Leased != want || all[0].Leased != want {
		w.Errorf("session %s is leased: %v, in the list: %v, want %v", session, one.Leased, all[0].Leased, want)
	}
}

func runs(w *world) {
	_, err := w.RunByID(w.ctx, "nobody")
	w.wantError(store.ErrNotFound, err)
	_, err = w.Runs(w.ctx, store.RunQuery{Before: "nobody"})
	w.wantError(store.ErrNotFound, err)
	w.admitted("s", "r2")
	w.admitted("t", "r3")
	w.admitted("s", "r1")
	_, err = w.Admit(w.ctx, store.Admission{Run: "r0", Session: store.Key{Agent: "other", Session: "s"}, Time: epoch})
	w.must(err)
	_, err = w.Settle(w.ctx, w.claimed("s", "a"), "r2", store.Settlement{Outcome: store.Completed, Time: epoch}, store.Release)
	w.must(err)
	for _, test := range []struct {
		q    store.RunQuery
		want []string
	}{
		{store.RunQuery{}, []string{"r0", "r1", "r3", "r2"}},
		{store.RunQuery{Session: key("s")}, []string{"r1", "r2"}},
		{store.RunQuery{Session: key("nobody")}, nil},
		{store.RunQuery{Agents: []string{"helper"}}, []string{"r1", "r3", "r2"}},
		{store.RunQuery{Agents: []string{"other", "nobody"}}, []string{"r0"}},
		{store.RunQuery{Agents: []string{}}, nil},
		{store.RunQuery{Agents: []string{"other"}, Session: key("s")}, nil},
		{store.RunQuery{Unfinished: true}, []string{"r0", "r1", "r3"}},
		{store.RunQuery{Unfinished: true, Session: key("s")}, []string{"r1"}},
		{store.RunQuery{Limit: 2}, []string{"r0", "r1"}},
		{store.RunQuery{Before: "r0", Limit: 2}, []string{"r1", "r3"}},
		{store.RunQuery{Before: "r0", Agents: []string{"helper"}, Unfinished: true}, []string{"r1", "r3"}},
		{store.RunQuery{Before: "r1", Session: key("s"), Limit: 5}, []string{"r2"}},
		{store.RunQuery{Before: "r2"}, nil},
	} {
		all, err := w.Runs(w.ctx, test.q)
		w.must(err)
		var got []string
		for _, r := range all {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, test.want) {
			w.Errorf("runs of %+v are %q, want %q", test.q, got, test.want)
		}
	}
}

func deletes(w *world) {
	w.wantError(store.ErrNotFound, w.DeleteSession(w.ctx, key("s")))
	a := store.Admission{Run: "r1", Session: key("s"), IdempotencyKey: "k", Fingerprint: "f", Time: epoch}
	_, err := w.Admit(w.ctx, a)
	w.must(err)
	w.admitted("kept", "r2")
	l := w.claimed("s", "a")
	w.appended(l, note("1"))
	w.appended(w.claimed("kept", "a"), note("2"))
	w.wantError(store.ErrBusy, w.DeleteSession(w.ctx, key("s")))
	w.must(w.Release(w.ctx, l))
	w.must(w.DeleteSession(w.ctx, key("s")))

	_, err = w.Session(w.ctx, key("s"))
	w.wantError(store.ErrNotFound, err)
	_, err = w.RunByID(w.ctx, "r1")
	w.wantError(store.ErrNotFound, err)
	w.wantLog(w, "kept", `"2"`)

	a.Fingerprint = "another" // nothing is remembered of the key
	if again, err := w.Admit(w.ctx, a); err != nil || !again.Fresh {
		w.Errorf("a deleted session's run again: %+v, %v", again, err)
	}
	if got := w.log(w, "s", 0); got != nil {
		w.Errorf("the new session's log begins with %q", got)
	}
}

// blobsOfSessions deletes sessions that share blobs: each is there as long as a session has it.
func blobsOfSessions(w *world) {
	large := note("%9000s", "large")
	put := func(session, text string) string {
		w.Helper()
		hash, err := w.PutBlob(w.ctx, key(session), []byte(text))
		w.must(err)
		return hash
	}
	there := func(hash string, want bool) {
		w.Helper()
		if _, err := w.Blob(w.ctx, hash); want && err != nil || !want && !errors.Is(err, store.ErrNotFound) {
			w.Errorf("blob is there: %v, want %v", err, want)
		}
	}
	for _, session := range []string{"a", "b"} {
		w.admitted(session, session)
		l := w.claimed(session, "x")
		w.appended(l, large)
		w.must(w.Release(w.ctx, l))
	}
	own, shared := put("a", "own"), put("a", "shared")
	put("b", "shared")
	entry := put("b", string(large.Data))
	w.admitted("a", "a2") // written
	w.must(w.CreateSession(w.ctx, key("fork"), key("a"), note("%9000s", "forked")))
	w.must(w.DeleteSession(w.ctx, key("a")))
	there(own, true)
	there(shared, true)
	there(entry, true)
	w.wantLog(w, "b", string(large.Data))
	put("b", "own") // while it is there already
	w.must(w.DeleteSession(w.ctx, key("fork")))
	there(own, true)
	there(shared, true)
	w.must(w.DeleteSession(w.ctx, key("b")))
	for _, hash := range []string{own, shared, entry} {
		there(hash, false)
	}
	w.admitted("c", "c")
	there(put("c", "own"), true) // again
	w.admitted("c", "c2")
	there(own, true)
}

// deleteIdle deletes what is old, and nothing that somebody needs.
func deleteIdle(w *world) {
	for i := range 120 {
		w.must(w.CreateSession(w.ctx, key(fmt.Sprint("old", i)), store.Key{}, note("%10000s", fmt.Sprint(i))))
	}
	w.admitted("waiting", "r1")
	w.admitted("leased", "r2")
	l := w.claimed("leased", "a")
	_, err := w.Settle(w.ctx, l, "r2", store.Settlement{Outcome: store.Completed}, store.Keep)
	w.must(err)
	w.admitted("used", "r3")
	used := w.claimed("used", "a")
	w.clock.pass(20 * time.Second)
	_, err = w.Settle(w.ctx, used, "r3", store.Settlement{Outcome: store.Completed}, store.Release, note("lately"))
	w.must(err)
	left := func(want ...string) {
		w.Helper()
		all, err := w.Sessions(w.ctx, store.SessionQuery{})
		w.must(err)
		var got []string
		for _, s := range all {
			got = append(got, s.Key.Session)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			w.Errorf("sessions are %q, want %q", got, want)
		}
	}
	n, err := w.DeleteIdle(w.ctx, epoch.Add(10*time.Second))
	w.must(err)
	if n != 120 {
		w.Errorf("%d are deleted, want 120", n)
	}
	left("leased", "used", "waiting")
	w.clock.pass(20 * time.Second) // the lease has run out
	n, err = w.DeleteIdle(w.ctx, epoch.Add(20*time.Second))
	w.must(err)
	if n != 1 {
		w.Errorf("%d are deleted, want 1", n)
	}
	left("used", "waiting")
	if n, err := w.DeleteIdle(w.ctx, epoch); n != 0 || err != nil {
		w.Errorf("%d are deleted, %v", n, err)
	}
}

func closed(w *world) {
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	gone, cancel := context.WithCancel(w.ctx)
	cancel()
	_, err := w.Append(gone, l, note("the caller left before"))
	w.wantError(context.Canceled, err)
	w.wantLog(w, "s")

	w.must(w.Close())
	w.must(w.Close())
	_, err = w.Append(w.ctx, l, note("x"))
	w.wantError(store.ErrClosed, err)
	_, err = w.PutBlob(w.ctx, key("s"), []byte("x"))
	w.wantError(store.ErrClosed, err)
	if _, err := w.RunByID(w.ctx, "r1"); err == nil {
		w.Error("a closed store answers")
	}
}

// wantErrorSoft is wantError for goroutines, which must not end the test.
func (w *world) wantErrorSoft(want, got error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Errorf("error is %v, want %v", got, want)
	}
}
