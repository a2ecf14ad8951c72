package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

// TestFollowersAreCheap has many wait for news of a session.
func TestFollowersAreCheap(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	const many = 1000
	st := memory.New()
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
	key := store.Key{Agent: "main", Session: "s"}
	waited(t, n, accepted(t, n, ask("s", 1)).ID)
	size := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before := size()
	ctx, cancel := context.WithCancel(t.Context())
	var ready, ended sync.WaitGroup
	ready.Add(many)
	for range many {
		ended.Go(func() {
			for e, err := range n.Follow(ctx, key, 0) {
				if err != nil {
					t.Error(err)
				}
				if e.Type == engine.Done {
					ready.Done()
				}
			}
		})
	}
	ready.Wait()
	each := (size() - before) / many
	cancel()
	ended.Wait()
	if each > 16<<10 {
		t.Errorf("a follower takes %d bytes", each)
	}
	t.Logf("a follower takes %d bytes", each)
}

// TestFollowStalled has a follower that reads nothing while much happens: nobody waits for it, and it misses only deltas.
func TestFollowStalled(t *testing.T) {
	st := memory.New()
	key := store.Key{Agent: "main", Session: "s"}
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
	first := accepted(t, n, ask("s", 0))
	next, stop := iter.Pull2(n.Follow(t.Context(), key, 0))
	defer stop()
	if e, err, _ := next(); err != nil || e.ID != 1 {
		t.Fatalf("the first event is %+v, %v", e, err)
	}
	waited(t, n, first.ID)
	for i := range 100 {
		waited(t, n, accepted(t, n, ask("s", i)).ID)
	}
	s, err := st.Session(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for want := int64(2); want <= s.Last; {
		e, err, ok := next()
		if err != nil || !ok || e.ID != 0 && e.ID != want {
			t.Fatalf("got %+v, %v, want event %d", e, err, want)
		}
		if e.ID != 0 {
			want++
		}
	}
}

// TestWatch reads the events of a run from its beginning when it is over: no piece of a long answer is missing.
func TestWatch(t *testing.T) {
	for _, kind := range []string{"new", "again"} {
		t.Run(kind, func(t *testing.T) {
			n := newNode(t, helping(t, memory.New(), helper, func(context.Context, *model.Request) string { return long }), engine.NodeConfig{})
			req := ask("", 1)
			req.Watch, req.IdempotencyKey = true, "k"
			if kind == "again" {
				waited(t, n, accepted(t, n, req).ID)
			}
			a, err := n.Accept(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Watch.Close()
			waited(t, n, a.Run.ID)
			said, deltas := "", 0
			for e, err := range a.Watch.Events(t.Context(), 0) {
				if err != nil {
					t.Fatal(err)
				}
				if e.Type == engine.TextDelta {
					said += e.Text
					deltas++
				}
				if e.Type == engine.Done {
					break
				}
			}
			if kind == "new" && (said != long+"." || deltas > 10) || kind == "again" && deltas > 0 {
				t.Errorf("%d deltas say %d bytes, want %d", deltas, len(said), len(long))
			}
		})
	}
}

var long = strings.Repeat("word ", 2000)

// TestFollowElsewhere follows a session whose runs another node carries out.
func TestFollowElsewhere(t *testing.T) {
	st := memory.New()
	e := helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" })
	here, there := newNode(t, e, engine.NodeConfig{}), newNode(t, e, engine.NodeConfig{})
	key := store.Key{Agent: "main", Session: "s"}
	waited(t, here, accepted(t, there, ask("s", 1)).ID)
	next, stop := iter.Pull2(here.Follow(t.Context(), key, 0))
	defer stop()
	last := int64(0)
	for range 2 {
		for {
			e, err, _ := next()
			if last++; err != nil || e.ID != last {
				t.Fatalf("got %+v, %v, want event %d", e, err, last)
			}
			if e.Type == engine.Done {
				break
			}
		}
		accepted(t, there, ask("s", 2))
	}
}

// TestFollowEnds ends followers with their context and with the node.
func TestFollowEnds(t *testing.T) {
	st := memory.New()
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
	key := store.Key{Agent: "main", Session: "s"}
	for _, err := range n.Follow(t.Context(), key, 0) {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody's session: %v", err)
		}
	}
	waited(t, n, accepted(t, n, ask("s", 1)).ID)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for e, err := range n.Follow(ctx, key, 0) {
		if err != nil {
			t.Error(err)
		}
		if e.Type == engine.Done {
			cancel()
		}
	}
	for e, err := range n.Follow(t.Context(), key, 0) {
		if e.Type == engine.Done {
			if err := n.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err != nil && !errors.Is(err, engine.ErrDraining) {
			t.Error(err)
		}
	}
}

// TestFollow compares what followers from every position see with what is stored.
func TestFollow(t *testing.T) {
	st := memory.New()
	followed := make(chan struct{})
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string {
		<-followed
		return "Done"
	}), engine.NodeConfig{})
	key := store.Key{Agent: "main", Session: "s"}
	if err := st.CreateSession(t.Context(), key, store.Key{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for e, err := range n.Follow(ctx, key, 0) {
			if err != nil {
				t.Error(err)
				return
			}
			lines <- compact(e)
		}
	}()
	run := accepted(t, n, ask("s", 1))
	first := <-lines
	close(followed)
	over := make(chan struct{})
	go func() {
		defer close(over)
		waited(t, n, run.ID)
	}()
	all := []string{first}
	for line := range lines {
		if all = append(all, line); strings.Contains(line, `"type":"done"`) {
			break
		}
	}
	<-over
	h, err := engine.ReadHistory(t.Context(), st, key)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range h.Events {
		want = append(want, compact(e))
	}
	said := ""
	i := 0
	for _, line := range all {
		var e engine.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.ID == 0 {
			said += e.Text
			continue
		}
		if line != want[i] {
			t.Errorf("live event is\n%s\nwant\n%s", line, want[i])
		}
		i++
	}
	if said != "Done." {
		t.Errorf("the deltas say %q", said)
	}
	for after := range want {
		i := after
		for e, err := range n.Follow(ctx, key, int64(after)) {
			if err != nil || compact(e) != want[i] {
				t.Fatalf("after %d event %d is %s, %v", after, i+1, compact(e), err)
			}
			if i++; i == len(want) {
				break
			}
		}
	}
}
