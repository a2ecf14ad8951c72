package anthropic

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
	wiretest.Fixtures(t, func(baseURL string) model.Provider { return New(Config{Name: "p", BaseURL: baseURL}) })
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

// conversation is in the middle of a tool loop, with signed and encrypted thinking.
func conversation() *model.Request {
	return &model.Request{
		Model: "m", System: "Be brief.", Thinking: model.ThinkingLow,
		Tools: []model.ToolDef{
			{Name: "now", Parameters: json.RawMessage(`{"type":"object"}`)},
			{Name: "read", Description: "Reads.", Strict: true, Parameters: json.RawMessage(`{"type":"object"}`)},
		},
		Messages: []model.Message{
			model.UserText("one"),
			{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{{Type: model.TextBlock, Text: "1"}}},
			model.UserText("two"),
			{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{
				{Type: model.ThinkingBlock, Text: "hm", Signature: "c2ln"}, {Type: model.ThinkingBlock, Signature: "redacted:ZW5j"},
				{Type: model.CallBlock, ID: "toolu_1", Name: "read", Args: json.RawMessage(`{"path":"a"}`)},
				{Type: model.CallBlock, ID: "toolu_2", Name: "now", Args: json.RawMessage(`{}`)},
			}},
			{Role: model.User, Blocks: []model.Block{
				{Type: model.ResultBlock, ID: "toolu_2", Name: "now", Text: "noon"},
				{Type: model.ResultBlock, ID: "toolu_1", Name: "read", Text: "no such file", IsError: true},
			}},
		},
	}
}

func TestRequest(t *testing.T) {
	got := send(t, Config{Name: "p", Key: "sk-ant-1"}, conversation())
	want := `{"model":"m","max_tokens":32000,"stream":true,` +
		`"tools":[{"name":"now","input_schema":{"type":"object"}},` +
		`{"name":"read","description":"Reads.","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}}],` +
		`"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],` +
		`"messages":[{"role":"user","content":[{"type":"text","text":"one"}]},` +
		`{"role":"assistant","content":[{"type":"text","text":"1"}]},` +
		`{"role":"user","content":[{"type":"text","text":"two","cache_control":{"type":"ephemeral"}}]},` +
		`{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"redacted_thinking","data":"ZW5j"},` +
		`{"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"a"}},{"type":"tool_use","id":"toolu_2","name":"now","input":{}}]},` +
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"no such file","is_error":true},` +
		`{"type":"tool_result","tool_use_id":"toolu_2","content":"noon","cache_control":{"type":"ephemeral"}}]}],` +
		`"thinking":{"type":"enabled","budget_tokens":2048}}`
	if string(got.Body) != want {
		t.Errorf("\n got %s\nwant %s", got.Body, want)
	}
	if got.Path != "/v1/messages" || got.Header.Get("X-Api-Key") != "sk-ant-1" ||
		got.Header.Get("Anthropic-Version") != "2023-06-01" || got.Header.Get("Authorization") != "" {
		t.Errorf("got %s %v", got.Path, got.Header)
	}
}

// TestNoTools: Anthropic refuses calls and results in a request that has no tools, such as an agent's last turn.
func TestNoTools(t *testing.T) {
	req := conversation()
	req.Tools = nil
	got := string(send(t, Config{Name: "p"}, req).Body)
	if strings.Contains(got, "tool_") || !strings.Contains(got, "I call read with") || !strings.Contains(got, "no such file") {
		t.Errorf("got %s", got)
	}
}

func TestThinking(t *testing.T) {
	foreign := conversation()
	foreign.Messages[3].Model = "q/m" // its thinking cannot go back, so the loop goes on without
	longer := conversation()          // behind its first calls the model did not think again
	longer.Messages = append(longer.Messages,
		model.Message{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{{Type: model.CallBlock, ID: "toolu_3", Name: "now", Args: json.RawMessage(`{}`)}}},
		model.Message{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: "toolu_3", Name: "now", Text: "one"}}})
	off := conversation()
	off.Thinking = model.ThinkingOff
	short := conversation()
	short.Thinking, short.MaxOutput = model.ThinkingHigh, 4096
	tiny := conversation()
	tiny.MaxOutput = 1500
	adaptive := func(string) (model.Info, bool) {
		return model.Info{Thinking: []model.Thinking{model.ThinkingHigh}, Adaptive: true, MaxOutput: 9000}, true
	}
	for _, tt := range []struct {
		name string
		req  *model.Request
		info func(string) (model.Info, bool)
		want string // max_tokens, thinking, output_config, thinking blocks sent
	}{
		{"low", conversation(), nil, `32000 {"type":"enabled","budget_tokens":2048}  2`},
		{"further in the loop", longer, nil, `32000 {"type":"enabled","budget_tokens":2048}  2`},
		{"written by another model", foreign, nil, `32000   0`},
		{"off", off, nil, `32000   0`},
		{"the answer needs room", short, nil, `4096 {"type":"enabled","budget_tokens":3072}  2`},
		{"no room", tiny, nil, `1500   0`},
		{"adaptive", conversation(), adaptive, `9000 {"type":"adaptive"} {"effort":"high"} 2`},
	} {
		r := send(t, Config{Name: "p", Info: tt.info}, tt.req)
		got := fmt.Sprintf("%s %s %s %d", r.Get("max_tokens").Raw, r.Get("thinking").Raw, r.Get("output_config").Raw,
			strings.Count(string(r.Body), `thinking","thinking"`)+strings.Count(string(r.Body), `"redacted_thinking"`))
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for _, end := range []string{"", "/", "/v1", "/v1/"} {
		server := modeltest.NewServer(t, modeltest.Answer{Text: "ok"})
		p := New(Config{BaseURL: strings.TrimSuffix(server.URL, "/v1") + end})
		for _, err := range p.Stream(t.Context(), &model.Request{Model: "m"}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if path := server.Requests()[0].Path; path != "/v1/messages" {
			t.Errorf("%q: asked for %s", end, path)
		}
	}
}

func TestLeaveEarly(t *testing.T) {
	wiretest.LeaveEarly(t, func(baseURL string) model.Provider { return New(Config{BaseURL: baseURL}) },
		`{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "one"}}`)
}

func FuzzEvent(f *testing.F) {
	wiretest.Fuzz(f, func(client *http.Client) model.Provider {
		return New(Config{Name: "p", BaseURL: "http://p", HTTPClient: client})
	})
}
