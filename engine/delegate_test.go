package engine_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

// TestParallel runs steps that can only end if they run side by side: each waits for the other's file.
func TestParallel(t *testing.T) {
	project := fstest.MapFS{".flue/agents/main.yaml": {Data: []byte(`
limits: {timeout: 20s}
steps:
  - id: both
    parallel:
      - id: one
        shell: 'touch one; until [ -e two ]; do sleep 0.01; done; echo 1'
      - id: two
        shell: 'touch two; until [ -e one ]; do sleep 0.01; done; echo 2'
return: '${{ [steps.one.stdout, steps.two.stdout, steps.both.result] }}'
`)}}
	done := last(t, newEngine(t, project, memory.New()).Run(t.Context(), engine.Request{Agent: "main"}))
	if got := compact(done.Result); got != `["1\n","2\n",["1\n","2\n"]]` {
		t.Errorf("result %s, error %v", got, done.Error)
	}
}

// TestParallelFailure waits for all steps and fails with the first failure in their order.
func TestParallelFailure(t *testing.T) {
	project := fstest.MapFS{".flue/agents/main.yaml": {Data: []byte(`
steps:
  - parallel:
      - shell: 'until [ -e done ]; do sleep 0.01; done; exit 3'
      - shell: 'touch done; exit 4'
`)}}
	done := last(t, newEngine(t, project, memory.New()).Run(t.Context(), engine.Request{Agent: "main"}))
	if done.Error == nil || done.Error.Step != "1.1" {
		t.Errorf("error %v, want that of step 1.1", done.Error)
	}
}

// TestDepth ends a chain of agents that call themselves at the limit.
func TestDepth(t *testing.T) {
	project := fstest.MapFS{".flue/agents/main.yaml": {Data: []byte(`
payload: {type: object, properties: {n: {type: integer}}}
limits: {depth: 2}
steps:
  - agent: other
`)}, ".flue/agents/other.yaml": {Data: []byte(`
limits: {depth: 1}
steps:
  - agent: deepest
`)}, ".flue/agents/deepest.yaml": {Data: []byte(`
steps:
  - shell: echo never
`)}}
	st := memory.New()
	done := last(t, newEngine(t, project, st).Run(t.Context(), engine.Request{Agent: "main", Session: "s", Payload: json.RawMessage(`{}`)}))
	if done.Error == nil || done.Error.Type != engine.LimitDepth {
		t.Errorf("error %v, want %s", done.Error, engine.LimitDepth)
	}
	child, err := st.Runs(t.Context(), store.RunQuery{Session: store.Key{Agent: "other", Session: "s:1"}})
	if err != nil || len(child) != 1 || child[0].Settlement == nil || child[0].Settlement.Outcome != store.Failed {
		t.Errorf("the other agent's run: %+v, %v", child, err)
	}
}

// last is the Done event of a run.
func last(t *testing.T, events func(func(engine.Event, error) bool)) engine.Event {
	t.Helper()
	var done engine.Event
	for e, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		done = e
	}
	return done
}

// TestTaskKeepsFiles shows that what a sub-agent in a folder of its own writes is there in the session's next run.
func TestTaskKeepsFiles(t *testing.T) {
	project := fstest.MapFS{
		".flue/agents/main.yaml": {Data: []byte(`
model: scripted/main
steps:
  - id: look
    shell: mkdir -p lib; cat lib/made 2>/dev/null || true
  - if: ${{ !(steps.look.stdout contains "made") }}
    task: Make it.
    workspace: lib
return: ${{ steps.look.stdout }}
`)},
		".flue/models/main.yaml": {Data: []byte(`
turns:
  - calls: [{write: {path: made, content: made}}]
  - text: Done.
`)}}
	st := memory.New()
	for i, want := range []string{`""`, `"made"`} {
		done := last(t, newEngine(t, project, st).Run(t.Context(), engine.Request{Agent: "main", Session: "s"}))
		if got := compact(done.Result); got != want {
			t.Errorf("run %d: %s, want %s (%v)", i+1, got, want, done.Error)
		}
	}
}
