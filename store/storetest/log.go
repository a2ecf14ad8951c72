package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/store"
)

func appends(w *world) {
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	for i, step := range []struct {
		entries []store.Entry
		first   int64
	}{
		{[]store.Entry{note("1")}, 1},
		{nil, 0},
		{[]store.Entry{note("2"), note("3"), note("4")}, 2},
		{[]store.Entry{note("5")}, 5},
	} {
		if first := w.appended(l, step.entries...); first != step.first {
			w.Errorf("append %d begins at %d, want %d", i, first, step.first)
		}
	}
	w.wantLog(w, "s", `"1"`, `"2"`, `"3"`, `"4"`, `"5"`)
	s, err := w.Session(w.ctx, key("s"))
	w.must(err)
	if s.Last != 5 || s.Epoch != l.Epoch {
		w.Errorf("session is %+v, want last 5 and epoch %d", s, l.Epoch)
	}
	_, err = w.Append(w.ctx, store.Lease{Session: key("nobody")}, note("x"))
	w.wantError(store.ErrNotFound, err)
}

func parallelAppends(w *world) {
	const sessions, writers, each = 4, 4, 8
	leases := make([]store.Lease, sessions)
	for i := range leases {
		w.admitted(fmt.Sprint("s", i), fmt.Sprint("r", i))
		leases[i] = w.claimed(fmt.Sprint("s", i), "a")
	}
	var mu sync.Mutex
	want := make([][]string, sessions) // by position
	for i := range want {
		want[i] = make([]string, 2*writers*each)
	}
	inParallel(sessions*writers, func(n int) {
		for i := range each {
			one, two := note("%d.%d a", n, i), note("%d.%d b", n, i)
			first, err := w.Append(w.ctx, leases[n%sessions], one, two)
			mu.Lock()
			if err != nil || first < 1 || int(first) > 2*writers*each-1 {
				w.Errorf("append at %d: %v", first, err)
			} else {
				want[n%sessions][first-1], want[n%sessions][first] = string(one.Data), string(two.Data)
			}
			mu.Unlock()
			// A refused write in the same group must not spoil the others.
			_, err = w.Append(w.ctx, store.Lease{Session: leases[n%sessions].Session, Epoch: -1}, note("refused"))
			w.wantErrorSoft(store.ErrFenced, err)
		}
	})
	for i := range want {
		w.wantLog(w, fmt.Sprint("s", i), want[i]...)
	}
}

func entries(w *world) {
	for range w.Entries(w.ctx, key("nobody"), 0) {
		break // leaving with the error in hand
	}
	for _, err := range w.Entries(w.ctx, key("nobody"), 0) {
		w.wantError(store.ErrNotFound, err)
	}
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	if got := w.log(w, "s", 0); got != nil {
		w.Errorf("a new session's log says %q", got)
	}
	big := json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
	all := []store.Entry{
		{Run: "r1", Type: "none", Time: epoch, Data: nil},
		{Run: "", Type: "no time", Data: json.RawMessage(`null`)},
		{Run: "r1", Type: "edge", Time: epoch.Add(time.Nanosecond), Data: json.RawMessage(`"` + strings.Repeat("e", 8<<10-2) + `"`)},
		{Run: "r1", Type: "over", Time: epoch, Data: json.RawMessage(`"` + strings.Repeat("o", 8<<10-1) + `"`)},
		{Run: "r1", Type: "big", Time: epoch.In(time.FixedZone("", 3600)), Data: big},
		{Run: "r1", Type: "big again", Time: epoch, Data: big},
	}
	for i := range 600 {
		all = append(all, note("%d", i))
	}
	w.appended(l, all...)
	var n int64
	for e, err := range w.Entries(w.ctx, key("s"), 0) {
		w.must(err)
		want := all[n]
		n++
		want.Seq, want.Epoch, want.Time = n, l.Epoch, want.Time.UTC()
		if !reflect.DeepEqual(e, want) {
			w.Fatalf("entry %d is %.200v, want %.200v", n, e, want)
		}
	}
	for after, want := range map[int64]int{-1: 606, 0: 606, 5: 601, 605: 1, 606: 0, 1000: 0} {
		count := 0
		for _, err := range w.Entries(w.ctx, key("s"), after) {
			w.must(err)
			count++
		}
		if count != want {
			w.Errorf("%d entries after %d, want %d", count, after, want)
		}
	}
	for e, err := range w.Entries(w.ctx, key("s"), 0) { // calls while reading, and leaving early
		w.must(err)
		w.appended(l, note("meanwhile"))
		if e.Seq == 10 {
			break
		}
	}
}

func ownBytes(w *world) {
	payload := json.RawMessage(`"payload"`)
	_, err := w.Admit(w.ctx, store.Admission{Run: "r1", Session: key("s"), Payload: payload, Time: epoch})
	w.must(err)
	l := w.claimed("s", "a")
	e := note("entry")
	w.appended(l, e)
	data := []byte("blob")
	hash, err := w.PutBlob(w.ctx, key("s"), data)
	w.must(err)
	for _, b := range [][]byte{payload, e.Data, data} {
		clear(b) // the caller's again
	}
	check := func() {
		r, err := w.RunByID(w.ctx, "r1")
		w.must(err)
		blob, err := w.Blob(w.ctx, hash)
		w.must(err)
		for e, err := range w.Entries(w.ctx, key("s"), 0) {
			w.must(err)
			if string(r.Payload) != `"payload"` || string(e.Data) != `"entry"` || string(blob) != "blob" {
				w.Errorf("bytes are shared: %q %q %q", r.Payload, e.Data, blob)
			}
			clear(e.Data)
		}
		clear(r.Payload)
		clear(blob)
	}
	check()
	check()
}

func settle(w *world) {
	w.admitted("s", "r1")
	w.admitted("other", "foreign")
	l := w.claimed("s", "a")
	end := store.Settlement{
		Outcome: store.Failed, Result: json.RawMessage(`{"a": 1}`), Error: json.RawMessage(`{"type":"x"}`),
		Usage: json.RawMessage(`{"input":3}`), Time: epoch.Add(time.Minute),
	}
	for _, run := range []string{"nobody", "foreign"} {
		_, err := w.Settle(w.ctx, l, run, end, store.Keep, note("refused"))
		w.wantError(store.ErrNotFound, err)
	}
	w.appended(l, note("work"))
	settled, err := w.Settle(w.ctx, l, "r1", end, store.Keep, note("the"), note("end"))
	w.must(err)
	if settled != (store.Settled{First: 2}) {
		w.Errorf("Settle returned %+v, want 2 as the first entry", settled)
	}
	for _, outcome := range []store.Outcome{store.Failed, store.Completed} {
		_, err = w.Settle(w.ctx, l, "r1", store.Settlement{Outcome: outcome}, store.Keep, note("twice"))
		w.wantError(store.ErrSettled, err)
	}
	w.wantLog(w, "s", `"work"`, `"the"`, `"end"`)
	r, err := w.RunByID(w.ctx, "r1")
	w.must(err)
	if r.Settlement == nil || !reflect.DeepEqual(*r.Settlement, end) {
		w.Errorf("settlement is %+v, want %+v", r.Settlement, end)
	}
}

func settleInOrder(w *world) {
	order := []string{"r1", "r3", "r2", "r4"} // of admission, not of name or time
	for i, run := range order {
		_, err := w.Admit(w.ctx, store.Admission{Run: run, Session: key("s"), Time: epoch.Add(-time.Duration(i) * time.Hour)})
		w.must(err)
	}
	var served []string
	for {
		l := w.claimed("s", "a")
		if l.Run == "" {
			break
		}
		served = append(served, l.Run)
		_, err := w.Settle(w.ctx, l, l.Run, store.Settlement{Outcome: store.Completed}, store.Release)
		w.must(err)
	}
	if !slices.Equal(served, order) {
		w.Errorf("served %q, want %q", served, order)
	}
}

// settleAndGoOn settles the runs of a queue under one lease.
func settleAndGoOn(w *world) {
	for _, run := range []string{"r1", "r2", "r3"} {
		w.admitted("s", run)
	}
	l := w.claimed("s", "a")
	settle := func(run string, then store.Then, next string) {
		w.Helper()
		settled, err := w.Settle(w.ctx, l, run, store.Settlement{Outcome: store.Completed}, then, note("%s", run))
		w.must(err)
		if settled.Next != next {
			w.Errorf("after %s comes %q, want %q", run, settled.Next, next)
		}
	}
	started := func(run string, want time.Time) {
		w.Helper()
		r, err := w.RunByID(w.ctx, run)
		w.must(err)
		if !r.Started.Equal(want) {
			w.Errorf("run %s started at %v, want %v", run, r.Started, want)
		}
	}
	started("r1", epoch)
	started("r2", time.Time{})
	w.clock.pass(time.Second)
	settle("r1", store.Next, "r2")
	started("r2", epoch.Add(time.Second))
	_, err := w.Claim(w.ctx, key("s"), "b", time.Second)
	w.wantError(store.ErrBusy, err)
	settle("r2", store.Keep, "")
	started("r3", time.Time{})
	_, err = w.Claim(w.ctx, key("s"), "b", time.Second)
	w.wantError(store.ErrBusy, err)
	settle("r3", store.Next, "") // there is none
	w.wantError(store.ErrFenced, w.Renew(w.ctx, l, time.Second))

	w.admitted("s", "r4")
	w.admitted("s", "r5")
	l = w.claimed("s", "b")
	started("r4", epoch.Add(time.Second))
	w.clock.pass(time.Second)
	l = w.claimed("s", "b") // a second claim starts nothing anew
	started("r4", epoch.Add(time.Second))
	settle("r4", store.Release, "")
	started("r5", time.Time{})
	if l := w.claimed("s", "c"); l.Run != "r5" {
		w.Errorf("the next run is %q", l.Run)
	}
	w.wantLog(w, "s", `"r1"`, `"r2"`, `"r3"`, `"r4"`)
}

func abort(w *world) {
	w.wantError(store.ErrNotFound, w.Abort(w.ctx, "nobody"))
	w.admitted("s", "r1")
	w.must(w.Abort(w.ctx, "r1"))
	w.must(w.Abort(w.ctx, "r1"))
	r, err := w.RunByID(w.ctx, "r1")
	w.must(err)
	if !r.AbortRequested || r.Settlement != nil {
		w.Errorf("run is %+v, want a request only", r)
	}
	l := w.claimed("s", "a")
	if l.Run != "r1" {
		w.Errorf("the queue's head is %q: an aborted run waits for its outcome too", l.Run)
	}
	_, err = w.Settle(w.ctx, l, "r1", store.Settlement{Outcome: store.Aborted}, store.Keep)
	w.must(err)
	w.wantError(store.ErrSettled, w.Abort(w.ctx, "r1"))
}

func blobs(w *world) {
	w.admitted("s", "r1")
	var hashes []string
	for _, data := range [][]byte{nil, []byte("small"), {0, 0xff, '\n', 0}, bytes.Repeat([]byte("1 MB"), 1<<18)} {
		hash, err := w.PutBlob(w.ctx, key("s"), data)
		w.must(err)
		again, err := w.PutBlob(w.ctx, key("s"), data)
		w.must(err)
		if again != hash {
			w.Errorf("the same data has hashes %s and %s", hash, again)
		}
		hashes = append(hashes, hash)
		check := func() {
			w.Helper()
			got, err := w.Blob(w.ctx, hash)
			w.must(err)
			if got == nil || !bytes.Equal(got, data) {
				w.Errorf("blob of %d bytes came back as %d", len(data), len(got))
			}
		}
		check()
		w.admitted("s", hash) // after a write
		check()
		_, err = w.PutBlob(w.ctx, key("s"), data) // again, when it is written already
		w.must(err)
		w.admitted("s", hash+" again")
		check()
	}
	if want := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; hashes[0] != want {
		w.Errorf("nothing hashes to %s, want %s", hashes[0], want)
	}
	_, err := w.Blob(w.ctx, strings.Repeat("0", 64))
	w.wantError(store.ErrNotFound, err)
	inParallel(8, func(i int) { // more than waits in memory
		data := bytes.Repeat([]byte{byte(i)}, 2<<20)
		hash, err := w.PutBlob(w.ctx, key("s"), data)
		if err != nil {
			w.Error(err)
		}
		if got, err := w.Blob(w.ctx, hash); err != nil || !bytes.Equal(got, data) {
			w.Errorf("blob %d: %d bytes, %v", i, len(got), err)
		}
	})
}
