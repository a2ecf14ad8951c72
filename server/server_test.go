package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"golang.org/x/tools/txtar"
)

// project is what most tests serve.
const project = `
-- .flue/agents/main.yaml --
description: Help with a number.
triggers: {webhook: true}
model: test/m
payload: {type: object, required: [n], additionalProperties: false, properties: {n: {type: integer}}}
prompt: Help ${{ payload.n }}.
-- .flue/agents/notes.yaml --
triggers: {webhook: true}
payload: {type: object, required: [text], properties: {text: {type: string}}}
steps: [{shell: "mkdir -p sub; echo ${{ payload.text }} | tee -a notes.txt > sub/last.html"}]
return: payload.text
-- .flue/agents/typed.yaml --
triggers: {webhook: true}
model: test/typed
prompt: Decide.
payload: {$defs: {name: {type: string}}, type: object, properties: {name: {$ref: "#/$defs/name"}}}
result: {$defs: {word: {enum: ["yes", "no"]}}, type: object, required: [answer], properties: {answer: {$ref: "#/$defs/word"}}}
-- .flue/agents/broken.yaml --
triggers: {webhook: true}
steps: [{id: fails, shell: exit 3}]
-- .flue/agents/down.yaml --
triggers: {webhook: true}
model: test/down
prompt: Work.
-- .flue/agents/keyless.yaml --
triggers: {webhook: true}
model: test/keyless
prompt: Work.
-- .flue/agents/slow.yaml --
triggers: {webhook: true}
model: test/slow
prompt: Work.
limits: {timeout: 1h}
-- .flue/agents/hasty.yaml --
triggers: {webhook: true}
model: test/slow
prompt: Work.
limits: {timeout: 10ms}
-- .flue/agents/signed.yaml --
triggers: {webhook: {verify: {hmac: sha256, header: X-Signature, secret_env: HOOK_SECRET}}}
steps: [{shell: "true"}]
-- .flue/agents/daily.yaml --
triggers: {cron: [{schedule: "0 9 * * *", timezone: Europe/Berlin}]}
steps: [{shell: "true"}]
-- .flue/agents/private.yaml --
steps: [{shell: "true"}]
`

const hookSecret = "hook-secret-41c7"

// world is a server of a project, and what stands behind it.
type world struct {
	t       *testing.T
	store   store.Store
	node    *engine.Node
	server  *server.Server
	http    *httptest.Server
	log     *logBuffer
	api     *api
	slow    chan struct{} // test/slow answers when it is closed
	working chan struct{} // holds a signal for each request to test/slow
	asked   func(ctx context.Context, req *model.Request)
}

type options struct {
	project string
	store   store.Store
	tokens  []server.Token
	cors    []string
	beat    time.Duration
	patient time.Duration
	node    engine.NodeConfig
	asked   func(ctx context.Context, req *model.Request) // is told of every request to a model
	say     func(yield func(model.Delta, error) bool)     // is what test/m says, besides its message
}

func load(t testing.TB, archive string) *spec.Project {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	loaded, problems := spec.Load(files)
	for _, p := range problems {
		t.Fatalf("%v", p)
	}
	return loaded
}

// serve serves a project until the test ends.
func serve(t *testing.T, o options) *world {
	t.Helper()
	if o.project == "" {
		o.project = project
	}
	if o.store == nil {
		o.store = memory.New()
	}
	w := &world{t: t, store: o.store, log: &logBuffer{}, slow: make(chan struct{}), working: make(chan struct{}, 100), asked: o.asked}
	e, err := engine.New(engine.Config{Project: load(t, o.project), Store: o.store,
		Models: func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			if id == "test/keyless" {
				return engine.Model{}, &model.Error{Kind: model.ErrNoKey, Provider: "test", Message: "set TEST_KEY"}
			}
			return engine.Model{ID: id, Provider: &fakeModel{w, id, o.say}}, nil
		},
		Sandboxes: func(context.Context, engine.SandboxRequest) (sandbox.Sandbox, error) {
			return virtual.New(virtual.Config{})
		},
		Sleep: func(ctx context.Context, d time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.node = engine.NewNode(e, o.node)
	w.server, err = server.New(server.Config{Runner: w.node, Store: o.store, Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Tokens: o.tokens, CORS: o.cors, Version: "v1",
		Env: func(name string) (string, bool) { return hookSecret, name == "HOOK_SECRET" }, Heartbeat: o.beat, Patience: o.patient})
	if err != nil {
		t.Fatal(err)
	}
	w.api = describe(t, w.server)
	w.http = httptest.NewServer(w.server.Handler())
	t.Cleanup(func() {
		w.http.CloseClientConnections()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := w.node.Close(ctx); err != nil && !errors.Is(err, engine.ErrDraining) {
			t.Error(err)
		}
		w.http.Close()
	})
	return w
}

// fakeModel answers at once, but for test/slow.
type fakeModel struct {
	world *world
	id    string
	say   func(yield func(model.Delta, error) bool)
}

func (m *fakeModel) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		if m.world.asked != nil {
			m.world.asked(ctx, req)
		}
		message := model.Message{Role: model.Assistant, Stop: model.StopEnd, Usage: &model.Usage{Input: 10, Output: 5},
			Blocks: []model.Block{{Type: model.TextBlock, Text: "Helped."}}}
		switch m.id {
		case "test/down":
			yield(model.Delta{}, &model.Error{Kind: model.ErrInvalid, Provider: "test", Message: "out of order"})
			return
		case "test/typed":
			message.Stop = model.StopCalls
			message.Blocks = []model.Block{{Type: model.CallBlock, ID: "c1", Name: "finish", Args: json.RawMessage(`{"answer": "yes"}`)}}
		case "test/slow":
			m.world.working <- struct{}{}
			select {
			case <-ctx.Done():
				yield(model.Delta{}, context.Cause(ctx))
				return
			case <-m.world.slow:
			}
		}
		if m.say != nil {
			m.say(yield)
		}
		_ = yield(model.Delta{Text: "Hel"}, nil) && yield(model.Delta{Text: "ped."}, nil) && yield(model.Delta{Message: &message}, nil)
	}
}

// logBuffer is what the server has logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(data)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   string
}

// field is a string in the answer's JSON, by its path.
func (a answer) field(t *testing.T, path ...string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%v in %d %s", err, a.status, a.body)
	}
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// do sends a request, and checks that the answer is one that the OpenAPI document declares. Headers are "Name: value".
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	a, err := w.send(method, path, body, headers...)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// send is do for any goroutine.
func (w *world) send(method, path, body string, headers ...string) (answer, error) {
	res, err := w.open(method, path, body, headers...)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{res.StatusCode, res.Header, string(data)}
	if err := w.api.check(method, path, a); err != nil {
		w.t.Errorf("%s %s answered %d %.300s\nwhich the OpenAPI document does not declare: %v", method, path, a.status, a.body, err)
	}
	return a, nil
}

// open sends a request and leaves the answer's body to the caller.
func (w *world) open(method, path, body string, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.http.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	return http.DefaultTransport.RoundTrip(req) // no redirects
}

// want checks an answer's status and, if it is not "", the type of its error.
func (a answer) want(t *testing.T, status int, kind string) answer {
	t.Helper()
	if a.status != status || kind != "" && a.field(t, "error", "type") != kind {
		t.Fatalf("answered %d %s, want %d %s", a.status, a.body, status, kind)
	}
	return a
}

// event is one server-sent event, as it came.
type event struct {
	text     string // whole
	id, name string
	data     map[string]any
}

// events reads the events of a stream until it ends.
func events(body io.Reader) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		lines := bufio.NewReader(body)
		var e event
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(e, err)
				}
				return
			}
			e.text += line
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				if err := json.Unmarshal([]byte(value), &e.data); err != nil {
					yield(e, err)
					return
				}
			case "":
				if value == "" && !yield(e, nil) {
					return
				}
				if value == "" {
					e = event{}
				}
			}
		}
	}
}
