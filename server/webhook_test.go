package server

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/google/go-cmp/cmp"
)

const hookProject = `
-- github.yaml --
prompt: Sort the issue.
triggers:
  webhook:
    preset: github
    if: ${{ trigger.headers["x-github-event"] == "issues" && payload.action == "opened" }}
    session: issue-${{ payload.issue.number }}
payload: {type: object, required: [issue], properties: {action: {type: string}, issue: {type: object, required: [number], properties: {number: {type: [integer, string]}}}}}
-- slack.yaml --
prompt: Answer.
triggers: {webhook: {preset: slack, if: '${{ (payload.command ?? "") != "/quiet" }}'}}
-- stripe.yaml --
prompt: Book it.
triggers: {webhook: {preset: stripe, verify: {secret_env: OTHER_SECRET}}}
-- generic.yaml --
prompt: Look at it.
triggers:
  webhook:
    verify: {hmac: sha1, header: X-Signature, encoding: base64, secret_env: OTHER_SECRET}
    session: s-${{ payload.id ?? "none" }}-${{ date }}
    idempotency: ${{ payload.delivery ?? nil }}
-- odd.yaml --
prompt: Look at it.
triggers: {webhook: {if: "${{ payload.count }}", session: "s", idempotency: "${{ payload.key }}"}}
-- plain.yaml --
prompt: Look at it.
triggers: {webhook: true}
-- clock.yaml --
prompt: Look at it.
triggers: {cron: [{schedule: "0 9 * * *"}]}
-- local.yaml --
prompt: Look at it.
`

// hookEnv are the variables of the tests.
func hookEnv(name string) (string, bool) {
	secret, ok := map[string]string{"GITHUB_WEBHOOK_SECRET": hookSecret, "SLACK_SIGNING_SECRET": hookSecret, "OTHER_SECRET": hookSecret}[name]
	return secret, ok
}

// testProject makes a project of agents, each below a line with its file's name.
func testProject(t *testing.T, agents string) *spec.Project {
	t.Helper()
	files := fstest.MapFS{}
	for _, part := range strings.Split(agents, "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, " --\n")
		files[".flue/agents/"+name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	p, problems := spec.Load(files)
	for _, problem := range lint.Check(p, problems) {
		if problem.Severity == spec.Error {
			t.Fatal(problem)
		}
	}
	return p
}

// testEngine is an engine whose model says nothing, so that every run fails.
func testEngine(t *testing.T, p *spec.Project, st store.Store) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Config{Project: p, Store: st, Model: "scripted/none",
		Models: func(context.Context, string, engine.RunInfo) (engine.Model, error) {
			return engine.Model{ID: "scripted/none", Provider: scripted.New(scripted.Script{}, scripted.Config{})}, nil
		},
		Sandboxes: func(context.Context, engine.SandboxRequest) (sandbox.Sandbox, error) {
			return virtual.New(virtual.Config{})
		}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// hooks is a server with the agents of hookProject.
type hooks struct {
	*testing.T
	server *Server
	store  store.Store
	log    bytes.Buffer
}

func newHooks(t *testing.T, tokens ...Token) *hooks {
	t.Helper()
	h := &hooks{T: t, store: memory.New()}
	node := engine.NewNode(testEngine(t, testProject(t, hookProject), h.store), engine.NodeConfig{})
	var err error
	h.server, err = New(Config{Runner: node, Store: h.store, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Env: hookEnv, Tokens: tokens,
		Now: func() time.Time { return hookTime }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(node.Close(context.Background()), h.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

type answer struct {
	Status  int
	Run     string
	Session string
	Type    string // of the error
	Body    string
}

func (h *hooks) post(agent string, header http.Header, body string) answer {
	h.Helper()
	r := httptest.NewRequest("POST", "http://flue.example.com/webhooks/"+agent, strings.NewReader(body))
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	h.server.Handler().ServeHTTP(w, r)
	var fields struct {
		Run, Session string
		Error        struct{ Type string }
	}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &fields); err != nil {
			h.Errorf("%v: %s", err, w.Body)
		}
	}
	if w.Code == http.StatusAccepted && w.Header().Get("Location") != "/runs/"+fields.Run {
		h.Errorf("Location: %s", w.Header().Get("Location"))
	}
	return answer{w.Code, fields.Run, fields.Session, fields.Error.Type, strings.TrimSpace(w.Body.String())}
}

func (h *hooks) runs() []store.Run {
	h.Helper()
	runs, err := h.store.Runs(h.Context(), store.RunQuery{})
	if err != nil {
		h.Fatal(err)
	}
	return runs
}

func with(header http.Header, pairs ...string) http.Header {
	all := header.Clone()
	if all == nil {
		all = http.Header{}
	}
	maps.Copy(all, headers(pairs...))
	return all
}

func github(body, event, delivery string) http.Header {
	return with(signedGitHub(hookSecret, body), "Content-Type", "application/json", "X-GitHub-Event", event, "X-GitHub-Delivery", delivery)
}

const opened = `{"action": "opened", "issue": {"number": 12}}`

func TestWebhookGitHub(t *testing.T) {
	h := newHooks(t)
	first := h.post("github", with(github(opened, "issues", "d1"), "Authorization", "Bearer other", "Cookie", "c=1", "X-Hub-Signature", "sha1=00", "X-Api-Key", "k"), opened)
	if first.Status != http.StatusAccepted || first.Session != "issue-12" {
		t.Fatalf("%+v", first)
	}
	if again := h.post("github", github(opened, "issues", "d1"), opened); again != first {
		t.Errorf("the delivery again: %+v, want %+v", again, first)
	}
	altered := strings.Replace(opened, "12", "13", 1)
	if again := h.post("github", github(altered, "issues", "d1"), altered); again != first {
		t.Errorf("the delivery with another body: %+v, want %+v", again, first)
	}
	other := h.post("github", github(opened, "issues", "d2"), opened)
	if other.Status != http.StatusAccepted || other.Run == first.Run || other.Session != first.Session {
		t.Errorf("another delivery: %+v", other)
	}
	form := url.Values{"payload": {opened}}.Encode()
	if a := h.post("github", with(github(form, "issues", "d3"), "Content-Type", "application/x-www-form-urlencoded"), form); a.Status != http.StatusAccepted || a.Session != "issue-12" {
		t.Errorf("as a form: %+v", a)
	}
	if runs := h.runs(); len(runs) != 3 {
		t.Errorf("%d runs", len(runs))
	}
	run, err := h.store.RunByID(t.Context(), first.Run)
	if err != nil {
		t.Fatal(err)
	}
	var trigger engine.Trigger
	if err := json.Unmarshal(run.Trigger, &trigger); err != nil {
		t.Fatal(err)
	}
	want := engine.Trigger{Kind: "webhook", Headers: map[string]string{"content-type": "application/json", "x-github-event": "issues", "x-github-delivery": "d1"}}
	if diff := cmp.Diff(want, trigger); diff != "" {
		t.Errorf("trigger, -want +got:\n%s", diff)
	}

	for name, test := range map[string]struct {
		header http.Header
		body   string
		want   answer
	}{
		"ping":           {github(`{"zen": "x"}`, "ping", "p1"), `{"zen": "x"}`, answer{Status: 200, Body: `{"status":"ok"}`}},
		"another event":  {github(`{}`, "push", "d4"), `{}`, answer{Status: 200, Body: `{"status":"ignored"}`}},
		"another action": {github(`{"action":"closed"}`, "issues", "d5"), `{"action":"closed"}`, answer{Status: 200, Body: `{"status":"ignored"}`}},
	} {
		if got := h.post("github", test.header, test.body); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	if strings.Contains(h.log.String(), hookSecret) {
		t.Error("the log has the secret")
	}
}

func TestWebhookRefuses(t *testing.T) {
	h := newHooks(t)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	huge := `{"x": "` + strings.Repeat("x", maxWebhook) + `"}`
	bad := `{"action": "opened", "issue": {"number": "../x"}}`
	other := `{"action": "opened", "issue": {"number": 1.5}}`
	missing := `{"action": "opened"}`
	json := func(header http.Header) http.Header { return with(header, "Content-Type", "application/json") }
	tests := []struct {
		name, agent string
		header      http.Header
		body        string
		status      int
		kind        string
	}{
		{"forged", "github", with(github(opened, "issues", "d"), "X-Hub-Signature-256", signedGitHub("guess", opened).Get("X-Hub-Signature-256")), opened, 401, "unauthorized"},
		{"unsigned", "github", json(nil), opened, 401, "unauthorized"},
		{"a token instead of a signature", "github", with(json(nil), "Authorization", "Bearer right"), opened, 401, "unauthorized"},
		{"altered", "github", github(opened, "issues", "d"), opened + " ", 401, "unauthorized"},
		{"re-serialised", "github", github(opened, "issues", "d"), `{"action":"opened","issue":{"number":12}}`, 401, "unauthorized"},
		{"replayed", "slack", json(signedSlack(hookSecret, `{}`, hookTime.Add(-replayWindow-time.Second))), `{}`, 401, "unauthorized"},
		{"replayed", "stripe", json(signedStripe(hookSecret, `{"id":"e"}`, hookTime.Add(-replayWindow-time.Second))), `{"id":"e"}`, 401, "unauthorized"},
		{"no JSON, unsigned", "github", json(nil), `{`, 401, "unauthorized"},
		{"deep, unsigned", "github", with(json(nil), "X-Hub-Signature-256", "sha256=00"), deep, 401, "unauthorized"},
		{"huge, unsigned", "github", with(json(nil), "X-Hub-Signature-256", "sha256=00"), huge, 413, "too_large"},

		{"no JSON", "github", github(`{`, "issues", "d"), `{`, 400, "invalid_json"},
		{"nothing", "github", github(``, "issues", "d"), ``, 400, "invalid_json"},
		{"deep", "github", github(deep, "issues", "d"), deep, 400, "invalid_json"},
		{"huge", "github", github(huge, "issues", "d"), huge, 413, "too_large"},
		{"a form without payload", "github", with(github("a=b", "issues", "d"), "Content-Type", "application/x-www-form-urlencoded"), "a=b", 400, "invalid_json"},
		{"no form", "github", with(github("payload=%zz", "issues", "d"), "Content-Type", "application/x-www-form-urlencoded"), "payload=%zz", 400, "invalid_request"},
		{"a form where there is none", "stripe", with(signedStripe(hookSecret, "a=b", hookTime), "Content-Type", "application/x-www-form-urlencoded"), "a=b", 415, "unsupported_media_type"},
		{"XML", "github", with(github("<a/>", "issues", "d"), "Content-Type", "text/xml"), "<a/>", 415, "unsupported_media_type"},
		{"compressed", "github", with(github(opened, "issues", "d"), "Content-Encoding", "gzip"), opened, 415, "unsupported_media_type"},
		{"a session that is none", "github", github(bad, "issues", "d"), bad, 422, "unfit_call"},
		{"a payload that does not fit", "github", github(other, "issues", "d"), other, 400, "invalid_payload"},
		{"a field that is missing", "github", github(missing, "issues", "d"), missing, 422, "unfit_call"},
		{"no delivery id", "github", with(signedGitHub(hookSecret, opened), "X-GitHub-Event", "issues"), opened, 422, "unfit_call"},
		{"a delivery id without end", "github", github(opened, "issues", strings.Repeat("d", maxDelivery+1)), opened, 422, "unfit_call"},
		{"no event id", "stripe", json(signedStripe(hookSecret, `{}`, hookTime)), `{}`, 422, "unfit_call"},

		{"an agent with a webhook that is true", "plain", json(nil), `{}`, 404, "agent_not_found"},
		{"an agent with a schedule", "clock", json(nil), `{}`, 404, "agent_not_found"},
		{"an agent without triggers", "local", json(nil), `{}`, 404, "agent_not_found"},
		{"no agent", "nobody", json(nil), `{}`, 404, "agent_not_found"},
		{"not signed, no token", "odd", json(nil), `{"count": true, "key": "k"}`, 401, "unauthorized"},
		{"not signed, a wrong token", "odd", with(json(nil), "Authorization", "Bearer wrong"), `{"count": true, "key": "k"}`, 401, "unauthorized"},
		{"if is no condition", "odd", with(json(nil), "Authorization", "Bearer right"), `{"count": 3, "key": "k"}`, 422, "unfit_call"},
	}
	h = newHooks(t, Token{"ci", "right"})
	for _, test := range tests {
		t.Run(test.agent+", "+test.name, func(t *testing.T) {
			got := h.post(test.agent, test.header, test.body)
			if got.Status != test.status || got.Type != test.kind {
				t.Errorf("%d %s, want %d %s: %.300s", got.Status, got.Type, test.status, test.kind, got.Body)
			}
			if test.status == http.StatusUnauthorized && !strings.HasPrefix(test.name, "not signed") && got.Body != `{"error":{"type":"unauthorized","message":"the signature is not valid"}}` {
				t.Errorf("it says more: %s", got.Body)
			}
		})
	}
	unknown, withoutTrigger := h.post("nobody", json(nil), `{}`).Body, h.post("local", json(nil), `{}`).Body
	if strings.ReplaceAll(unknown, "nobody", "local") != withoutTrigger {
		t.Errorf("the two look different: %s %s", unknown, withoutTrigger)
	}
	if a := h.post("odd", with(json(nil), "Authorization", "Bearer right"), `{"count": true, "key": "k"}`); a.Status != http.StatusAccepted || a.Session != "s" {
		t.Errorf("with a token: %+v", a)
	}
	if runs := h.runs(); len(runs) != 1 {
		t.Errorf("%d runs", len(runs))
	}
}

func TestWebhookSlack(t *testing.T) {
	h := newHooks(t)
	slack := func(body, kind string) answer {
		return h.post("slack", with(signedSlack(hookSecret, body, hookTime), "Content-Type", kind), body)
	}
	payloadOf := func(run string) string {
		stored, err := h.store.RunByID(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		return string(stored.Payload)
	}
	if a := slack(`{"type":"url_verification","challenge":"3eZbrw","token":"x"}`, "application/json"); a.Status != 200 || a.Body != `{"challenge":"3eZbrw"}` {
		t.Errorf("challenge: %+v", a)
	}
	event := `{"token":"old secret","type":"event_callback","event_id":"Ev1","event":{"type":"app_mention"}}`
	first := slack(event, "application/json")
	if first.Status != http.StatusAccepted || payloadOf(first.Run) != `{"event":{"type":"app_mention"},"event_id":"Ev1","type":"event_callback"}` {
		t.Fatalf("event: %+v %s", first, payloadOf(first.Run))
	}
	retry := with(signedSlack(hookSecret, event, hookTime.Add(time.Second)), "Content-Type", "application/json", "X-Slack-Retry-Num", "1", "X-Slack-Retry-Reason", "http_timeout")
	if again := h.post("slack", retry, event); again != first {
		t.Errorf("again: %+v, want %+v", again, first)
	}
	const form = "application/x-www-form-urlencoded"
	nothing := answer{Status: 200}
	for range 2 {
		if a := slack("token=t&command=%2Fask&text=how+long&trigger_id=1.2", form); a != nothing {
			t.Errorf("command: %+v", a)
		}
	}
	if a := slack("payload="+url.QueryEscape(`{"type":"block_actions","trigger_id":"3.4","token":"t"}`), form); a != nothing {
		t.Errorf("interaction: %+v", a)
	}
	if a := slack("command=%2Fquiet&trigger_id=5.6", form); a != nothing {
		t.Errorf("ignored: %+v", a)
	}
	if a := slack("ssl_check=1&token=t", form); a.Status != 200 || a.Body != `{"status":"ok"}` {
		t.Errorf("ssl_check: %+v", a)
	}
	got := map[string]bool{}
	for _, run := range h.runs() {
		got[string(run.Payload)] = true
	}
	want := map[string]bool{payloadOf(first.Run): true, `{"command":"/ask","text":"how long","trigger_id":"1.2"}`: true, `{"trigger_id":"3.4","type":"block_actions"}`: true}
	if diff := cmp.Diff(want, got); diff != "" || len(h.runs()) != 3 {
		t.Errorf("runs, -want +got:\n%s", diff)
	}
}

func TestWebhookStripeAndGeneric(t *testing.T) {
	h := newHooks(t)
	event := `{"id":"evt_1","pending_webhooks":2}`
	first := h.post("stripe", with(signedStripe(hookSecret, event, hookTime), "Content-Type", "application/json; charset=utf-8"), event)
	later := `{"id":"evt_1","pending_webhooks":1}` // Stripe counts down
	again := h.post("stripe", with(signedStripe(hookSecret, later, hookTime), "Content-Type", "application/json; charset=utf-8"), later)
	if first.Status != http.StatusAccepted || again != first {
		t.Errorf("%+v, and again %+v", first, again)
	}
	sign := func(body string) http.Header {
		return headers("X-Signature", base64.StdEncoding.EncodeToString(mac(sha1.New, hookSecret, body)))
	}
	body := `{"id":7,"delivery":null}`
	one, two := h.post("generic", sign(body), body), h.post("generic", sign(body), body)
	if one.Status != http.StatusAccepted || one.Session != "s-7-2026-03-29" || two.Run == one.Run || two.Session != one.Session {
		t.Errorf("without a delivery's id: %+v %+v", one, two)
	}
}

// TestWebhookDeliveredManyTimes has the same delivery come at once, over and over.
func TestWebhookDeliveredManyTimes(t *testing.T) {
	h := newHooks(t)
	answers := make(chan answer)
	const times = 20
	for range times {
		go func() { answers <- h.post("github", github(opened, "issues", "d1"), opened) }()
	}
	runs := map[string]bool{}
	for range times {
		runs[(<-answers).Run] = true
	}
	if len(runs) != 1 || runs[""] || len(h.runs()) != 1 {
		t.Errorf("answered with %v, of %d runs", runs, len(h.runs()))
	}
}

func TestMissingSecrets(t *testing.T) {
	p := testProject(t, hookProject)
	var got []string
	for _, problem := range MissingSecrets(p, func(name string) (string, bool) { return " ", name == "GITHUB_WEBHOOK_SECRET" }) {
		got = append(got, problem.String())
	}
	const text = " is empty or not set; set it to the secret that the provider signs its calls with [empty-secret]"
	want := []string{
		".flue/agents/generic.yaml:4:77: the variable OTHER_SECRET" + text,
		".flue/agents/github.yaml:4:13: the variable GITHUB_WEBHOOK_SECRET" + text,
		".flue/agents/slack.yaml:2:30: the variable SLACK_SIGNING_SECRET" + text,
		".flue/agents/stripe.yaml:2:59: the variable OTHER_SECRET" + text,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if missing := MissingSecrets(p, hookEnv); missing != nil {
		t.Error(missing)
	}
	st := memory.New()
	defer st.Close()
	node := engine.NewNode(testEngine(t, p, st), engine.NodeConfig{})
	defer node.Close(context.Background())
	if _, err := New(Config{Runner: node, Store: st, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "generic.yaml:4:77") {
		t.Errorf("a server without secrets: %v", err)
	}
}

// FuzzReadCall has calls read that are signed by somebody who writes anything.
func FuzzReadCall(f *testing.F) {
	f.Add("application/json", []byte(opened))
	f.Add("application/x-www-form-urlencoded", []byte("payload=%7B%7D&token=x"))
	f.Add("application/x-www-form-urlencoded; charset", []byte("command=%2Fask&text=;a"))
	f.Add("", []byte(strings.Repeat("[", 200)))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		for _, preset := range []string{"github", "slack", "stripe", ""} {
			hook := spec.Webhook{Preset: preset}.Filled()
			call, err := readCall(hook, headers("Content-Type", kind), body)
			if err != nil {
				if e := classify(err); e == nil || e.status >= 500 {
					t.Errorf("%q %q: %v", kind, body, err)
				}
				continue
			}
			if !json.Valid(call.body) {
				t.Errorf("%q %q gives %q", kind, body, call.body)
			}
			call.handshake(hook, http.Header{})
		}
	})
}
