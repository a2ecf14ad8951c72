package server_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// TestStart begins runs in every way, and ends them in every way.
func TestStart(t *testing.T) {
	w := serve(t, options{})
	a := w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
	if a.field(t, "result") != "Helped." || a.field(t, "session") != "s1" || a.field(t, "usage", "input") != "10" {
		t.Errorf("answered %s", a.body)
	}
	if got := w.do("POST", "/agents/main", `{"n": 1}`).field(t, "session"); !strings.HasPrefix(got, "ses_") {
		t.Errorf("the new session is %q", got)
	}
	if got := w.do("POST", "/agents/typed/s1", "").field(t, "result", "answer"); got != "yes" {
		t.Errorf("the typed answer is %q", got)
	}
	for _, c := range []struct {
		method, path, body string
		headers            []string
		status             int
		kind, says         string
	}{
		{"POST", "/agents/main/s1", `{"n": "x"}`, nil, 400, "invalid_payload", `"path":"/n"`},
		{"POST", "/agents/main/s1", `{"n": `, nil, 400, "invalid_json", "byte"},
		{"POST", "/agents/main/s1", `{"n": 1} {}`, nil, 400, "invalid_json", "byte"},
		{"POST", "/agents/main/s1", "{\"n\": \"\xff\"}", nil, 400, "invalid_json", "UTF-8"},
		{"POST", "/agents/main/s1", "", nil, 400, "invalid_payload", "n"},
		{"POST", "/agents/main/-s", `{"n": 1}`, nil, 400, "invalid_session", ""},
		{"POST", "/agents/main/" + strings.Repeat("s", 129), `{"n": 1}`, nil, 400, "invalid_session", ""},
		{"POST", "/agents/main/..%2f..", `{"n": 1}`, nil, 400, "invalid_session", ""},
		{"POST", "/agents/main/s%00", `{"n": 1}`, nil, 400, "invalid_session", ""},
		{"POST", "/agents/none/s1", `{"n": 1}`, nil, 404, "agent_not_found", "none"},
		{"POST", "/agents/private/s1", ``, nil, 404, "agent_not_found", "private"},
		{"POST", "/agents/daily/s1", ``, nil, 404, "agent_not_found", "daily"},
		{"GET", "/agents/private", "", nil, 404, "agent_not_found", ""},
		{"GET", "/agents/private/s1", "", nil, 404, "agent_not_found", ""},
		{"POST", "/agents/signed/s1", ``, nil, 403, "signature_needed", "/webhooks/signed"},
		{"POST", "/agents/keyless", ``, nil, 503, "provider_no_key", ""},
		{"POST", "/agents/broken/s1", ``, nil, 422, "step_failed", `"step":"fails"`},
		{"POST", "/agents/down/s1", ``, nil, 502, "provider", "out of order"},
		{"POST", "/agents/hasty/s1", ``, nil, 504, "limit_timeout", "10ms"},
		{"POST", "/agents/main/s1", `{"n": 1}`, []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, 400, "invalid_request", ""},
		{"GET", "/runs/run_none", "", nil, 404, "run_not_found", ""},
		{"POST", "/runs/run_none/abort", "", nil, 404, "run_not_found", ""},
		{"GET", "/agents/main/none", "", nil, 404, "session_not_found", ""},
		{"GET", "/agents/main/none/events", "", nil, 404, "session_not_found", ""},
		{"PUT", "/agents/main/s1", "", nil, 405, "method_not_allowed", "DELETE, GET, HEAD, POST"},
		{"GET", "/nothing", "", nil, 404, "not_found", ""},
	} {
		t.Run(fmt.Sprint(c.kind, c.path), func(t *testing.T) {
			a := w.do(c.method, c.path, c.body, c.headers...).want(t, c.status, c.kind)
			if !strings.Contains(a.body, c.says) {
				t.Errorf("answered %s, which does not say %s", a.body, c.says)
			}
			if c.status == 405 && a.header.Get("Allow") != c.says {
				t.Errorf("Allow is %q", a.header.Get("Allow"))
			}
		})
	}
	runs, err := w.store.Runs(t.Context(), store.RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 6 { // three that are completed, three that failed
		t.Errorf("%d runs were accepted, want 6", len(runs))
	}
}

// TestAsync begins a run without waiting, looks at it and aborts it.
func TestAsync(t *testing.T) {
	w := serve(t, options{})
	for _, header := range []string{"Prefer: wait=5, respond-async;x", "X-Webhook: true"} {
		a := w.do("POST", "/agents/slow/s1", "", header).want(t, 202, "")
		run := a.field(t, "run")
		if a.field(t, "status") != "accepted" || a.field(t, "session") != "s1" || a.header.Get("Location") != "/runs/"+run {
			t.Errorf("answered %s, %v", a.body, a.header)
		}
		if applied := a.header.Get("Preference-Applied"); (applied == "respond-async") != strings.HasPrefix(header, "Prefer") {
			t.Errorf("%s: Preference-Applied is %q", header, applied)
		}
	}
	list := w.do("GET", "/runs?agent=slow&session=s1", "").want(t, 200, "")
	if !strings.Contains(list.body, `"status":"waiting"`) {
		t.Errorf("the runs are %s", list.body)
	}
	waiting := func() []string {
		runs, err := w.store.Runs(t.Context(), store.RunQuery{Session: store.Key{Agent: "slow", Session: "s1"}})
		if err != nil {
			t.Fatal(err)
		}
		return []string{runs[1].ID, runs[0].ID}
	}()
	if got := w.do("POST", "/runs/"+waiting[0]+"/abort", "").want(t, 200, "").field(t, "status"); got != "aborted" {
		t.Errorf("the aborted run is %s", got)
	}
	w.do("POST", "/runs/"+waiting[0]+"/abort", "").want(t, 409, "run_over")
	if got := w.do("GET", "/runs/"+waiting[0], "").want(t, 200, "").field(t, "error", "type"); got != "aborted" {
		t.Errorf("its error is %s", got)
	}
	close(w.slow)
	if _, err := w.node.Wait(t.Context(), waiting[1]); err != nil {
		t.Fatal(err)
	}
	done := w.do("GET", "/runs/"+waiting[1], "").want(t, 200, "")
	if done.field(t, "status") != "completed" || done.field(t, "result") != "Helped." || done.field(t, "ended") == "" {
		t.Errorf("the other one is %s", done.body)
	}
}

// TestAbortedWhileWaiting aborts a run whose client waits.
func TestAbortedWhileWaiting(t *testing.T) {
	w := serve(t, options{})
	waiting := make(chan answer)
	go func() {
		a, err := w.send("POST", "/agents/slow/s1", "")
		if err != nil {
			t.Error(err)
		}
		waiting <- a
	}()
	w.do("POST", "/runs/"+w.first(store.Key{Agent: "slow", Session: "s1"})+"/abort", "").want(t, 200, "")
	(<-waiting).want(t, 409, "aborted")
}

// first is the first run of a session, once it is accepted.
func (w *world) first(key store.Key) string {
	w.t.Helper()
	news, leave := w.store.Listen(key)
	defer leave()
	for {
		if runs, err := w.store.Runs(w.t.Context(), store.RunQuery{Session: key}); err == nil && len(runs) > 0 {
			return runs[0].ID
		}
		<-news
	}
}

// TestOrder posts to one session all at once: the runs go one after another, and each client gets its own answer.
func TestOrder(t *testing.T) {
	w := serve(t, options{})
	var posts sync.WaitGroup
	for i := range 50 {
		posts.Go(func() {
			a, err := w.send("POST", "/agents/notes/s1", fmt.Sprintf(`{"text": "n%d"}`, i))
			if err != nil || a.status != 200 || !strings.Contains(a.body, fmt.Sprintf(`"result":"n%d"`, i)) {
				t.Errorf("post %d: %v %s", i, err, a.body)
			}
		})
	}
	posts.Wait()
	runs, err := w.store.Runs(t.Context(), store.RunQuery{Session: store.Key{Agent: "notes", Session: "s1"}})
	if err != nil || len(runs) != 50 {
		t.Fatalf("%v: %d runs", err, len(runs))
	}
	var want strings.Builder
	for _, run := range slices.Backward(runs) {
		want.WriteString(strings.Trim(string(run.Settlement.Result), `"`) + "\n")
	}
	if got := w.do("GET", "/agents/notes/s1/files/notes.txt", "").body; got != want.String() {
		t.Errorf("the file has %q, want %q", got, want.String())
	}
}

// TestIdempotency sends the same request many times at once.
func TestIdempotency(t *testing.T) {
	w := serve(t, options{})
	var posts sync.WaitGroup
	bodies := make([]string, 20)
	for i := range bodies {
		posts.Go(func() {
			a, err := w.send("POST", "/agents/main", `{"n": 1}`, "Idempotency-Key: k1")
			if err != nil {
				t.Error(err)
			}
			bodies[i] = a.body
		})
	}
	posts.Wait()
	for _, body := range bodies {
		if body != bodies[0] || !strings.Contains(body, "Helped.") {
			t.Errorf("one client got %s, another %s", bodies[0], body)
		}
	}
	if runs, err := w.store.Runs(t.Context(), store.RunQuery{}); err != nil || len(runs) != 1 {
		t.Errorf("%v: there are %d runs", err, len(runs))
	}
	w.do("POST", "/agents/main", `{"n": 2}`, "Idempotency-Key: k1").want(t, 409, "idempotency_conflict")
	res, err := w.open("POST", "/agents/main", `{"n": 1}`, "Idempotency-Key: k1", "Accept: text/event-stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	last := ""
	for e, err := range events(res.Body) {
		if err != nil {
			t.Fatal(err)
		}
		last = e.name
	}
	if last != "done" {
		t.Errorf("the stream of a run that is over ends with %q", last)
	}
}

// TestQueueFull has more runs wait than may.
func TestQueueFull(t *testing.T) {
	w := serve(t, options{node: engine.NodeConfig{Queued: 2}})
	for range 3 {
		w.do("POST", "/agents/slow/s1", "", "Prefer: respond-async").want(t, 202, "")
	}
	a := w.do("POST", "/agents/slow/s1", "", "Prefer: respond-async").want(t, 429, "queue_full")
	if a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	w.do("POST", "/agents/slow/s2", "", "Prefer: respond-async").want(t, 202, "")
}

// TestClientLeaves has a client leave while it waits: the run goes on.
func TestClientLeaves(t *testing.T) {
	for _, accept := range []string{"application/json", "text/event-stream"} {
		w := serve(t, options{})
		left := make(chan struct{})
		go func() {
			defer close(left)
			if res, err := w.open("POST", "/agents/slow/s1", "", "Accept: "+accept); err == nil {
				res.Body.Close()
			}
		}()
		run := w.first(store.Key{Agent: "slow", Session: "s1"})
		w.http.CloseClientConnections()
		<-left
		close(w.slow)
		over, err := w.node.Wait(t.Context(), run)
		if err != nil || over.Settlement.Outcome != store.Completed {
			t.Errorf("%s: %v, %+v", accept, err, over.Settlement)
		}
	}
}
