package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/openai"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

const worker = "description: Work.\nmodel: test/m\nprompt: Work.\nlimits: {turns: 1000}\n"

// turns is a model that calls bash in each answer but the last.
type turns struct{ left int }

func (p *turns) Stream(context.Context, *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		p.left--
		usage := &model.Usage{Input: 10, Output: 5}
		if p.left == 0 {
			yield(model.Delta{Message: &model.Message{Role: model.Assistant, Stop: model.StopEnd, Usage: usage,
				Blocks: []model.Block{{Type: model.TextBlock, Text: "Done."}}}}, nil)
			return
		}
		yield(model.Delta{Message: &model.Message{Role: model.Assistant, Stop: model.StopCalls, Usage: usage,
			Blocks: []model.Block{{Type: model.CallBlock, ID: fmt.Sprintf("call_%d", p.left), Name: "bash",
				Args: json.RawMessage(fmt.Sprintf(`{"command": "echo %d >note"}`, p.left))}}}}, nil)
	}
}

// ServeHTTP says the same as Chat Completions.
func (p *turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/event-stream")
	if p.left--; p.left == 0 {
		_, _ = io.WriteString(w, `data: {"choices": [{"delta": {"content": "Done."}, "finish_reason": "stop"}]}`+"\n\n")
		return
	}
	_, _ = fmt.Fprintf(w, `data: {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "call_%d", "function": {"name": "bash", `+
		`"arguments": "{\"command\": \"echo %d >note\"}"}}]}, "finish_reason": "tool_calls"}]}`+"\n\n", p.left, p.left)
}

// work carries out a run of n turns with a model, and returns what a turn took.
func work(t testing.TB, st store.Store, provider model.Provider, n int) (wall time.Duration, allocs, bytes float64) {
	t.Helper()
	cfg := config(t, agentFile(worker), st)
	cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
		return engine.Model{ID: id, Provider: provider}, nil
	}
	e := start(t, cfg)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	last, _ := finish(t, e.Run(t.Context(), engine.Request{Agent: "main"}))
	wall = time.Since(begun)
	runtime.ReadMemStats(&after)
	if last.Turn != n || outcome(last) != `"Done."` {
		t.Fatalf("%d turns: %s", last.Turn, outcome(last))
	}
	return wall / time.Duration(n), float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

// BenchmarkTurns tells what a turn costs in a short and in a long run: memory and sqlite are the stores, with a model in
// this process; http is a model behind Chat Completions on loopback, with the store in memory; whole is http with sqlite,
// as `flue run` works.
func BenchmarkTurns(b *testing.B) {
	for _, kind := range []string{"memory", "sqlite", "http", "whole"} {
		for _, n := range []int{50, 300} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				var wall time.Duration
				var allocs, bytes float64
				for b.Loop() {
					w, a, m := measure(b, kind, n)
					wall, allocs, bytes = wall+w, allocs+a, bytes+m
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(wall)/float64(b.N), "ns/turn")
				b.ReportMetric(allocs/float64(b.N), "allocs/turn")
				b.ReportMetric(bytes/float64(b.N), "B/turn")
			})
		}
	}
}

func measure(t testing.TB, kind string, n int) (wall time.Duration, allocs, bytes float64) {
	var st store.Store = memory.New()
	if kind == "sqlite" || kind == "whole" {
		var err error
		if st, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "flue.db")); err != nil {
			t.Fatal(err)
		}
	}
	defer st.Close()
	answers := &turns{n}
	var provider model.Provider = answers
	if kind == "http" || kind == "whole" {
		server := httptest.NewServer(answers)
		defer server.Close()
		provider = openai.New(openai.Config{Name: "test", BaseURL: server.URL})
	}
	return work(t, st, provider, n)
}

// TestTurnsCostTheSame compares what a turn allocates in a short and in a long run.
func TestTurnsCostTheSame(t *testing.T) {
	_, fewAllocs, fewBytes := measure(t, "memory", 50)
	_, manyAllocs, manyBytes := measure(t, "memory", 300)
	if manyAllocs > 1.2*fewAllocs || manyBytes > 1.2*fewBytes {
		t.Errorf("a turn of 300 takes %.0f allocations of %.0f bytes, one of 50 %.0f of %.0f", manyAllocs, manyBytes, fewAllocs, fewBytes)
	}
}
