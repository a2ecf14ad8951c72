package server_test

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

// TestStreamRun begins a run and reads its events, and none of another.
func TestStreamRun(t *testing.T) {
	w := serve(t, options{})
	w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
	res, err := w.open("POST", "/agents/main/s1", `{"n": 2}`, "Accept: application/json;q=0.5, text/event-stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("Content-Type is %q", kind)
	}
	var names []string
	run := ""
	for e, err := range events(res.Body) {
		if err != nil {
			t.Fatal(err)
		}
		if names = append(names, e.name); run == "" {
			run = e.data["run"].(string)
		}
		if e.data["run"] != run || e.data["type"] != e.name {
			t.Errorf("an event of another run: %s", e.text)
		}
		if delta := strings.HasSuffix(e.name, "_delta"); delta != (e.id == "") {
			t.Errorf("the id of %s", e.text)
		}
		if id, ok := e.data["id"]; ok && fmt.Sprint(id) != e.id {
			t.Errorf("two ids: %s", e.text)
		}
	}
	got := strings.Join(names, " ")
	if !strings.HasPrefix(got, "run_start ") || !strings.HasSuffix(got, " result done") {
		t.Errorf("the events are %s", got)
	}
}

// TestResume follows a session again from every position: what comes is byte for byte what came before, live or stored.
func TestResume(t *testing.T) {
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "flue.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, st := range map[string]store.Store{"memory": memory.New(), "sqlite": file} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, options{store: st, project: numbers})
			if err := st.CreateSession(t.Context(), store.Key{Agent: "main", Session: "s1"}, store.Key{}); err != nil {
				t.Fatal(err)
			}
			live, err := w.open("GET", "/agents/main/s1/events", "")
			if err != nil {
				t.Fatal(err)
			}
			defer live.Body.Close()
			w.do("POST", "/agents/main/s1", `{"big": 12345678901234567890, "small": 1.50, "html": "<&>\u2028"}`, "X-Webhook: true").want(t, 202, "")
			want := until(t, live.Body, "done")
			for from := range len(want) {
				for _, ask := range []string{"after", "Last-Event-ID"} {
					path, header := fmt.Sprintf("/agents/main/s1/events?after=%d", from), "X: y"
					if ask != "after" {
						path, header = "/agents/main/s1/events?after=0", fmt.Sprintf("Last-Event-ID: %d", from)
					}
					res, err := w.open("GET", path, "", header)
					if err != nil {
						t.Fatal(err)
					}
					got := until(t, res.Body, "done")
					res.Body.Close()
					if strings.Join(got, "") != strings.Join(want[from:], "") {
						t.Fatalf("after %d by %s comes\n%s\nwant\n%s", from, ask, strings.Join(got, ""), strings.Join(want[from:], ""))
					}
				}
			}
			if !strings.Contains(strings.Join(want, ""), "12345678901234567890") {
				t.Errorf("a large number is not told as it is:\n%s", strings.Join(want, ""))
			}
		})
	}
}

const numbers = `
-- .flue/agents/main.yaml --
triggers: {webhook: true}
steps: [{shell: "echo ${{ payload.html }} > f"}]
return: payload
`

// until reads the stored events of a stream up to one.
func until(t *testing.T, body io.Reader, last string) []string {
	t.Helper()
	var all []string
	for e, err := range events(body) {
		if err != nil {
			t.Fatal(err)
		}
		if e.id != "" {
			all = append(all, e.text)
		}
		if e.name == last {
			return all
		}
	}
	t.Fatalf("the stream ended before %s:\n%s", last, strings.Join(all, ""))
	return nil
}

func TestWrongPositions(t *testing.T) {
	w := serve(t, options{})
	w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
	for _, after := range []string{"-1", "x", "9999", "1e3", "99999999999999999999"} {
		w.do("GET", "/agents/main/s1/events?after="+after, "").want(t, 400, "invalid_request")
		w.do("GET", "/agents/main/s1/events", "", "Last-Event-ID: "+after).want(t, 400, "invalid_request")
	}
}

// TestHeartbeat has a stream on which nothing happens.
func TestHeartbeat(t *testing.T) {
	w := serve(t, options{beat: time.Millisecond})
	w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
	last := w.do("GET", "/agents/main/s1", "").field(t, "last")
	res, err := w.open("GET", "/agents/main/s1/events?after="+last, "")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	beats := 0
	for e, err := range events(res.Body) {
		if err != nil || e.text != ": heartbeat\n\n" {
			t.Fatalf("%v: %q", err, e.text)
		}
		if beats++; beats == 3 {
			return
		}
	}
}

// TestStreamEnds deletes the session that a client follows.
func TestStreamEnds(t *testing.T) {
	w := serve(t, options{})
	w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
	res, err := w.open("GET", "/agents/main/s1/events", "")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	until(t, res.Body, "done")
	w.do("DELETE", "/agents/main/s1", "").want(t, 204, "")
	for e, err := range events(res.Body) {
		t.Errorf("after the end comes %v %q", err, e.text)
	}
}

// TestStalledReader has a client that reads nothing while a model says a lot: the run ends as always, others get their
// answers, and the client is cut off.
func TestStalledReader(t *testing.T) {
	word := strings.Repeat("word ", 2000)
	w := serve(t, options{patient: 50 * time.Millisecond, say: func(yield func(model.Delta, error) bool) {
		for range 200 {
			if !yield(model.Delta{Text: word}, nil) {
				return
			}
		}
	}})
	if err := w.store.CreateSession(t.Context(), store.Key{Agent: "main", Session: "s1"}, store.Key{}); err != nil {
		t.Fatal(err)
	}
	stalled, err := net.Dial("tcp", w.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if err := stalled.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(stalled, "GET /agents/main/s1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := stalled.Read(make([]byte, 8)); err != nil { // the stream is open
		t.Fatal(err)
	}
	for runs := 0; w.streams() > 0; runs++ { // as many as the connection's buffers can take
		w.do("POST", "/agents/main/s1", `{"n": 1}`).want(t, 200, "")
		if runs == 1000 {
			t.Fatal("the client that does not read is still there")
		}
	}
	w.do("POST", "/agents/typed/s2", "").want(t, 200, "")
}

// streams is how many streams are open.
func (w *world) streams() int {
	w.t.Helper()
	metrics := w.do("GET", "/metrics", "").body
	_, rest, _ := strings.Cut(metrics, "\nflue_streams ")
	text, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(text)
	if err != nil {
		w.t.Fatalf("%v in %s", err, metrics)
	}
	return n
}
