package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/model"
)

// ask posts one request to handler and reads the answer to its end.
func ask(t *testing.T, ctx context.Context, cfg Config, handler http.HandlerFunc) (events []string, err error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	if cfg.BaseURL == "" {
		cfg.BaseURL = server.URL
	} else {
		cfg.BaseURL = strings.Replace(cfg.BaseURL, "SERVER", server.URL, 1)
	}
	cfg.Name = "p"
	a, err := NewClient(cfg, nil).Post(ctx, "chat", map[string]string{"a": "b"})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if a.Whole != nil {
		return []string{string(a.Whole)}, nil
	}
	for {
		data, err := a.Next()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, string(data))
	}
}

func kind(err error) model.ErrorKind {
	var e *model.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func TestPost(t *testing.T) {
	stream := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, text)
	}
	for _, tt := range []struct {
		name    string
		cfg     Config
		handler http.HandlerFunc
		want    string // events and error
	}{
		{"stream", Config{}, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			stream(w, fmt.Sprintf("data: %s %s %s\n\n", r.Method, r.URL, body))
		}, `[POST /chat {"a":"b"}] <nil>`},
		{"query in the base URL", Config{BaseURL: "SERVER/v1/?api-version=2"}, func(w http.ResponseWriter, r *http.Request) {
			stream(w, "data: "+r.URL.String()+"\n\n")
		}, `[/v1/chat?api-version=2] <nil>`},
		{"JSON", Config{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = io.WriteString(w, `{"x": 1}`)
		}, `[{"x": 1}] <nil>`},
		{"a web page", Config{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>"+strings.Repeat("x", 300))
		}, `[] p: bad_answer (HTTP 200): want text/event-stream or application/json, got "text/html": "<html>` + strings.Repeat("x", 194) + `"`},
		{"a redirect", Config{Key: "sk-0123456789"}, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusTemporaryRedirect)
		}, `[] p: bad_answer (HTTP 307): it redirects to http://127.0.0.1:1/elsewhere, which is not followed; change base_url`},
		{"refused", Config{}, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "slow down", http.StatusTooManyRequests)
		}, `[] p: rate_limit (HTTP 429): slow down`},
		{"no server", Config{BaseURL: "http://127.0.0.1:1"}, nil, `[] p: network: Post "http://127.0.0.1:1/chat": dial tcp 127.0.0.1:1: connect: connection refused`},
		{"cut in the middle", Config{}, func(w http.ResponseWriter, r *http.Request) {
			stream(w, "data: a\n\n")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, `[a] p: incomplete: the connection ended in the middle of the answer`},
		{"no first byte", Config{FirstByte: 20 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			stream(w, "")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, `[] p: timeout: no answer within 20ms`},
		{"silence", Config{Idle: 20 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			stream(w, "data: a\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, `[a] p: timeout: the stream was silent for 20ms`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, err := ask(t, t.Context(), tt.cfg, tt.handler)
			if got := fmt.Sprint(events, " ", err); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSlowReaderIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := false
		b := &timedBody{ReadCloser: io.NopCloser(iotest.OneByteReader(strings.NewReader("ab"))), idle: time.Minute,
			timer: time.AfterFunc(time.Hour, func() { silent = true })}
		for range 2 {
			if _, err := b.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Hour) // the reader is busy with what it got
		}
		if silent {
			t.Error("the time between two reads counted as silence")
		}
	})
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := ask(t, ctx, Config{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	if kind(err) != model.ErrCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestNothingOfTheEnvironment sets what clients of providers read, and looks for it in the request.
func TestNothingOfTheEnvironment(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_WEBHOOK_SECRET",
		"ANTHROPIC_API_KEY"} {
		t.Setenv(name, "canary")
	}
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/canary")
	var header http.Header
	if _, err := ask(t, t.Context(), Config{Headers: map[string]string{"X-Mine": "yes"}},
		func(w http.ResponseWriter, r *http.Request) {
			header = r.Header
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}")
		}); err != nil {
		t.Fatal(err)
	}
	if header.Get("X-Mine") != "yes" || header.Get("User-Agent") != "flue" {
		t.Errorf("got %v", header)
	}
	for name, values := range header {
		if strings.Contains(strings.Join(values, " "), "canary") || name == "Authorization" ||
			strings.HasPrefix(name, "X-Stainless") || strings.HasPrefix(name, "Openai") {
			t.Errorf("sent %s: %q", name, values)
		}
	}
}
