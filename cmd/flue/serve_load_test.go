//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestServeOrder has fifty clients post to one session at once, others to others, and twenty with one Idempotency-Key: the
// runs of a session are at work one after another, those of different sessions side by side, and one key is one run.
func TestServeOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	w := newWorked(t)
	server := serveProgram(t, w.env, []string{fluePath(t)}, w.args...)
	const same, other, keyed = 50, 4, 20
	var all sync.WaitGroup
	post := func(path, name string, headers ...string) answered {
		a, err := server.ask(t.Context(), "POST", path, fmt.Sprintf(`{"name": %q}`, name), headers...)
		if err != nil || a.status != 200 || a.field("result") != "worked on "+name {
			t.Errorf("%d, %v: %s", a.status, err, a.body)
		}
		return a
	}
	for i := range same {
		all.Go(func() { post("/agents/work/s", fmt.Sprint("same-", i)) })
	}
	for i := range other {
		all.Go(func() { post(fmt.Sprint("/agents/work/o", i), fmt.Sprint("other-", i)) })
	}
	runs := make([]string, keyed)
	for i := range keyed {
		all.Go(func() { runs[i] = post("/agents/work/k", "keyed", "Idempotency-Key", "once").field("run") })
	}
	all.Wait()
	if runs = slices.Compact(runs); len(runs) != 1 {
		t.Errorf("one key is %d runs: %q", len(runs), runs)
	}
	log := strings.Fields(server.want(200, "GET", "/agents/work/s/files/log.txt", "").body)
	if slices.Sort(log); len(slices.Compact(log)) != same {
		t.Errorf("%d runs were in the session, want %d: %q", len(log), same, log)
	}
	w.checkLedger(t)
	server.kill()
	w.checkOrder(t, same+other+1)
}

// stubbornProject has agents whose work does not end by itself.
const stubbornProject = `
-- project/.flue/flue.yaml --
providers:
  silent: {api: openai, base_url: "${SILENT}/v1", key_env: SILENT_KEY}
-- project/.flue/agents/main.yaml --
description: Waits, or does not.
triggers: {webhook: true}
payload: {type: object, required: [for], properties: {for: {enum: [model, command, nothing]}}}
commands: [stubborn]
limits: {timeout: 1s}
steps:
  - if: ${{ payload.for == "model" }}
    prompt: Answer.
    model: silent/m
  - if: ${{ payload.for == "command" }}
    shell: stubborn
return: ${{ payload.for }}
-- project/.flue/commands/stubborn.yaml --
description: Takes no notice of signals.
exec: stubborn
args: [""]
isolation: none
timeout: 10m
-- bin/stubborn --
#!/bin/sh
trap '' TERM INT HUP
while :; do sleep 1000; done
`

// TestServeDeadline has runs wait for a provider that never answers and for a program that ignores signals: each is over at
// its deadline, and the session's next run works.
func TestServeDeadline(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	asked := make(chan bool, 10)
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- true
		io.Copy(io.Discard, r.Body) // else it is not seen that the client leaves
		<-r.Context().Done()
	}))
	defer silent.Close()
	dir := t.TempDir()
	unpackTo(t, dir, strings.ReplaceAll(stubbornProject, "${SILENT}", silent.URL))
	env := []string{"SILENT_KEY=key-of-the-silent", "PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")}
	server := serveProgram(t, env, []string{fluePath(t)}, "--dir", filepath.Join(dir, "project"))
	for _, what := range []string{"model", "command"} {
		a := server.want(504, "POST", "/agents/main/s", fmt.Sprintf(`{"for": %q}`, what))
		if !strings.Contains(a.body, "limit_timeout") {
			t.Errorf("waiting for a %s: %s", what, a.body)
		}
		if a := server.want(200, "POST", "/agents/main/s", `{"for": "nothing"}`); a.field("result") != "nothing" {
			t.Errorf("after it: %s", a.body)
		}
	}
	if len(asked) == 0 {
		t.Error("the provider was not asked")
	}
}

// TestServeAbused sends a server what no client should, from all sides, while another client works with it: each gets the
// status that it has earned, and the other its answers.
func TestServeAbused(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	w := newWorked(t)
	server := serveProgram(t, w.env, []string{fluePath(t)}, w.args...)
	host := strings.TrimPrefix(server.url, "http://")
	for i := range 500 { // which never come to an end
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begun := "GET /agents HTTP/1.1\r\nHost: loc"
		if i%2 == 0 {
			begun = "POST /agents/work/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	fmt.Fprint(zip, `{"name": "zipped"}`)
	zip.Close()
	abuses := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
	}{
		{"2 MB", "POST", "/agents/work/s", strings.Repeat(" ", 2<<20), nil, 413},
		{"deep", "POST", "/agents/work/s", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), nil, 400},
		{"gzip", "POST", "/agents/work/s", zipped.String(), []string{"Content-Encoding", "gzip"}, 415},
		{"a form", "POST", "/agents/work/s", "name=x", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"climbing", "GET", "/agents/work/..%2f..", "", nil, 400},
		{"climbing files", "GET", "/agents/work/s/files/..%2f..%2f..%2fetc%2fpasswd", "", nil, 404},
		{"a long header", "GET", "/agents", "", []string{"X-Long", strings.Repeat("x", 64<<10)}, 431},
	}
	stop := make(chan struct{})
	var abusing sync.WaitGroup
	for _, abuse := range abuses {
		abusing.Go(func() {
			for {
				a, err := server.ask(t.Context(), abuse.method, abuse.path, abuse.body, abuse.headers...)
				// A server that has said no does not read the rest: the client may find the connection closed before it reads why.
				if err == nil && a.status != abuse.status {
					t.Errorf("%s: %d, want %d: %.200s", abuse.name, a.status, abuse.status, a.body)
				}
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond): // the clients share a machine with the server
				}
			}
		})
	}
	abusing.Go(func() { // requests one behind the other, and then what is none
		for {
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, strings.Repeat("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)+"\x00\xff nonsense\r\n\r\n")
			answers, _ := io.ReadAll(conn)
			conn.Close()
			if ok, bad := bytes.Count(answers, []byte("HTTP/1.1 200 ")), bytes.Count(answers, []byte("HTTP/1.1 400 ")); ok != 10 || bad != 1 {
				t.Errorf("of ten requests and nonsense, %d are answered and %d refused", ok, bad)
			}
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	var took []time.Duration
	for i := range 21 {
		begun := time.Now()
		a, err := server.ask(t.Context(), "POST", fmt.Sprint("/agents/work/n", i), fmt.Sprintf(`{"name": "n%d"}`, i), "Prefer", "respond-async")
		took = append(took, time.Since(begun))
		if err != nil || a.status != 202 {
			t.Errorf("meanwhile, %d, %v: %s", a.status, err, a.body)
		}
	}
	close(stop)
	abusing.Wait()
	slices.Sort(took)
	if middle := took[len(took)/2]; middle > 500*time.Millisecond {
		t.Errorf("the other client waits %v for an answer, in the median", middle)
	}
	t.Logf("the other client waited %v in the median, %v at most", took[len(took)/2], took[len(took)-1])
}
