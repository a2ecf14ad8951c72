package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

const helper = "description: Help.\nmodel: test/m\nprompt: Help ${{ payload.n }}.\npayload: {type: object, required: [n], properties: {n: {type: integer}}}\n"

// asked is a model that answers what a function says.
type asked func(ctx context.Context, req *model.Request) string

func (f asked) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		text := f(ctx, req)
		if ctx.Err() != nil {
			yield(model.Delta{}, context.Cause(ctx))
			return
		}
		for word := range strings.SplitAfterSeq(text+".", " ") {
			if !yield(model.Delta{Text: word}, nil) {
				return
			}
		}
		yield(model.Delta{Message: &model.Message{Role: model.Assistant, Stop: model.StopEnd, Usage: &model.Usage{Input: 10, Output: 5},
			Blocks: []model.Block{{Type: model.TextBlock, Text: text + "."}}}}, nil)
	}
}

// helping makes an engine whose model is f.
func helping(t testing.TB, st store.Store, agent string, f asked) *engine.Engine {
	t.Helper()
	cfg := config(t, agentFile(agent), st)
	cfg.Now = time.Now
	cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
		return engine.Model{ID: id, Provider: f}, nil
	}
	return start(t, cfg)
}

// newNode makes a node that the test's end closes.
func newNode(t *testing.T, e *engine.Engine, cfg engine.NodeConfig) *engine.Node {
	t.Helper()
	n := engine.NewNode(e, cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := n.Close(ctx); err != nil && !errors.Is(err, engine.ErrDraining) {
			t.Error(err)
		}
	})
	return n
}

func ask(session string, n int) engine.Request {
	return engine.Request{Agent: "main", Session: session, Payload: json.RawMessage(fmt.Sprintf(`{"n": %d}`, n)), Trigger: engine.Trigger{Kind: "http"}}
}

func accepted(t *testing.T, n *engine.Node, req engine.Request) store.Run {
	t.Helper()
	a, err := n.Accept(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return a.Run
}

func waited(t *testing.T, n *engine.Node, run string) store.Run {
	t.Helper()
	over, err := n.Wait(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if over.ID != run || over.Settlement == nil {
		t.Fatalf("Wait returned %+v", over)
	}
	return over
}

// TestNodeOrder posts to one session all at once: the runs go one after another, in the order of their admission.
func TestNodeOrder(t *testing.T) {
	t.Run("memory", func(t *testing.T) { nodeOrder(t, memory.New()) })
	t.Run("sqlite", func(t *testing.T) {
		st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "flue.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() }) // after its node
		nodeOrder(t, st)
	})
}

func nodeOrder(t *testing.T, st store.Store) {
	var mu sync.Mutex
	var order []string
	running, most := 0, 0
	n := newNode(t, helping(t, st, helper, func(ctx context.Context, req *model.Request) string {
		mu.Lock()
		defer mu.Unlock()
		running++
		most = max(most, running)
		order = append(order, req.Messages[len(req.Messages)-1].Text())
		running--
		return "Done"
	}), engine.NodeConfig{Running: 2})
	var posts sync.WaitGroup
	for i := range 50 {
		posts.Go(func() { waited(t, n, accepted(t, n, ask("s", i)).ID) })
	}
	posts.Wait()
	runs, err := st.Runs(t.Context(), store.RunQuery{Session: store.Key{Agent: "main", Session: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 50 || len(order) != 50 || most != 1 {
		t.Fatalf("%d runs, %d requests, %d at once", len(runs), len(order), most)
	}
	slices.Reverse(runs)
	for i, run := range runs {
		var payload struct{ N int }
		if err := json.Unmarshal(run.Payload, &payload); err != nil || order[i] != fmt.Sprintf("Help %d.", payload.N) {
			t.Errorf("request %d is %q, but run %d has payload %s", i, order[i], i, run.Payload)
		}
	}
	if stats := n.Stats(); stats.Accepted != 50 || stats.Completed != 50 || stats.Running != 0 || stats.Queued != 0 || stats.Usage.Input != 500 {
		t.Errorf("stats are %+v", stats)
	}
}

// TestNodeOverlap has runs of different sessions wait for each other.
func TestNodeOverlap(t *testing.T) {
	var all sync.WaitGroup
	all.Add(8)
	n := newNode(t, helping(t, memory.New(), helper, func(ctx context.Context, req *model.Request) string {
		all.Done()
		all.Wait()
		return "Done"
	}), engine.NodeConfig{Running: 8})
	for i := range 8 {
		run := accepted(t, n, ask(fmt.Sprint("s", i), i))
		defer waited(t, n, run.ID)
	}
}

// TestNodeIdempotency sends the same request many times at once.
func TestNodeIdempotency(t *testing.T) {
	n := newNode(t, helping(t, memory.New(), helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
	req := ask("", 1)
	req.IdempotencyKey = "k"
	ids, fresh := make([]string, 20), make([]bool, 20)
	var posts sync.WaitGroup
	for i := range ids {
		posts.Go(func() {
			a, err := n.Accept(t.Context(), req)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i], fresh[i] = a.Run.ID, a.Fresh
			waited(t, n, a.Run.ID)
		})
	}
	posts.Wait()
	first := 0
	for i := range ids {
		if ids[i] != ids[0] {
			t.Errorf("runs %s and %s", ids[i], ids[0])
		}
		if fresh[i] {
			first++
		}
	}
	if stats := n.Stats(); first != 1 || stats.Accepted != 1 || stats.Completed != 1 {
		t.Errorf("%d are fresh, stats are %+v", first, stats)
	}
	req.Payload = json.RawMessage(`{"n": 2}`)
	if _, err := n.Accept(t.Context(), req); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another body: %v", err)
	}
	req.Trigger.Kind = "cron"
	if a, err := n.Accept(t.Context(), req); err != nil || !a.Fresh {
		t.Errorf("another kind of trigger: %+v, %v", a, err)
	}
}

// TestNodeRefuses hands Accept what it must not take.
func TestNodeRefuses(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	n := newNode(t, helping(t, memory.New(), helper, func(ctx context.Context, _ *model.Request) string {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return "Done"
	}), engine.NodeConfig{Queued: 2})
	reason := func(err error) engine.RequestReason {
		var e *engine.RequestError
		errors.As(err, &e)
		if e == nil {
			return ""
		}
		return e.Reason
	}
	unknown, session, syntax, payload := ask("s", 1), ask("../s", 1), ask("s", 1), ask("s", 1)
	unknown.Agent, syntax.Payload, payload.Payload = "nobody", json.RawMessage(`{`), json.RawMessage(`{"n": "x"}`)
	for want, req := range map[engine.RequestReason]engine.Request{engine.UnknownAgent: unknown, engine.BadSession: session, engine.BadJSON: syntax} {
		if _, err := n.Accept(t.Context(), req); reason(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	var p *engine.PayloadError
	if _, err := n.Accept(t.Context(), payload); !errors.As(err, &p) {
		t.Errorf("payload: %v", err)
	}
	for i := range 3 {
		accepted(t, n, ask("s", i))
	}
	var full *engine.QueueFullError
	if _, err := n.Accept(t.Context(), ask("s", 3)); !errors.As(err, &full) || full.RetryAfter <= 0 {
		t.Errorf("a full queue: %v", err)
	}
	accepted(t, n, ask("other", 1))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Close(gone); err != nil {
		t.Error(err)
	}
	if _, err := n.Accept(t.Context(), ask("new", 1)); !errors.Is(err, engine.ErrDraining) {
		t.Errorf("after Close: %v", err)
	}
}

// TestNodeFair has one slot and a session with many runs: another session's run comes second, not last.
func TestNodeFair(t *testing.T) {
	begun, hold := make(chan string, 20), make(chan struct{})
	st := memory.New()
	n := newNode(t, helping(t, st, helper, func(_ context.Context, req *model.Request) string {
		begun <- req.Messages[len(req.Messages)-1].Text()
		<-hold
		return "Done"
	}), engine.NodeConfig{Running: 1})
	var runs []store.Run
	for i := range 5 {
		runs = append(runs, accepted(t, n, ask("busy", i)))
	}
	<-begun
	runs = append(runs, accepted(t, n, ask("other", 9)))
	for n.Stats().Waiting == 0 {
		runtime.Gosched()
	}
	close(hold)
	for _, run := range runs {
		waited(t, n, run.ID)
	}
	if got := <-begun; got != "Help 9." {
		t.Errorf("the second run is %q", got)
	}
}

// TestNodeDeletedSession deletes a session while its lease has run out: who waits for its run hears of it.
func TestNodeDeletedSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		key := store.Key{Agent: "main", Session: "s"}
		if _, err := st.Admit(t.Context(), store.Admission{Run: "run_dead", Session: key, Owner: "dead", TTL: time.Hour}); err != nil {
			t.Fatal(err)
		}
		n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
		run := accepted(t, n, ask("s", 2))
		followed := make(chan error, 1)
		go func() {
			for _, err := range n.Follow(t.Context(), key, 0) {
				followed <- err
			}
		}()
		synctest.Wait()
		l, err := st.Claim(t.Context(), key, "dead", time.Hour)
		if err == nil {
			err = st.Release(t.Context(), l)
		}
		if err == nil {
			err = st.DeleteSession(t.Context(), key)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Wait(t.Context(), run.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("waiting: %v", err)
		}
		if err := <-followed; !errors.Is(err, store.ErrNotFound) {
			t.Errorf("following: %v", err)
		}
	})
}

// TestNodeReload has a run go on with the engine it began with.
func TestNodeReload(t *testing.T) {
	st := memory.New()
	hold, begun := make(chan struct{}), make(chan struct{})
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string {
		close(begun)
		<-hold
		return "Old"
	}), engine.NodeConfig{})
	first := accepted(t, n, ask("s", 1))
	<-begun
	n.Reload(helping(t, st, helper, func(context.Context, *model.Request) string { return "New" }))
	second := accepted(t, n, ask("t", 1))
	close(hold)
	for id, want := range map[string]string{first.ID: `"Old."`, second.ID: `"New."`} {
		if over := waited(t, n, id); string(over.Settlement.Result) != want {
			t.Errorf("run %s has the result %s, want %s", id, over.Settlement.Result, want)
		}
	}
}
