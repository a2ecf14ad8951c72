package console_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store/memory"
)

var project = fstest.MapFS{
	".flue/agents/ask.yaml": {Data: []byte(`description: Answer <b>questions</b>.
model: scripted/ask
triggers: {webhook: true}
payload:
  type: object
  additionalProperties: false
  required: [question]
  properties:
    question: {type: string, minLength: 3}
    level: {enum: [low, high], default: high}
prompt: 'Answer: ${{ payload.question }}'
result: {type: object, additionalProperties: false, required: [answer], properties: {answer: {type: string}}}
`)},
	".flue/agents/slow.yaml": {Data: []byte(`description: Never ends by itself.
model: scripted/stalls
triggers: {webhook: true}
prompt: Go.
`)},
	".flue/models/stalls.yaml": {Data: []byte("turns: [{delay: 50ms, stall: true, text: one two three four}]\n")},
	".flue/models/ask.yaml": {Data: []byte(`turns:
  - text: <script>alert(1)</script> Looking.
    calls: [{bash: {command: "mkdir -p 'a b'; echo '<i>hi</i>' > 'a b/x?.html'; printf 'a\\0b' > bin"}}]
  - finish: {answer: It is 42.}
`)},
}

const secret = "s3cret-token"

// serve starts a console on a memory store, with tokens or without.
func serve(t *testing.T, tokens ...server.Token) (*httptest.Server, *http.Client) {
	t.Helper()
	loaded, problems := spec.Load(project)
	for _, p := range problems {
		t.Fatal(p)
	}
	st := memory.New()
	e, err := engine.New(engine.Config{
		Project: loaded, Store: st,
		Models: func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			var script scripted.Script
			if err := loaded.Models[strings.TrimPrefix(id, "scripted/")].Doc.Root.Decode(&script); err != nil {
				return engine.Model{}, err
			}
			eval := func(template string, vars map[string]any) (any, error) {
				parsed, err := expr.Parse(template)
				if err != nil {
					return nil, err
				}
				return parsed.Value(vars)
			}
			return engine.Model{ID: id, Info: model.Info{}, Provider: scripted.New(script, scripted.Config{Name: "ask", Payload: run.Payload, Eval: eval, Answered: run.Answered})}, nil
		},
		Sandboxes: func(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
			return virtual.New(virtual.Config{})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	node := engine.NewNode(e, engine.NodeConfig{})
	var log bytes.Buffer
	srv, err := server.New(server.Config{Runner: node, Store: st, Tokens: tokens, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		pages.Close()
		if err := node.Close(context.Background()); err != nil {
			t.Error(err)
		}
		st.Close()
		if strings.Contains(log.String(), "internal error") || strings.Contains(log.String(), secret) {
			t.Errorf("the server's log: %s", &log)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := pages.Client()
	client.Jar = jar
	return pages, client
}

// answer reads a whole answer.
func answer(t *testing.T, res *http.Response, err error) (status int, page string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

func wants(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// begin starts a run from the form and returns its session's page, read once the run is over.
func begin(t *testing.T, pages *httptest.Server, client *http.Client) (session string) {
	t.Helper()
	res, err := client.PostForm(pages.URL+"/console/agents/ask", url.Values{"payload.question": {"What <is> it?"}, "payload.level": {"low"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	session = res.Request.URL.Path
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(session, "/console/agents/ask/ses_") {
		t.Fatalf("starting a run led to %s, status %d", res.Request.URL, res.StatusCode)
	}
	live := follow(t, client, pages.URL+session+"/live?after=0")
	if last := live[len(live)-1]; !strings.Contains(last, "event: summary") || !strings.Contains(last, "completed") {
		t.Errorf("the last thing streamed is %s", last)
	}
	return session
}

// follow reads a live stream until the run is over.
func follow(t *testing.T, client *http.Client, url string) (events []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("the stream is %s", got)
	}
	var event strings.Builder
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if lines.Text() != "" {
			event.WriteString(lines.Text() + "\n")
			continue
		}
		events = append(events, event.String())
		done := strings.Contains(event.String(), "event: summary") && strings.Contains(event.String(), "mark completed")
		event.Reset()
		if done {
			return events
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
	return nil
}

func TestPages(t *testing.T) {
	pages, client := serve(t)
	get := func(path string) (int, string) {
		res, err := client.Get(pages.URL + path)
		if err == nil && res.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s has no content security policy", path)
		}
		return answer(t, res, err)
	}
	_, page := get("/")
	wants(t, page, "ask", "Answer &lt;b&gt;questions&lt;/b&gt;.", "webhook", "None yet")
	_, page = get("/console/agents/ask")
	wants(t, page, `name="payload.question"`, "<option selected>high</option>", "Payload schema", "sandbox  virtual")

	session := begin(t, pages, client)
	_, page = get(session)
	wants(t, page, "Answer: What &lt;is&gt; it?", "&lt;script&gt;alert(1)&lt;/script&gt; Looking.", "It is 42.", "completed", "bash</code> × 1", "<rect")
	if strings.Contains(page, "<script>alert") {
		t.Error("what a model says reaches the page as markup")
	}
	_, page = get("/")
	wants(t, page, `href="`+session+`"`)
	_, page = get(session + "/log")
	wants(t, page, "run_start", "tool_end", "done")
	_, page = get(session + "/log?after=2")
	if strings.Contains(page, "run_start") {
		t.Error("the log after entry 2 begins with entry 1")
	}
	_, page = get(session + "/files/")
	wants(t, page, "a b/", "bin")
	_, page = get(session + "/files/workspace/a%20b")
	wants(t, page, session+"/files/workspace/a%20b/x%3F.html")
	_, page = get(session + "/files/workspace/a%20b/x%3F.html")
	wants(t, page, "&lt;i&gt;hi&lt;/i&gt;")
	_, page = get(session + "/files/workspace/bin")
	wants(t, page, "This is not text.")

	res, err := client.Get(pages.URL + session + "/files/workspace/a%20b/x%3F.html?download")
	if _, page := answer(t, res, err); page != "<i>hi</i>\n" || res.Header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a download is %q with %v", page, res.Header)
	}
	for path, want := range map[string]int{
		"/console/agents/nobody": 404, "/console/agents/ask/none": 404, "/console/agents/ask/none/live": 404, "/console/agents/ask/..%2f..%2fx": 404,
		session + "/files/none": 404, session + "/files/..%2f..%2f..%2fusr%2flocal%2fgo": 404, "/console/static/style.css": 200, "/console/nothing": 404,
	} {
		if status, _ := get(path); status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
	}
}

func TestFormsThatDoNotFit(t *testing.T) {
	pages, client := serve(t)
	res, err := client.PostForm(pages.URL+"/console/agents/ask", url.Values{"payload.question": {"Hm"}, "payload.level": {"low"}})
	status, page := answer(t, res, err)
	if status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	wants(t, page, "Hm</textarea>", `class="wrong"`, "<option selected>low</option>")
	req, _ := http.NewRequest("POST", pages.URL+"/console/agents/ask", strings.NewReader("payload.question=What+is+it"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err = client.Do(req)
	if status, _ := answer(t, res, err); status != http.StatusForbidden {
		t.Errorf("a page of another origin may start a run: status %d", status)
	}
	res, err = client.PostForm(pages.URL+"/console/agents/ask/..%2fx", url.Values{"payload.question": {"What is it?"}})
	if status, page := answer(t, res, err); status != http.StatusBadRequest {
		t.Errorf("a session id that is none: status %d, %s", status, page)
	}
}

func TestContinuesASession(t *testing.T) {
	pages, client := serve(t)
	session := begin(t, pages, client)
	res, err := client.PostForm(pages.URL+session, url.Values{"payload.question": {"And then?"}})
	if status, _ := answer(t, res, err); status != http.StatusOK || res.Request.URL.Path != session {
		t.Errorf("continuing led to %s, status %d", res.Request.URL, status)
	}
	follow(t, client, pages.URL+session+"/live?after=0") // ends with the first run
	res, err = client.Get(pages.URL + session)
	_, page := answer(t, res, err)
	wants(t, page, "And then?")
}

func TestSignIn(t *testing.T) {
	pages, client := serve(t, server.Token{Name: "me", Value: secret})
	res, err := client.Get(pages.URL + "/")
	if _, page := answer(t, res, err); res.Request.URL.Path != "/console/login" || strings.Contains(page, "Agents") {
		t.Fatalf("a stranger gets %s", res.Request.URL)
	}
	for path, method := range map[string]string{"/console/agents/ask/x/live": "GET", "/console/agents/ask": "POST", "/console/runs/x/abort": "POST"} {
		req, _ := http.NewRequest(method, pages.URL+path, nil)
		res, err := client.Do(req)
		if status, _ := answer(t, res, err); status != http.StatusUnauthorized {
			t.Errorf("%s %s answers a stranger with %d", method, path, status)
		}
	}
	res, err = client.PostForm(pages.URL+"/console/login", url.Values{"token": {"wrong"}})
	if status, page := answer(t, res, err); status != http.StatusUnauthorized || strings.Contains(page, "Agents") {
		t.Errorf("a wrong token: %d %s", status, page)
	}
	res, err = client.PostForm(pages.URL+"/console/login", url.Values{"token": {" " + secret + " "}})
	status, page := answer(t, res, err)
	if status != http.StatusOK || res.Request.URL.Path != "/" {
		t.Fatalf("signing in led to %s, status %d", res.Request.URL, status)
	}
	wants(t, page, "Agents", "Sign out")
	cookies := client.Jar.Cookies(res.Request.URL)
	if len(cookies) != 1 || strings.Contains(cookies[0].Value, secret) {
		t.Errorf("cookies %v", cookies)
	}
	forged := strings.Replace(cookies[0].Value, ".", "0.", 1) // a later end
	req, _ := http.NewRequest("GET", pages.URL+"/", nil)
	req.Header.Set("Cookie", "flue_console="+forged)
	res, err = http.DefaultTransport.RoundTrip(req)
	if status, _ := answer(t, res, err); status != http.StatusSeeOther {
		t.Errorf("a forged cookie answers %d", status)
	}
	res, err = client.PostForm(pages.URL+"/console/logout", nil)
	answer(t, res, err)
	res, err = client.Get(pages.URL + "/")
	if answer(t, res, err); res.Request.URL.Path != "/console/login" {
		t.Error("still signed in")
	}
}

// TestManySessions goes through the pages of a list.
func TestManySessions(t *testing.T) {
	pages, client := serve(t)
	for i := range 120 {
		res, err := client.Post(fmt.Sprintf("%s/agents/ask/s%03d", pages.URL, i), "application/json", strings.NewReader(`{"question": "What?"}`))
		if status, page := answer(t, res, err); status != http.StatusOK {
			t.Fatal(status, page)
		}
	}
	for _, from := range []string{"/", "/console/agents/ask"} {
		res, err := client.Get(pages.URL + from)
		_, page := answer(t, res, err)
		wants(t, page, "ask/s119", "ask/s020", "completed")
		older := regexp.MustCompile(`href="(\?before=[^"]+)">older`).FindStringSubmatch(page)
		if older == nil || strings.Contains(page, "ask/s019<") || strings.Contains(page, "the latest") {
			t.Fatalf("the first page is %s", page)
		}
		res, err = client.Get(pages.URL + from + html.UnescapeString(older[1]))
		_, page = answer(t, res, err)
		wants(t, page, "ask/s019<", "ask/s000<", `<a href="?">the latest`)
		if strings.Contains(page, "ask/s020<") || strings.Contains(page, "older ones") {
			t.Errorf("the second page is %s", page)
		}
	}
	res, err := client.Get(pages.URL + "/?before=x")
	if status, _ := answer(t, res, err); status != http.StatusBadRequest {
		t.Errorf("a page that is none has status %d", status)
	}
}
