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
	"sync/atomic"
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

// TestNodeRecovers has a second node take up what a first one left: a run in the middle, and those that waited behind it.
func TestNodeRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		begun := make(chan struct{}, 1)
		first := newNode(t, helping(t, st, helper, func(ctx context.Context, _ *model.Request) string {
			begun <- struct{}{}
			<-ctx.Done()
			return ""
		}), engine.NodeConfig{})
		var ids []string
		for i := range 3 {
			ids = append(ids, accepted(t, first, ask("s", i)).ID)
		}
		<-begun
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := first.Close(gone); err != nil {
			t.Fatal(err)
		}
		if _, err := first.Wait(t.Context(), ids[1]); !errors.Is(err, engine.ErrDraining) {
			t.Errorf("waiting at a closed node: %v", err)
		}
		second := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
		for _, id := range ids {
			if over := waited(t, second, id); over.Settlement.Outcome != store.Completed {
				t.Errorf("run %s is %+v", id, over.Settlement)
			}
		}
	})
}

// TestNodeDeadline has a provider that takes no notice of its context: the run is over all the same, and the session goes on.
func TestNodeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never, requests := make(chan struct{}), atomic.Int64{}
		n := newNode(t, helping(t, memory.New(), helper+"limits: {timeout: 1m}\n", func(context.Context, *model.Request) string {
			if requests.Add(1) == 1 {
				<-never
			}
			return "Done"
		}), engine.NodeConfig{Running: 1})
		defer close(never)
		begun := time.Now()
		stuck, next := accepted(t, n, ask("s", 1)), accepted(t, n, ask("s", 2))
		over := waited(t, n, stuck.ID)
		var why engine.Error
		if err := json.Unmarshal(over.Settlement.Error, &why); err != nil || over.Settlement.Outcome != store.Failed || why.Type != engine.LimitTimeout {
			t.Errorf("the stuck run is %+v", over.Settlement)
		}
		if took := time.Since(begun); took > 70*time.Second {
			t.Errorf("it took %s", took)
		}
		if over := waited(t, n, next.ID); over.Settlement.Outcome != store.Completed {
			t.Errorf("the next run is %+v", over.Settlement)
		}
	})
}

// TestNodeAbort stops a run that is at work.
func TestNodeAbort(t *testing.T) {
	begun := make(chan struct{}, 1)
	n := newNode(t, helping(t, memory.New(), helper, func(ctx context.Context, _ *model.Request) string {
		begun <- struct{}{}
		<-ctx.Done()
		return ""
	}), engine.NodeConfig{})
	run := accepted(t, n, ask("s", 1))
	<-begun
	asked := time.Now()
	over, err := n.Abort(t.Context(), run.ID)
	if err != nil || over.Settlement == nil || over.Settlement.Outcome != store.Aborted {
		t.Fatalf("got %+v, %v", over, err)
	}
	if took := time.Since(asked); took > 500*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	if _, err := n.Abort(t.Context(), run.ID); !errors.Is(err, store.ErrSettled) {
		t.Errorf("again: %v", err)
	}
}

// TestNodeAbortWaiting aborts a run that waits behind another, from here and from another process: it is over at once.
func TestNodeAbortWaiting(t *testing.T) {
	for name, abort := range map[string]func(ctx context.Context, n *engine.Node, st store.Store, run string) (store.Run, error){
		"here": func(ctx context.Context, n *engine.Node, _ store.Store, run string) (store.Run, error) {
			return n.Abort(ctx, run)
		},
		"elsewhere": func(ctx context.Context, _ *engine.Node, st store.Store, run string) (store.Run, error) {
			return engine.Abort(ctx, st, run, time.Now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := memory.New()
				begun, hold := make(chan string, 3), make(chan struct{})
				n := newNode(t, helping(t, st, helper, func(_ context.Context, req *model.Request) string {
					begun <- req.Messages[len(req.Messages)-1].Text()
					<-hold
					return "Done"
				}), engine.NodeConfig{})
				first, second, third := accepted(t, n, ask("s", 1)), accepted(t, n, ask("s", 2)), accepted(t, n, ask("s", 3))
				<-begun
				over, err := abort(t.Context(), n, st, second.ID)
				if err != nil || over.Settlement == nil || over.Settlement.Outcome != store.Aborted {
					t.Errorf("got %+v, %v", over, err)
				}
				close(hold)
				for _, run := range []store.Run{first, third} {
					if over := waited(t, n, run.ID); over.Settlement.Outcome != store.Completed {
						t.Errorf("run %s is %+v", run.ID, over.Settlement)
					}
				}
				if got := <-begun; got != "Help 3." || len(begun) != 0 {
					t.Errorf("then the model was asked %q", got)
				}
				if stats := n.Stats(); stats.Completed != 2 || stats.Aborted != 1 {
					t.Errorf("stats are %+v", stats)
				}
			})
		})
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

// TestNodeDrains closes a node while one run works and another waits behind it: the first is finished, the other left.
func TestNodeDrains(t *testing.T) {
	begun, hold := make(chan struct{}, 1), make(chan struct{})
	st := memory.New()
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string {
		begun <- struct{}{}
		<-hold
		return "Done"
	}), engine.NodeConfig{})
	first, second := accepted(t, n, ask("s", 1)), accepted(t, n, ask("s", 2))
	<-begun
	closed := make(chan error)
	go func() { closed <- n.Close(context.Background()) }()
	for {
		if _, err := n.Accept(t.Context(), ask("late", 1)); errors.Is(err, engine.ErrDraining) {
			break
		}
		runtime.Gosched()
	}
	close(hold)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	for id, want := range map[string]bool{first.ID: true, second.ID: false} {
		run, err := st.RunByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if (run.Settlement != nil) != want {
			t.Errorf("run %s is %+v", id, run.Settlement)
		}
	}
	if s, err := st.Session(t.Context(), first.Session); err != nil || s.Leased {
		t.Errorf("the session is %+v, %v", s, err)
	}
	if left := goroutines("flue/engine.("); left != "" && !strings.Contains(left, "late") {
		t.Errorf("there is still\n%s", left)
	}
}

// TestNodeWaitsForLease has a session that a dead process holds: its run goes on when the lease has run out.
func TestNodeWaitsForLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		key := store.Key{Agent: "main", Session: "s"}
		if _, err := st.Admit(t.Context(), store.Admission{Run: "run_dead", Session: key, Payload: json.RawMessage(`{"n": 1}`),
			Trigger: json.RawMessage(`{"kind": "http"}`), Owner: "dead", TTL: 30 * time.Second}); err != nil {
			t.Fatal(err)
		}
		n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
		begun := time.Now()
		behind := accepted(t, n, ask("s", 2))
		waited(t, n, behind.ID)
		if took := time.Since(begun); took < 30*time.Second || took > 32*time.Second {
			t.Errorf("it took %s", took)
		}
		if run, err := st.RunByID(t.Context(), "run_dead"); err != nil || run.Settlement == nil || run.Settlement.Outcome != store.Completed {
			t.Errorf("the run that was left is %+v, %v", run, err)
		}
	})
}

// TestNodeRefusesLeft takes up runs that the project cannot carry out any more, and one of a step whose run is over.
func TestNodeRefusesLeft(t *testing.T) {
	st := memory.New()
	for _, a := range []store.Admission{
		{Run: "run_agent", Session: store.Key{Agent: "gone", Session: "s"}, Payload: json.RawMessage(`{"n": 1}`)},
		{Run: "run_payload", Session: store.Key{Agent: "main", Session: "s"}, Payload: json.RawMessage(`{}`)},
		{Run: "run_orphan", Session: store.Key{Agent: "main", Session: "child"}, Payload: json.RawMessage(`{"n": 1}`), Parent: "run_0"},
	} {
		if _, err := st.Admit(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	n := newNode(t, helping(t, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
	for id, want := range map[string]store.Outcome{"run_agent": store.Failed, "run_payload": store.Failed, "run_orphan": store.Aborted} {
		if over := waited(t, n, id); over.Settlement.Outcome != want {
			t.Errorf("run %s is %+v", id, over.Settlement)
		}
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

// TestNodeDeadlineOverRestarts counts a run's time from its first start.
func TestNodeDeadlineOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		key := store.Key{Agent: "main", Session: "s"}
		if _, err := st.Admit(t.Context(), store.Admission{Run: "run_dead", Session: key, Payload: json.RawMessage(`{"n": 1}`), Owner: "dead", TTL: 30 * time.Second}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Second)
		begun := time.Now()
		n := newNode(t, helping(t, st, helper+"limits: {timeout: 1m}\n", func(ctx context.Context, _ *model.Request) string {
			<-ctx.Done()
			return ""
		}), engine.NodeConfig{})
		over := waited(t, n, "run_dead")
		if took := time.Since(begun); took != 10*time.Second || over.Settlement.Outcome != store.Failed {
			t.Errorf("after %s it is %+v", took, over.Settlement)
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

// failing is a store of which the next calls of one kind fail.
type failing struct {
	store.Store
	kind  string
	fails atomic.Int64
}

func (s *failing) fail(kind string) error {
	if kind == s.kind && s.fails.Add(-1) >= 0 {
		return errors.New("no space left on device")
	}
	return nil
}

func (s *failing) Append(ctx context.Context, l store.Lease, entries ...store.Entry) (int64, error) {
	if err := s.fail("append"); err != nil {
		return 0, err
	}
	return s.Store.Append(ctx, l, entries...)
}

func (s *failing) Admit(ctx context.Context, a store.Admission) (store.Admitted, error) {
	if a.Parent != "" {
		if err := s.fail("admit an agent step's run"); err != nil {
			return store.Admitted{}, err
		}
	}
	return s.Store.Admit(ctx, a)
}

func (s *failing) PutBlob(ctx context.Context, key store.Key, data []byte) (string, error) {
	if err := s.fail("put a blob"); err != nil {
		return "", err
	}
	return s.Store.PutBlob(ctx, key, data)
}

func (s *failing) Blob(ctx context.Context, hash string) ([]byte, error) {
	if err := s.fail("read a blob"); err != nil {
		return nil, err
	}
	return s.Store.Blob(ctx, hash)
}

// TestNodeStoreFails has a store that fails for a while: a run at work has no outcome then, and gets it later.
func TestNodeStoreFails(t *testing.T) {
	const agent = "description: Help.\nmodel: test/m\npayload: {type: object, required: [n], properties: {n: {type: integer}}}\n" +
		"steps:\n  - {shell: echo $N >>log, env: {N: \"${{ payload.n }}\"}}\n  - {prompt: One.}\n" +
		"  - {if: \"${{ payload.n == 2 }}\", agent: main, payload: {n: 3}}\n  - {shell: echo $(cat log)}\n"
	for kind, fails := range map[string]int64{"append": 3, "admit an agent step's run": 2, "put a blob": 2, "read a blob": 2} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := &failing{Store: memory.New(), kind: kind}
				n := newNode(t, helping(t, st, agent, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
				waited(t, n, accepted(t, n, ask("s", 1)).ID)
				st.fails.Store(fails)
				over := waited(t, n, accepted(t, n, ask("s", 2)).ID).Settlement
				if over.Outcome != store.Completed || string(over.Result) != `"1 2\n"` {
					t.Errorf("it is %s: %s %s", over.Outcome, over.Result, over.Error)
				}
				if st.fails.Load() >= 0 {
					t.Errorf("%d calls were to fail yet", st.fails.Load())
				}
			})
		})
	}
}

// TestFollowersAreCheap has many wait for news of a session.
func TestFollowersAreCheap(t *testing.T) {
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
