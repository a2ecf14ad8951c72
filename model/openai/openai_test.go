package openai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/wire/wiretest"
)

func TestAnswers(t *testing.T) {
	wiretest.Fixtures(t, func(baseURL string) model.Provider {
		p := New(Config{Name: "p", BaseURL: baseURL, Compat: model.Compat{Cost: true}})
		made := 0
		p.newID = func() string { made++; return fmt.Sprintf("made_%d", made) }
		return p
	})
}

// send streams req to a server that answers "ok" and returns what it was asked.
func send(t *testing.T, cfg Config, req *model.Request) modeltest.Request {
	t.Helper()
	server := modeltest.NewServer(t, modeltest.Answer{Text: "ok"})
	cfg.BaseURL = server.URL
	for _, err := range New(cfg).Stream(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return server.Requests()[0]
}

// conversation has a call of each kind: answered, with arguments that were no JSON, and never answered.
func conversation() *model.Request {
	return &model.Request{
		Model: "m", System: "Be brief.", MaxOutput: 100, Thinking: model.ThinkingMinimal, CacheKey: "session-1",
		Tools: []model.ToolDef{{Name: "read", Description: "Reads.", Strict: true,
			Parameters: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}}`)}},
		Messages: []model.Message{
			model.UserText("hi"),
			{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{
				{Type: model.ThinkingBlock, Text: "hm"}, {Type: model.TextBlock, Text: "Looking."},
				{Type: model.CallBlock, ID: "call_1", Name: "read", Args: json.RawMessage(`{"path":"a"}`), Signature: `{"google":1}`},
				{Type: model.CallBlock, ID: "call_2", Name: "read", BadArgs: `{"path"`},
				{Type: model.CallBlock, ID: "call:3", Name: "read", Args: json.RawMessage(`{}`)},
			}},
			{Role: model.User, Blocks: []model.Block{
				{Type: model.ResultBlock, ID: "call_2", Name: "read", Text: "not JSON", IsError: true},
				{Type: model.ResultBlock, ID: "call_1", Name: "read", Text: "content"},
			}},
			model.UserText("go on"),
		},
	}
}

func TestRequest(t *testing.T) {
	const messages = `{"role":"user","content":"hi"},` +
		`{"role":"assistant","content":"Looking.","tool_calls":[` +
		`{"id":"call_1","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"},"extra_content":{"google":1}},` +
		`{"id":"call_2","type":"function","function":{"name":"read","arguments":"{\"invalid_json\":\"{\\\"path\\\"\"}"}},` +
		`{"id":"621ourvwx","type":"function","function":{"name":"read","arguments":"{}"}}]},` +
		`{"role":"tool","tool_call_id":"call_1","content":"content"},{"role":"tool","tool_call_id":"call_2","content":"not JSON"},` +
		`{"role":"tool","tool_call_id":"621ourvwx","content":"interrupted: this call has no recorded result; it may or may not have taken effect"},` +
		`{"role":"user","content":"go on"}]`
	const tools = `"tools":[{"type":"function","function":{"name":"read","description":"Reads.","strict":true,` +
		`"parameters":{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}}}}]`
	for _, tt := range []struct {
		name   string
		compat model.Compat
		want   string
	}{
		{"the common subset", model.Compat{}, `{"model":"m","stream":true,"max_tokens":100,"stream_options":{"include_usage":true},` +
			tools + `,"messages":[{"role":"system","content":"Be brief."},` + messages + `}`},
		{"OpenAI", model.Compat{MaxTokens: "max_completion_tokens", Developer: true, Effort: "reasoning_effort", CacheKey: true},
			`{"model":"m","stream":true,"max_completion_tokens":100,"stream_options":{"include_usage":true},` +
				`"reasoning_effort":"minimal","prompt_cache_key":"session-1",` +
				tools + `,"messages":[{"role":"developer","content":"Be brief."},` + messages + `}`},
		{"as little as can be", model.Compat{MaxTokens: "num_predict", NoUsage: true, NoStrict: true, Effort: "reasoning"},
			`{"model":"m","stream":true,"num_predict":100,"reasoning":{"effort":"minimal"},` +
				strings.Replace(tools, `"strict":true,`, "", 1) + `,"messages":[{"role":"system","content":"Be brief."},` + messages + `}`},
		{"thinking goes back", model.Compat{Thinking: "reasoning_content"},
			`{"model":"m","stream":true,"max_tokens":100,"stream_options":{"include_usage":true},` + tools +
				`,"messages":[{"role":"system","content":"Be brief."},` +
				strings.Replace(messages, `"content":"Looking."`, `"content":"Looking.","reasoning_content":"hm"`, 1) + `}`},
		{"no tools", model.Compat{NoTools: true}, `{"model":"m","stream":true,"max_tokens":100,"stream_options":{"include_usage":true},` +
			`"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"},` +
			`{"role":"assistant","content":"Looking.\n\nI call read with {\"path\":\"a\"}\n\nI call read with {\"invalid_json\":\"{\\\"path\\\"\"}\n\nI call read with {}"},` +
			`{"role":"user","content":"Result of read:\ncontent\n\nResult of read:\nnot JSON\n\nResult of read:\ninterrupted: this call has no recorded result; it may or may not have taken effect\n\ngo on"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, Config{Name: "p", Key: "sk-1", Compat: tt.compat}, conversation())
			if a, b := canonical(t, got.Body), canonical(t, []byte(tt.want)); a != b {
				t.Errorf("\n got %s\nwant %s", a, b)
			}
			if got.Path != "/v1/chat/completions" || got.Header.Get("Authorization") != "Bearer sk-1" {
				t.Errorf("got %s, %v", got.Path, got.Header)
			}
		})
	}
	got := send(t, Config{Name: "p"}, conversation())
	if _, ok := got.Header["Authorization"]; ok {
		t.Error("without a key there must be no Authorization header")
	}
	if at := got.Get("tools.0.function.parameters").Raw; at != string(conversation().Tools[0].Parameters) {
		t.Errorf("the properties of a schema lost their order: %s", at)
	}
}

func canonical(t *testing.T, doc []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%v: %s", err, doc)
	}
	b, _ := json.MarshalIndent(v, "", " ") // what was decoded can be encoded
	return string(b)
}

// TestToolsOfEach has requests with other tools follow one another.
func TestToolsOfEach(t *testing.T) {
	read := model.ToolDef{Name: "read", Description: "Reads.", Parameters: json.RawMessage(`{"type": "object"}`)}
	bare := model.ToolDef{Name: "bare"}
	strict, other := read, read
	strict.Strict, other.Parameters = true, json.RawMessage(`{}`)
	p := New(Config{Name: "p"})
	for _, c := range []struct {
		tools []model.ToolDef
		want  string
	}{
		{[]model.ToolDef{read, bare}, `[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type": "object"}}},{"type":"function","function":{"name":"bare"}}]`},
		{[]model.ToolDef{bare}, `[{"type":"function","function":{"name":"bare"}}]`},
		{[]model.ToolDef{read}, `[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type": "object"}}}]`},
		{[]model.ToolDef{strict}, `[{"type":"function","function":{"name":"read","description":"Reads.","strict":true,"parameters":{"type": "object"}}}]`},
		{[]model.ToolDef{other}, `[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{}}}]`},
	} {
		for range 2 {
			if got := string(p.toolsJSON(c.tools)); got != c.want {
				t.Errorf("tools are\n%s\nwant\n%s", got, c.want)
			}
		}
	}
}

func TestEffort(t *testing.T) {
	for _, tt := range []struct {
		model string
		level model.Thinking
		want  string
	}{
		{"gpt-5", model.ThinkingOff, "minimal"}, {"gpt-5.1", model.ThinkingOff, "none"}, {"gpt-5.1", "", "none"},
		{"o3", model.ThinkingMinimal, "low"}, {"gpt-4.1", model.ThinkingHigh, ""}, {"o3", model.ThinkingHigh, "high"},
		{"unknown", model.ThinkingHigh, "high"}, {"unknown", model.ThinkingOff, ""}, {"unknown", "", ""},
	} {
		got := send(t, Config{Name: "openai", Compat: model.Compat{Effort: "reasoning_effort"}},
			&model.Request{Model: tt.model, Thinking: tt.level}).Get("reasoning_effort").Str
		if got != tt.want {
			t.Errorf("%s, %q: got %q, want %q", tt.model, tt.level, got, tt.want)
		}
	}
}

func TestLeaveEarly(t *testing.T) {
	before := runtime.NumGoroutine()
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, `data: {"choices": [{"delta": {"content": "one"}}]}`+"\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	}))
	transport := &http.Transport{}
	p := New(Config{BaseURL: server.URL, HTTPClient: &http.Client{Transport: transport}})
	for d, err := range p.Stream(t.Context(), &model.Request{Model: "m"}) {
		if err != nil || d.Text != "one" {
			t.Errorf("got %v, %v", d, err)
		}
		break
	}
	<-gone
	transport.CloseIdleConnections()
	server.Close()
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
}

// one is a piece of a long answer, end what follows the last.
const (
	one = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":" \"word\""},"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n"
	end = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
)

func connect(client *http.Client) model.Provider {
	return New(Config{Name: "p", BaseURL: "http://p", HTTPClient: client})
}

func TestAllocsPerChunk(t *testing.T) { wiretest.Allocs(t, connect, one, ` "word"`, end) }

func BenchmarkStream(b *testing.B) {
	p := connect(wiretest.Memory(strings.Repeat(one, wiretest.Chunks) + end))
	b.ReportAllocs()
	for b.Loop() {
		wiretest.Read(b, p, wiretest.Chunks*len(` "word"`))
	}
}

func FuzzChunk(f *testing.F) { wiretest.Fuzz(f, connect) }
