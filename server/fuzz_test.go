package server_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

// accepting is a Runner that accepts every request of an agent, and runs none.
type accepting struct {
	server.Runner
	engine *engine.Engine
}

func (r accepting) Engine() *engine.Engine { return r.engine }

func (r accepting) Stats() engine.NodeStats { return engine.NodeStats{} }

func (r accepting) Flush(context.Context, store.Key) {}

func (r accepting) Accept(_ context.Context, req engine.Request) (engine.Accepted, error) {
	run := store.Run{ID: "run_1", Session: store.Key{Agent: req.Agent, Session: cmp.Or(req.Session, "new")}, Settlement: &store.Settlement{Outcome: store.Completed}}
	if !json.Valid(req.Payload) && req.Payload != nil {
		return engine.Accepted{}, errors.New("the payload is no JSON")
	}
	return engine.Accepted{Run: run, Fresh: true}, run.Session.Check()
}

func (r accepting) Wait(context.Context, string) (store.Run, error) {
	return store.Run{ID: "run_1", Settlement: &store.Settlement{Outcome: store.Completed}}, nil
}

// FuzzRequest sends anything: every answer is JSON, an error has its envelope, and nothing is an internal error.
func FuzzRequest(f *testing.F) {
	e, err := engine.New(engine.Config{Project: load(f, project), Store: memory.New(), Models: noModel, Sandboxes: noSandbox})
	if err != nil {
		f.Fatal(err)
	}
	s, err := server.New(server.Config{Runner: accepting{engine: e}, Store: memory.New(), Log: slog.New(slog.DiscardHandler),
		Env: func(string) (string, bool) { return hookSecret, true }})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("POST", "/agents/main/s1", "application/json", "respond-async", "k1", `{"n": 1}`)
	f.Add("POST", "/agents/main/..%2f", "application/json; charset=utf-8", ",;", "", `[[[[`)
	f.Add("GET", "/runs?limit=5&after=x", "", "", "\x00", "")
	f.Add("POST", "/agents/notes/s1/fork", "text/plain", "", "", `{"session": "\ud800"}`)
	f.Add("PUT", "//agents/./main", "", "wait", "", "{}")
	f.Fuzz(func(t *testing.T, method, path, kind, prefer, key, body string) {
		req := httptest.NewRequest("GET", "/", strings.NewReader(body))
		if req.URL, err = req.URL.Parse(path); err != nil || !strings.HasPrefix(req.URL.Path, "/") || req.URL.Host != "" {
			t.Skip()
		}
		req.Method, req.Host = method, "localhost"
		req.Header = map[string][]string{"Content-Type": {kind}, "Prefer": {prefer}, "Idempotency-Key": {key}, "Last-Event-Id": {key}}
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, req)
		if rec.Code == 307 || rec.Code == 301 || rec.Code == 308 || rec.Code == 204 || rec.Header().Get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8" {
			return
		}
		var answer struct {
			Error *struct{ Type, Message string } `json:"error"`
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %q: %d %v: %q", method, path, rec.Code, err, rec.Body)
		}
		if rec.Code >= 500 || (rec.Code >= 400) != (answer.Error != nil) || answer.Error != nil && (answer.Error.Type == "" || answer.Error.Message == "") {
			t.Errorf("%s %q: %d %s", method, path, rec.Code, rec.Body)
		}
	})
}

func noModel(context.Context, string, engine.RunInfo) (engine.Model, error) {
	return engine.Model{}, errors.New("there are no models")
}

func noSandbox(context.Context, engine.SandboxRequest) (sandbox.Sandbox, error) {
	return nil, errors.New("there are no sandboxes")
}
