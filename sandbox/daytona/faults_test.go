package daytona_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/daytona"
	"github.com/flue-run/flue/sandbox/daytona/daytonatest"
)

// mustSay checks an error that a user reads, which never has the key.
func mustSay(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), daytonatest.Key) {
		t.Errorf("the key is in %q", err)
	}
}

func out(t *testing.T, s sandbox.Sandbox, script string) string {
	t.Helper()
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: script})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return r.Stdout
}

// lose carries a request out and loses the answer.
func lose(server *daytonatest.Server, r *http.Request) {
	server.Serve(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// TestPassingFaults: each strikes a few times, and nobody notices; nothing happens twice.
func TestPassingFaults(t *testing.T) {
	for name, fault := range map[string]struct {
		at    string // method and the end of the path
		times int32
		do    func(*daytonatest.Server, http.ResponseWriter, *http.Request)
	}{
		"too many requests": {"POST sandbox", 2, func(_ *daytonatest.Server, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		"errors of the server":          {"GET info", 3, func(_ *daytonatest.Server, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }},
		"the answer of create is lost":  {"POST sandbox", 1, func(s *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { lose(s, r) }},
		"create is not received":        {"POST sandbox", 1, func(_ *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
		"the answer of session is lost": {"POST session", 1, func(s *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { lose(s, r) }},
		"the answer of exec is lost":    {"POST exec", 1, func(s *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { lose(s, r) }},
		"exec is not received":          {"POST exec", 2, func(_ *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
		"an answer breaks off": {"GET toolbox-proxy-url", 2, func(_ *daytonatest.Server, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"url": "http`)
		}},
		"an answer is no JSON":      {"GET toolbox-proxy-url", 1, func(_ *daytonatest.Server, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }},
		"a request stands still":    {"GET info", 1, func(_ *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		"the log cannot be had":     {"GET logs", 3, func(_ *daytonatest.Server, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
		"the log's connection ends": {"GET logs", 2, func(_ *daytonatest.Server, _ http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(name, func(t *testing.T) {
			server := daytonatest.New(t)
			var struck atomic.Int32
			server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
				method, end, _ := strings.Cut(fault.at, " ")
				if r.Method != method || !strings.HasSuffix(r.URL.Path, "/"+end) || struck.Add(1) > fault.times {
					return false
				}
				fault.do(server, w, r)
				return true
			}
			cfg := config(server)
			cfg.Request = 2 * time.Second
			s := open(t, cfg)
			if got := out(t, s, "echo once >>f; echo one; cat f"); got != "one\nonce\n" {
				t.Errorf("it printed %q", got)
			}
			if i, err := s.FS().Stat(t.Context(), "f"); err != nil || i.Size() != 5 {
				t.Errorf("%v, %v", i, err)
			}
			if n := len(server.Made()); n != 1 {
				t.Errorf("%d sandboxes were made", n)
			}
			if struck.Load() < fault.times {
				t.Errorf("it struck %d times only", struck.Load())
			}
		})
	}
}

// TestRetryAfter: the service says when to come back, and is not asked before.
func TestRetryAfter(t *testing.T) {
	server := daytonatest.New(t)
	var first time.Time
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/sandbox" {
			return false
		}
		if first.IsZero() {
			first = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		if waited := time.Since(first); waited < time.Second {
			t.Errorf("it came back after %s", waited)
		}
		return false
	}
	open(t, config(server))
}

func TestNoFollow(t *testing.T) {
	server := daytonatest.New(t)
	server.NoFollow = true
	s := open(t, config(server))
	if got := out(t, s, "echo a; sleep 0.1; printf '\\001\\002\\377b'"); got != "a\n\x01\x02\xffb" {
		t.Errorf("%q", got)
	}
}

func TestRefusedKey(t *testing.T) {
	server := daytonatest.New(t)
	cfg := config(server)
	cfg.Key = daytonatest.Key + "-wrong"
	_, err := daytona.Open(t.Context(), cfg)
	mustSay(t, err, "does not accept the key", "401", "api_key")
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"message": ["no quota left for %s", "ask sales"]}`, daytonatest.Key)
		return true
	}
	_, err = daytona.Open(t.Context(), config(server))
	mustSay(t, err, "make a sandbox", "403", "no quota left for ***", "ask sales")
}

func TestStart(t *testing.T) {
	server := daytonatest.New(t)
	server.Starting = []string{"pending_build", "building_snapshot", "building_snapshot", "pulling_snapshot", "starting"}
	cfg := config(server)
	var notes []string
	cfg.Note = func(text string) { notes = append(notes, text) }
	open(t, cfg)
	if got := strings.Join(notes, "\n"); strings.Count(got, "being built") != 1 || strings.Count(got, "being pulled") != 1 || strings.Contains(got, "no longer there") {
		t.Errorf("notes: %q", notes)
	}
}

// TestNoStart: what did not start is deleted.
func TestNoStart(t *testing.T) {
	for name, test := range map[string]struct {
		states []string
		reason string
		want   string
	}{
		"error":        {[]string{"error"}, "", "state error"},
		"build_failed": {[]string{"building_snapshot", "build_failed"}, "", "state build_failed"},
		"too slow":     {strings.Fields(strings.Repeat("starting ", 10000)), "", "not started within 50ms"},
	} {
		t.Run(name, func(t *testing.T) {
			server := daytonatest.New(t)
			server.Starting = test.states
			cfg := config(server)
			cfg.Start = 50 * time.Millisecond
			_, err := daytona.Open(t.Context(), cfg)
			mustSay(t, err, test.want)
			if left := server.IDs(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		server := daytonatest.New(t)
		server.Starting = strings.Fields(strings.Repeat("starting ", 10000))
		ctx, cancel := context.WithCancel(t.Context())
		cfg := config(server)
		server.Fault = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				cancel()
			}
			return false
		}
		if _, err := daytona.Open(ctx, cfg); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if left := server.IDs(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// TestVanished: a sandbox that ends under a call is a failed call with its reason.
func TestVanished(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*daytonatest.Server, string)
		want string
	}{
		"deleted": {func(s *daytonatest.Server, id string) { s.Vanish(id) }, "has been deleted"},
		"stopped": {func(s *daytonatest.Server, id string) { s.SetState(id, "stopped", "") }, "is stopped, and was running"},
		"error":   {func(s *daytonatest.Server, id string) { s.SetState(id, "error", "disk failed") }, "disk failed"},
	} {
		t.Run(name, func(t *testing.T) {
			server := daytonatest.New(t)
			s := open(t, config(server))
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo begun; sleep 60", Output: func(sandbox.Stream, []byte) { go test.end(server, s.ID()) }})
			mustSay(t, err, test.want)
			if r.Stdout != "begun\n" {
				t.Errorf("%+v", r)
			}
			_, err = s.FS().Stat(t.Context(), "f")
			mustSay(t, err, test.want)
			if errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v: no file is missing", err)
			}
			if _, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo"}); err == nil {
				t.Error("a script runs in no sandbox")
			}
		})
	}
}

// TestKilled: nothing of a script is left, also in the background and out of its process group.
func TestKilled(t *testing.T) {
	server := daytonatest.New(t)
	s := open(t, config(server))
	out(t, s, "sleep 4711 & setsid sleep 4711 & echo")
	if _, err := s.Exec(t.Context(), sandbox.Exec{Script: "setsid sleep 4712 & sleep 4712", Timeout: 100 * time.Millisecond}); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, line := range []string{"sleep 4711", "sleep 4712"} {
		if n := daytonatest.Processes(line); n > 0 {
			t.Errorf("%d of %q are left", n, line)
		}
	}
}

func TestStalledDownload(t *testing.T) {
	server := daytonatest.New(t)
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/download") {
			return false
		}
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	cfg := config(server)
	cfg.Request = 200 * time.Millisecond
	s := open(t, cfg)
	if err := s.FS().Write(t.Context(), "f", []byte("0123456789")); err != nil {
		t.Fatal(err)
	}
	f, err := s.FS().Open(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	mustSay(t, err, "sent nothing for 200ms")
	if string(data) != "begun" {
		t.Errorf("%q", data)
	}
}

func TestFolders(t *testing.T) {
	cfg := config(daytonatest.New(t))
	cfg.Folders = map[string]fs.FS{"/skills/greet": fstest.MapFS{"SKILL.md": {Data: []byte("Greet.\n")}, "scripts/run": {Data: []byte("#!/bin/sh\n"), Mode: 0o755}}}
	cfg.Env = map[string]string{"LANG": "C.UTF-8", "A": "'$x' \\ \""}
	s := open(t, cfg)
	if got := out(t, s, "cat /skills/greet/SKILL.md; test -x /skills/greet/scripts/run && echo x; printf '%s' \"$A\"; ls /tmp | grep tar"); got != "Greet.\nx\n'$x' \\ \"" {
		t.Errorf("%q", got)
	}
}
