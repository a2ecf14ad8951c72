package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
)

func remoteOf(t *testing.T, handler http.HandlerFunc) *remote {
	t.Helper()
	t.Setenv("FLUE_TOKEN", "")
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	r, err := newRemote(streams{err: io.Discard}, server.URL+"/", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	r.pause = 0
	return r
}

// TestRunThereGoesOn breaks the stream of a run off, before its first event and later: each event is told once.
func TestRunThereGoesOn(t *testing.T) {
	event := func(w io.Writer, id int, run, kind, more string) {
		fmt.Fprintf(w, "id: %d\nevent: %s\ndata: {\"id\":%d,\"type\":%q,\"run\":%q,\"agent\":\"a\",\"session\":\"s\"%s}\n\n", id, kind, id, kind, run, more)
	}
	var asked []string
	var keys []string
	r := remoteOf(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String())
		if r.Method == "POST" {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
		}
		w.Header().Set("Content-Type", "text/event-stream")
		switch len(asked) {
		case 1:
			fmt.Fprint(w, ": heartbeat\n\n")
		case 2:
			event(w, 3, "r1", "run_start", "")
			fmt.Fprint(w, "event: text_delta\ndata: {\"type\":\"text_delta\",\"run\":\"r1\",\"text\":\"half\"}\n\ndata: {\"id\":4,")
		case 3:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"error":{"type":"draining","message":"the server stops"}}`)
		default:
			event(w, 4, "r2", "run_start", "")
			event(w, 5, "r1", "result", `,"data":1.0`)
			event(w, 6, "r1", "done", `,"outcome":"completed"`)
		}
	})
	var told []string
	for e, err := range r.run(t.Context(), "a", "s", nil) {
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, fmt.Sprintf("%d %s %s%v", e.ID, e.Type, e.Text, e.Data))
	}
	if got, want := strings.Join(told, "; "), "3 run_start <nil>; 0 text_delta half<nil>; 5 result 1.0; 6 done <nil>"; got != want {
		t.Errorf("told is %s, want %s", got, want)
	}
	if got, want := strings.Join(asked, "; "), "POST /agents/a/s; POST /agents/a/s; GET /agents/a/s/events?after=3; GET /agents/a/s/events?after=3"; got != want {
		t.Errorf("asked is %s, want %s", got, want)
	}
	if len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("the keys are %q", keys)
	}
}

// TestRemoteStrangers asks servers that are no flue, or that say no.
func TestRemoteStrangers(t *testing.T) {
	for name, test := range map[string]struct {
		status      int
		kind, body  string
		want        string
		usage, asks bool // exit status 2; a *engine.RequestError
	}{
		"a page":      {200, "text/html", "<p>Hello", "is no flue serve: it answers GET /runs with 200 OK, text/html", true, false},
		"a redirect":  {302, "", "", "is no flue serve", true, false},
		"no envelope": {404, "application/json", `{"message": "no"}`, "is no flue serve", true, false},
		"no token":    {401, "application/json", `{"error":{"type":"unauthorized","message":"x"}}`, "wants a token: set FLUE_TOKEN", true, false},
		"a page there is not": {400, "application/json", `{"error":{"type":"invalid_request","message":"there is no such run"}}`,
			"there is no such run", false, true},
		"an escape":     {400, "application/json", `{"error":{"type":"invalid_request","message":"re\u001b[31md"}}`, "re[31md", false, true},
		"its own error": {500, "application/json", `{"error":{"type":"internal","message":"internal error; see","ref":"ref_1"}}`, "internal error; see ref_1", false, false},
		"not whole":     {200, "application/json", `{"runs": [`, "read the answer", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := remoteOf(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" || r.URL.Path != "/runs" {
					t.Errorf("asked %s with %v", r.URL, r.Header)
				}
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			_, err := (&runsCmd{}).list(t.Context(), r)
			var fixed *statusError
			var request *engine.RequestError
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.As(err, &fixed) != test.usage || errors.As(err, &request) != test.asks {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

// TestRemoteClear warns of a token that others can read on its way.
func TestRemoteClear(t *testing.T) {
	t.Setenv("FLUE_TOKEN", "s3cret")
	for url, warns := range map[string]bool{"http://flue.example.com": true, "http://10.0.0.1:3000": true,
		"https://flue.example.com": false, "http://localhost:3000": false, "http://[::1]:3000": false, "http://127.0.0.1": false} {
		var story strings.Builder
		if _, err := newRemote(streams{err: &story}, url, ""); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(story.String(), "without TLS") != warns || strings.Contains(story.String(), "s3cret") {
			t.Errorf("%s: %q", url, &story)
		}
	}
}
