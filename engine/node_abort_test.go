package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

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
