package responses

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/wire/wiretest"
)

func TestAnswers(t *testing.T) {
	wiretest.Fixtures(t, func(baseURL string) model.Provider {
		p := New(Config{Name: "p", BaseURL: baseURL})
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

const (
	thought = `{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA1","summary":[{"type":"summary_text","text":"hm"}]}`
	unkept  = `{"id":"rs_2","type":"reasoning","encrypted_content":null,"summary":[]}`
)

// conversation has what this model said, thought and called, what another did, and thinking that led to nothing.
func conversation() *model.Request {
	thinking := model.Block{Type: model.ThinkingBlock, Text: "hm", Signature: thought}
	return &model.Request{
		Model: "m", System: "Be brief.", MaxOutput: 100, Thinking: model.ThinkingMinimal, CacheKey: "session-1",
		Tools: []model.ToolDef{
			{Name: "read", Description: "Reads.", Strict: true, Parameters: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}}`)},
			{Name: "now", Parameters: json.RawMessage(`{"type":"object"}`)}},
		Messages: []model.Message{
			model.UserText("hi"),
			{Role: model.Assistant, Model: "q/n", Blocks: []model.Block{{Type: model.ThinkingBlock, Text: "hm", Signature: "c2ln"},
				{Type: model.TextBlock, Text: "Hello."}, {Type: model.CallBlock, ID: "toolu:1", Name: "now", Args: json.RawMessage(`{}`), Signature: "c2ln"}}},
			{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: "toolu:1", Name: "now", Text: "noon"}, {Type: model.TextBlock, Text: "go on"}}},
			{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{
				thinking, {Type: model.TextBlock, Text: "Looking.", Signature: "commentary"},
				{Type: model.CallBlock, ID: "call_1", Name: "read", Args: json.RawMessage(`{"path":"a"}`)},
				{Type: model.ThinkingBlock, Signature: unkept}, {Type: model.ThinkingBlock, Text: "of another wire"},
				{Type: model.CallBlock, ID: "call_2", Name: "read", BadArgs: `{"path"`},
			}},
			{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: "call_1", Name: "read", Text: "content"}}},
			{Role: model.Assistant, Model: "p/m", Stop: model.StopLength, Blocks: []model.Block{thinking}},
			model.UserText("continue"),
		},
	}
}

func TestRequest(t *testing.T) {
	const input = `{"role":"user","content":"hi"},{"role":"assistant","content":"Hello."},` +
		`{"type":"function_call","call_id":"ajt7at504","name":"now","arguments":"{}"},{"type":"function_call_output","call_id":"ajt7at504","output":"noon"},` +
		`{"role":"user","content":"go on"},` + thought + `,{"role":"assistant","content":"Looking.","phase":"commentary"},` +
		`{"type":"function_call","call_id":"call_1","name":"read","arguments":"{\"path\":\"a\"}"},` +
		`{"type":"function_call","call_id":"call_2","name":"read","arguments":"{\"invalid_json\":\"{\\\"path\\\"\"}"},` +
		`{"type":"function_call_output","call_id":"call_1","output":"content"},` +
		`{"type":"function_call_output","call_id":"call_2","output":"interrupted: this call has no recorded result; it may or may not have taken effect"},` +
		`{"role":"user","content":"continue"}`
	const tools = `"tools":[{"type":"function","name":"read","description":"Reads.","parameters":{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}},"strict":true},` +
		`{"type":"function","name":"now","parameters":{"type":"object"},"strict":false}],`
	for _, tt := range []struct {
		name   string
		compat model.Compat
		want   string
	}{
		{"the common subset", model.Compat{}, `{"model":"m","stream":true,"store":false,"include":["reasoning.encrypted_content"],` +
			`"reasoning":{"effort":"minimal"},"max_output_tokens":100,` + tools + `"instructions":"Be brief.","input":[` + input + `]}`},
		{"OpenAI", model.Compat{MaxTokens: "max_completion_tokens", Developer: true, Effort: "reasoning_effort", CacheKey: true, Summary: "auto"},
			`{"model":"m","stream":true,"store":false,"include":["reasoning.encrypted_content"],"reasoning":{"effort":"minimal","summary":"auto"},` +
				`"max_output_tokens":100,"prompt_cache_key":"session-1",` + tools + `"instructions":"Be brief.","input":[` + input + `]}`},
		{"not strict", model.Compat{NoStrict: true}, `{"model":"m","stream":true,"store":false,"include":["reasoning.encrypted_content"],` +
			`"reasoning":{"effort":"minimal"},"max_output_tokens":100,` + strings.Replace(tools, "true", "false", 1) + `"instructions":"Be brief.","input":[` + input + `]}`},
	} {
		got := send(t, Config{Name: "p", Key: "sk-1", Compat: tt.compat}, conversation())
		if string(got.Body) != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got.Body, tt.want)
		}
		if got.Path != "/v1/responses" || got.Header.Get("Authorization") != "Bearer sk-1" {
			t.Errorf("got %s, %v", got.Path, got.Header)
		}
	}
	got := send(t, Config{Name: "p", Compat: model.Compat{NoTools: true}}, conversation())
	if body := string(got.Body); strings.Contains(body, `"tools"`) || strings.Contains(body, "function_call") || !strings.Contains(body, "I call read with") {
		t.Errorf("no tools: got %s", body)
	}
	if _, ok := got.Header["Authorization"]; ok {
		t.Error("without a key there must be no Authorization header")
	}
}

func TestThinking(t *testing.T) {
	for _, tt := range []struct {
		model string
		level model.Thinking
		want  string // reasoning, include
	}{
		{"gpt-5", model.ThinkingOff, `{"effort":"minimal"} ["reasoning.encrypted_content"]`},
		{"gpt-5.1", "", `{"effort":"none"} `},
		{"o3", model.ThinkingMinimal, `{"effort":"low"} ["reasoning.encrypted_content"]`},
		{"gpt-4.1", model.ThinkingHigh, ` `},
		{"unknown", model.ThinkingHigh, `{"effort":"high"} ["reasoning.encrypted_content"]`},
		{"unknown", "", ` `},
		{"unknown", model.ThinkingOff, ` `},
	} {
		r := send(t, Config{Name: "openai"}, &model.Request{Model: tt.model, Thinking: tt.level})
		if got := r.Get("reasoning").Raw + " " + r.Get("include").Raw; got != tt.want {
			t.Errorf("%s, %q: got %s, want %s", tt.model, tt.level, got, tt.want)
		}
	}
}

// TestThinkingComesBack: what a model thought goes back to it, to the byte, in front of the call that it led to.
func TestThinkingComesBack(t *testing.T) {
	server := modeltest.NewServer(t, modeltest.Answer{Thinking: "I have to look.", Calls: []modeltest.Call{{Name: "read", Args: `{}`}}}, modeltest.Answer{Text: "ok"})
	p := New(Config{Name: "p", BaseURL: server.URL})
	req := &model.Request{Model: "m", Messages: []model.Message{model.UserText("hi")}}
	for d, err := range p.Stream(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Message != nil {
			req.Messages = append(req.Messages, *d.Message)
		}
	}
	for _, err := range p.Stream(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
	}
	input := server.Requests()[1].Get("input").Array()
	if len(input) != 4 || input[1].Get("encrypted_content").Str != "sealed" || input[1].Get("id").Str == "" || input[2].Get("type").Str != "function_call" {
		t.Errorf("got %s", server.Requests()[1].Body)
	}
}

func TestLeaveEarly(t *testing.T) {
	wiretest.LeaveEarly(t, func(baseURL string) model.Provider { return New(Config{BaseURL: baseURL}) },
		`{"type": "response.output_text.delta", "output_index": 0, "delta": "one"}`)
}

func connect(client *http.Client) model.Provider {
	return New(Config{Name: "p", BaseURL: "http://p", HTTPClient: client})
}

func TestAllocsPerChunk(t *testing.T) {
	const piece = `event: response.output_text.delta` + "\n" + `data: {"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1","output_index":0,"content_index":0,"delta":" \"word\"","logprobs":[],"obfuscation":"0x9aB"}` + "\n\n"
	wiretest.Allocs(t, connect, piece, ` "word"`, `data: {"type":"response.completed","response":{"object":"response","status":"completed","output":[]}}`+"\n\n")
}

func FuzzEvent(f *testing.F) { wiretest.Fuzz(f, connect) }
