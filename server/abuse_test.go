package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/store"
)

// listen serves a world as flue serve does, on a port of its own, until stop is called.
func (w *world) listen(drain time.Duration) (address string, stop func() error) {
	w.t.Helper()
	ln, err := server.Listen(w.t.Context(), "127.0.0.1:0", false)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.server.Serve(ctx, ln, drain) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	w.t.Cleanup(func() { stop() })
	return ln.Addr().String(), stop
}

// raw sends bytes as they are and reads one answer.
func raw(t *testing.T, address, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, request) // the server may answer, and close, before it has read everything
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

// post is a request with a body.
func post(path, body string, headers ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n\r\n%s", path, len(body), strings.Join(headers, "\r\n"), body)
}

func TestAbuse(t *testing.T) {
	w := serve(t, options{patient: 100 * time.Millisecond})
	address, _ := w.listen(0)
	const plain = "Content-Type: application/json"
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for name, c := range map[string]struct {
		request string
		status  int
		kind    string
	}{
		"2 MB":                 {post("/agents/main/s1", strings.Repeat(" ", 2<<20), plain), 413, "too_large"},
		"2 MB in chunks":       {"POST /agents/main/s1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + plain + "\r\n\r\n200000\r\n" + strings.Repeat(" ", 2<<20) + "\r\n0\r\n\r\n", 413, "too_large"},
		"deep":                 {post("/agents/main/s1", deep, plain), 400, "invalid_json"},
		"deep objects":         {post("/agents/main/s1", strings.Repeat(`{"a":`, 100_000), plain), 400, "invalid_json"},
		"quoted brackets":      {post("/agents/notes/s1", `{"text": "`+strings.Repeat(`[\"{\\`, 1000)+`"}`, plain), 200, ""},
		"gzip":                 {post("/agents/main/s1", "\x1f\x8b", plain, "Content-Encoding: gzip"), 415, "unsupported_media_type"},
		"a form":               {post("/agents/main/s1", "n=1", "Content-Type: application/x-www-form-urlencoded"), 415, "unsupported_media_type"},
		"text":                 {post("/agents/main/s1", `{"n": 1}`, "Content-Type: text/plain"), 415, "unsupported_media_type"},
		"no type":              {post("/agents/main/s1", `{"n": 1}`, "X: y"), 415, "unsupported_media_type"},
		"latin1":               {post("/agents/main/s1", `{"n": 1}`, plain+"; charset=latin1"), 415, "unsupported_media_type"},
		"utf-8":                {post("/agents/main/s1", `{"n": 1}`, plain+"; charset=UTF-8"), 200, ""},
		"a body that does not": {"POST /agents/main/s1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n" + plain + "\r\n\r\n{", 408, "timeout"},
		"climbing":             {"GET /agents/main/..%2f.. HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid_session"},
		"NUL":                  {"GET /agents/main/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid_session"},
		"a line in an id":      {"GET /agents/main/s%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid_session"},
		"unknown method":       {"BREW /agents HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "method_not_allowed"},
		"another host":         {"GET http://evil.example.com/agents HTTP/1.1\r\nHost: localhost\r\n\r\n", 403, "forbidden_host"},
	} {
		t.Run(name, func(t *testing.T) {
			raw(t, address, c.request).want(t, c.status, c.kind)
		})
	}
	for name, request := range map[string]string{
		"a long header": "GET /agents HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"two lengths":   "POST /agents/main/s1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
		"no host":       "GET /agents HTTP/1.1\r\n\r\n",
		"no HTTP":       "hello\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if a := raw(t, address, request); a.status != 400 && a.status != 431 {
				t.Errorf("answered %d", a.status)
			}
		})
	}
}

// TestSlowConnections has many clients that never finish their requests: another gets its answer.
func TestSlowConnections(t *testing.T) {
	w := serve(t, options{})
	address, _ := w.listen(0)
	for i := range 500 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begun := "GET /agents HTTP/1.1\r\nHost: loc"
		if i%2 == 0 {
			begun = "POST /agents/main/s1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	raw(t, address, post("/agents/main/s1", `{"n": 1}`, "Content-Type: application/json", "Connection: close")).want(t, 200, "")
	if took := time.Since(begun); took > 500*time.Millisecond {
		t.Errorf("the answer took %s", took)
	}
}

// TestLargeBodies has as many calls of a webhook as may be large stop in the middle: another large one is turned away, small
// ones are not.
func TestLargeBodies(t *testing.T) {
	w := serve(t, options{})
	address, _ := w.listen(0)
	large := post("/webhooks/signed", strings.Repeat(" ", 2<<20), "Content-Type: application/json", "X-Signature: x")
	// One more sends all but its last byte each time, until there is no place left. It may come too late for one itself.
	for {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, large[:len(large)-1]); err != nil {
			t.Fatal(err)
		}
		a := raw(t, address, large)
		if a.status == 503 {
			if a.want(t, 503, "busy"); a.header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
			}
			break
		}
		a.want(t, 401, "unauthorized")
	}
	raw(t, address, post("/webhooks/signed", "{}", "Content-Type: application/json", "X-Signature: x")).want(t, 401, "unauthorized")
}

// TestDrain stops a server at which a client waits and another follows: the run ends, both hear of it.
func TestDrain(t *testing.T) {
	w := serve(t, options{})
	address, stop := w.listen(time.Minute)
	waiting := make(chan answer)
	go func() {
		waiting <- raw(t, address, post("/agents/slow/s1", "", "X: y"))
	}()
	<-w.working
	following, err := http.Get("http://" + address + "/agents/slow/s1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer following.Body.Close()
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	for {
		if _, err := w.node.Accept(t.Context(), engine.Request{Agent: "main", Payload: []byte(`{"n": 1}`)}); errors.Is(err, engine.ErrDraining) {
			break
		}
	}
	w.do("GET", "/ready", "").want(t, 503, "draining")
	refused := w.do("POST", "/agents/main", `{"n": 1}`).want(t, 503, "draining")
	if refused.header.Get("Retry-After") == "" {
		t.Error("a refusal does not say when to try again")
	}
	close(w.slow)
	(<-waiting).want(t, 200, "")
	until(t, following.Body, "done")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the server still listens")
	}
}

// TestDrainTooShort stops a server whose run does not end: its client hears so, and the next server goes on with it.
func TestDrainTooShort(t *testing.T) {
	w := serve(t, options{})
	address, stop := w.listen(time.Millisecond)
	waiting := make(chan answer)
	go func() {
		waiting <- raw(t, address, post("/agents/slow/s1", "", "X: y"))
	}()
	<-w.working
	if err := stop(); err != nil {
		t.Error(err)
	}
	run := (<-waiting).want(t, 503, "draining").field(t, "error", "details", "run")
	next := serve(t, options{store: w.store})
	close(next.slow)
	over, err := next.node.Wait(t.Context(), run)
	if err != nil || over.Settlement.Outcome != store.Completed {
		t.Errorf("%v: the run is %+v", err, over.Settlement)
	}
}
