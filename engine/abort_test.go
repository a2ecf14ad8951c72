package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

func slowProject(agent, turns string) fstest.MapFS {
	return fstest.MapFS{
		".flue/flue.yaml":          {Data: []byte("model: scripted/slow\n")},
		".flue/agents/main.yaml":   {Data: []byte(agent)},
		".flue/agents/helper.yaml": {Data: []byte("steps: [{shell: sleep 10h, continue_on_error: true}]\nlimits: {timeout: 20h}\n")},
		".flue/models/slow.yaml":   {Data: []byte("turns: [" + turns + "]\n")},
	}
}

// TestAbortRunning asks for the end of a run that is being carried out elsewhere in the process.
func TestAbortRunning(t *testing.T) {
	const main, limits = "steps: [{prompt: Go., continue_on_error: true}]\n", "limits: {timeout: 20h}\n"
	for _, tt := range []struct {
		name, agent, turns string
		at                 engine.EventType
	}{
		{"a model that stalls", main + limits, "{stall: true, text: one two three}", engine.TextDelta},
		{"a call that takes long", main + limits, "{calls: [{bash: {command: sleep 100}}]}, {text: Done.}", engine.ToolStart},
		{"a wait before a retry", main + limits, "{error: {status: 500, retry_after: 2m}, text: Done.}", engine.RetryWait},
		{"another agent's run", "steps: [{agent: helper, retry: {attempts: 3}}]\n" + limits, "{text: Done.}", engine.TaskStart},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := memory.New()
				cfg := config(t, slowProject(tt.agent, tt.turns), st)
				cfg.Sleep = func(ctx context.Context, d time.Duration) error {
					<-ctx.Done()
					return context.Cause(ctx)
				}
				began := time.Time{}
				aborted := make(chan store.Run, 1)
				var last engine.Event
				for e, err := range start(t, cfg).Run(t.Context(), engine.Request{Agent: "main"}) {
					if err != nil {
						t.Fatal(err)
					}
					if last = e; e.Type == tt.at && began.IsZero() {
						began = time.Now()
						go func() {
							run, err := engine.Abort(t.Context(), st, e.Run, time.Now)
							if err != nil {
								t.Error(err)
							}
							aborted <- run
						}()
					}
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("it took %s", took)
				}
				if last.Type != engine.Done || last.Outcome != store.Aborted || last.Error == nil || last.Error.Type != engine.Aborted {
					t.Errorf("the run ended with %+v", last)
				}
				if run := <-aborted; run.Settlement == nil || run.Settlement.Outcome != store.Aborted {
					t.Errorf("Abort returned %+v", run)
				}
				all, err := st.Runs(t.Context(), store.RunQuery{})
				if err != nil {
					t.Fatal(err)
				}
				for _, run := range all {
					if run.Settlement == nil || run.Settlement.Outcome != store.Aborted {
						t.Errorf("run %s of agent %s ended with %+v", run.ID, run.Session.Agent, run.Settlement)
					}
				}
			})
		})
	}
}

// TestAbortLeft ends a run that no process carries out: at once, or when the lease of a dead one has run out.
func TestAbortLeft(t *testing.T) {
	for _, tt := range []struct {
		name string
		dead bool // its process was killed
		most time.Duration
	}{
		{"interrupted", false, 0},
		{"killed", true, 31 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := memory.New()
				project := slowProject("steps: [{prompt: Go.}]\nlimits: {timeout: 20h}\n", "{calls: [{bash: {command: sleep 100}}]}, {text: Done.}")
				run := ""
				for e, err := range newEngine(t, project, st).Run(t.Context(), engine.Request{Agent: "main", Session: "s"}) {
					if err != nil {
						t.Fatal(err)
					}
					if run = e.Run; e.Type == engine.ToolStart {
						break
					}
				}
				key := store.Key{Agent: "main", Session: "s"}
				if tt.dead {
					if _, err := st.Claim(t.Context(), key, "dead", 30*time.Second); err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				settled, err := engine.Abort(t.Context(), st, run, time.Now)
				if err != nil || settled.Settlement == nil || settled.Settlement.Outcome != store.Aborted {
					t.Fatalf("got %+v, %v", settled, err)
				}
				var usage model.Usage
				if err := json.Unmarshal(settled.Settlement.Usage, &usage); err != nil || usage.Total() == 0 {
					t.Errorf("usage is %+v, %v", usage, err)
				}
				if took := time.Since(began); took > tt.most {
					t.Errorf("it took %s", took)
				}
				if _, err := engine.Abort(t.Context(), st, run, time.Now); !errors.Is(err, store.ErrSettled) {
					t.Errorf("a second time: %v", err)
				}
				if _, err := engine.Abort(t.Context(), st, "run_0", time.Now); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("an unknown run: %v", err)
				}
				h, err := engine.ReadHistory(t.Context(), st, key)
				if err != nil {
					t.Fatal(err)
				}
				if last := h.Events[len(h.Events)-1]; last.Type != engine.Done || last.Outcome != store.Aborted {
					t.Errorf("the log ends with %+v", last)
				}
				if text := blocks(h.Messages[len(h.Messages)-1].Blocks); !strings.Contains(text, model.Interrupted) {
					t.Errorf("the call's result is %s", text)
				}
			})
		})
	}
}

// unfinished admits a run that nobody carries out.
func unfinished(t *testing.T, st store.Store, session store.Key, run string) {
	t.Helper()
	if _, err := st.Admit(t.Context(), store.Admission{Run: run, Session: session, Payload: json.RawMessage("{}"), Time: day}); err != nil {
		t.Fatal(err)
	}
}

// TestAbortBeforeResume: the wish is older than the process that takes the run up again.
func TestAbortBeforeResume(t *testing.T) {
	st := memory.New()
	project := slowProject("steps: [{prompt: Go.}]\n", "{text: Done.}")
	unfinished(t, st, store.Key{Agent: "main", Session: "s"}, "run_1")
	if err := st.Abort(t.Context(), "run_1"); err != nil {
		t.Fatal(err)
	}
	last, transcript := finish(t, newEngine(t, project, st).Resume(t.Context(), "run_1"))
	if last.Outcome != store.Aborted || strings.Contains(transcript, "Done.") {
		t.Errorf("got %+v\n%s", last, transcript)
	}
}
