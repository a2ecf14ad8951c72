package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

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

// TestNodeTakesUpBegun has a run that one node has accepted and another one, which held its session, has begun: when that one
// is gone, the first goes on where it was, and within what is left of the run's time.
func TestNodeTakesUpBegun(t *testing.T) {
	const agent = "description: Two.\nmodel: test/m\npayload: {type: object, required: [n], properties: {n: {type: integer}}}\n" +
		"limits: {timeout: 1m}\nsteps: [{prompt: One.}, {prompt: Two.}]\n"
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		node := func(answer func(ctx context.Context, run engine.RunInfo, req *model.Request) string) *engine.Node {
			cfg := config(t, agentFile(agent), st)
			cfg.Now = time.Now
			cfg.Models = func(_ context.Context, id string, run engine.RunInfo) (engine.Model, error) {
				return engine.Model{ID: id, Provider: asked(func(ctx context.Context, req *model.Request) string { return answer(ctx, run, req) })}, nil
			}
			return newNode(t, start(t, cfg), engine.NodeConfig{})
		}
		begun, goOn := make(chan struct{}), make(chan struct{})
		holder := node(func(ctx context.Context, run engine.RunInfo, req *model.Request) string {
			switch n, step := fmt.Sprint(run.Payload), req.Messages[len(req.Messages)-1].Text(); {
			case n == "map[n:1]" && step == "One.":
				<-goOn
			case n == "map[n:2]" && step == "Two.":
				close(begun)
				<-ctx.Done()
			}
			return "Done"
		})
		accepted(t, holder, ask("s", 1))
		synctest.Wait()
		other := node(func(ctx context.Context, run engine.RunInfo, _ *model.Request) string {
			if len(run.Answered) == 0 {
				return "from the start"
			}
			<-ctx.Done()
			return ""
		})
		behind := accepted(t, other, ask("s", 2))
		close(goOn)
		<-begun
		since := time.Now()
		time.Sleep(50 * time.Second)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := holder.Close(gone); err != nil {
			t.Fatal(err)
		}
		over := waited(t, other, behind.ID)
		if took := time.Since(since); took != time.Minute || over.Settlement.Outcome != store.Failed {
			t.Errorf("after %s it is %+v", took, over.Settlement)
		}
	})
}

// claimed is a store in which something happens before the first claim.
type claimed struct {
	store.Store
	before func()
}

func (s *claimed) Claim(ctx context.Context, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	if s.before != nil {
		s.before()
		s.before = nil
	}
	return s.Store.Claim(ctx, key, owner, ttl)
}

// TestResumeBegun resumes a run that another process begins, and leaves, after it was read: it goes on where that one was.
func TestResumeBegun(t *testing.T) {
	const agent = "description: Two.\nmodel: test/m\nsteps: [{prompt: One.}, {prompt: Two.}]\n"
	st := memory.New()
	engineOf := func(st store.Store, stalls bool) *engine.Engine {
		cfg := config(t, agentFile(agent), st)
		cfg.Models = func(_ context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			return engine.Model{ID: id, Provider: asked(func(ctx context.Context, req *model.Request) string {
				if stalls && req.Messages[len(req.Messages)-1].Text() == "Two." {
					<-ctx.Done()
				}
				return fmt.Sprint(len(run.Answered))
			})}, nil
		}
		return start(t, cfg)
	}
	if _, err := st.Admit(t.Context(), store.Admission{Run: "run_1", Session: store.Key{Agent: "main", Session: "s"}, Payload: json.RawMessage(`{}`)}); err != nil {
		t.Fatal(err)
	}
	later := engineOf(&claimed{st, func() {
		for e, err := range engineOf(st, true).Resume(t.Context(), "run_1") {
			if err != nil {
				t.Fatal(err)
			}
			if e.Type == engine.StepEnd {
				break
			}
		}
	}}, false)
	if last, transcript := finish(t, later.Resume(t.Context(), "run_1")); last.Text != "3." {
		t.Errorf("it ended with %q, and 3 messages were there:\n%s", last.Text, transcript)
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
	if left := goroutinesLeft("flue/engine.("); left != "" {
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
