package gemini

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
		number := 0
		p.newID = func() string { number++; return fmt.Sprintf("%s%d", made, number) }
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

// conversation has what another model said and called, and what this one did, with its signatures.
func conversation() *model.Request {
	return &model.Request{
		Model: "m", System: "Be brief.", MaxOutput: 100, Thinking: model.ThinkingLow, CacheKey: "session-1",
		Tools: []model.ToolDef{
			{Name: "read", Description: "Reads.", Parameters: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}}`)},
			{Name: "now"}},
		Messages: []model.Message{
			model.UserText("hi"),
			{Role: model.Assistant, Model: "q/n", Blocks: []model.Block{{Type: model.ThinkingBlock, Text: "hm", Signature: "c2ln"},
				{Type: model.TextBlock, Text: "Hello."}, {Type: model.CallBlock, ID: "toolu_1", Name: "now", Args: json.RawMessage(`{}`)},
				{Type: model.CallBlock, ID: "toolu_2", Name: "now", Args: json.RawMessage(`{}`)}}},
			{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: "toolu_1", Name: "now", Text: "noon"}, {Type: model.TextBlock, Text: "go on"}}},
			{Role: model.Assistant, Model: "p/m", Blocks: []model.Block{
				{Type: model.ThinkingBlock, Text: "hm"}, {Type: model.ThinkingBlock, Text: "so", Signature: "c2lnMA=="},
				{Type: model.TextBlock, Text: "Looking.", Signature: "c2lnMQ=="}, {Type: model.TextBlock, Signature: "c2lnMg=="},
				{Type: model.CallBlock, ID: "x1", Name: "read", Args: json.RawMessage(`{"path":"a"}`), Signature: "c2lnMw=="},
				{Type: model.CallBlock, ID: made + "1", Name: "read", BadArgs: `{"path"`},
			}},
			{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: made + "1", Name: "read", Text: "no such file", IsError: true},
				{Type: model.ResultBlock, ID: "x1", Name: "read", Text: "content"}}},
		},
	}
}

func TestRequest(t *testing.T) {
	want := `{"systemInstruction":{"parts":[{"text":"Be brief."}]},` +
		`"tools":[{"functionDeclarations":[{"name":"read","description":"Reads.","parametersJsonSchema":{"type":"object","properties":{"path":{"type":"string"},"at":{"type":"integer"}}}},{"name":"now"}]}],` +
		`"generationConfig":{"maxOutputTokens":100,"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"low"}},` +
		`"contents":[{"role":"user","parts":[{"text":"hi"}]},` +
		`{"role":"model","parts":[{"text":"Hello."},{"functionCall":{"id":"toolu_1","name":"now","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"toolu_2","name":"now","args":{}}}]},` +
		`{"role":"user","parts":[{"functionResponse":{"id":"toolu_1","name":"now","response":{"output":"noon"}}},` +
		`{"functionResponse":{"id":"toolu_2","name":"now","response":{"error":"interrupted: this call has no recorded result; it may or may not have taken effect"}}}]},` +
		`{"role":"user","parts":[{"text":"go on"}]},` +
		`{"role":"model","parts":[{"text":"so","thought":true,"thoughtSignature":"c2lnMA=="},{"text":"Looking.","thoughtSignature":"c2lnMQ=="},{"text":"","thoughtSignature":"c2lnMg=="},` +
		`{"functionCall":{"id":"x1","name":"read","args":{"path":"a"}},"thoughtSignature":"c2lnMw=="},{"functionCall":{"name":"read","args":{"invalid_json":"{\"path\""}}}]},` +
		`{"role":"user","parts":[{"functionResponse":{"id":"x1","name":"read","response":{"output":"content"}}},{"functionResponse":{"name":"read","response":{"error":"no such file"}}}]}]}`
	got := send(t, Config{Name: "p", Key: "AIza-1"}, conversation())
	if string(got.Body) != want {
		t.Errorf("\n got %s\nwant %s", got.Body, want)
	}
	if got.Path != "/v1/models/m:streamGenerateContent" || got.Query != "alt=sse" || got.Header.Get("X-Goog-Api-Key") != "AIza-1" || got.Header.Get("Authorization") != "" {
		t.Errorf("got %s?%s %v", got.Path, got.Query, got.Header)
	}
}

// TestOtherWires: what a model signed over Chat Completions, and what older ones call unsigned, is sent as they take it.
func TestOtherWires(t *testing.T) {
	for name, want := range map[string]string{"gemini-3.1-pro-preview": unsigned, "gemini-2.5-pro": ""} {
		req := conversation()
		req.Model = name
		req.Messages = append(req.Messages[:3:3], model.Message{Role: model.Assistant, Model: "p/" + name, Blocks: []model.Block{
			{Type: model.CallBlock, ID: "c", Name: "now", Args: json.RawMessage(`{}`), Signature: `{"google":{"thought_signature":"c2ln"}}`}}})
		if got := send(t, Config{Name: "p"}, req).Get("contents.4.parts.0.thoughtSignature").Str; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestConfig(t *testing.T) {
	strict := []model.ToolDef{{Name: "now"}, {Name: "finish", Strict: true}}
	for _, tt := range []struct {
		req  model.Request
		cfg  Config
		want string // thinkingConfig, mode
	}{
		{model.Request{Model: "gemini-2.5-flash", Thinking: model.ThinkingOff}, Config{}, `{"thinkingBudget":0} `},
		{model.Request{Model: "gemini-2.5-flash", Thinking: model.ThinkingHigh}, Config{}, `{"includeThoughts":true,"thinkingBudget":24576} `},
		{model.Request{Model: "gemini-2.5-flash", Thinking: model.ThinkingHigh, MaxOutput: 4000}, Config{}, `{"includeThoughts":true,"thinkingBudget":2000} `},
		{model.Request{Model: "gemini-2.5-pro", Thinking: model.ThinkingOff}, Config{}, `{"includeThoughts":true,"thinkingBudget":2048} `},
		{model.Request{Model: "gemini-3.1-pro-preview", Thinking: model.ThinkingMedium}, Config{}, `{"includeThoughts":true,"thinkingLevel":"medium"} `},
		{model.Request{Model: "gemini-3.1-flash-lite", Thinking: model.ThinkingOff}, Config{}, `{"includeThoughts":true,"thinkingLevel":"minimal"} `},
		{model.Request{Model: "gemini-3.8-flash", Thinking: model.ThinkingMinimal}, Config{}, `{"includeThoughts":true,"thinkingLevel":"low"} `},
		{model.Request{Model: "unknown", Thinking: model.ThinkingOff}, Config{}, `{"thinkingLevel":"low"} `},
		{model.Request{Model: "unknown"}, Config{}, ` `},
		{model.Request{Model: "unknown", Tools: strict}, Config{}, ` VALIDATED`},
		{model.Request{Model: "unknown", Tools: strict}, Config{Compat: model.Compat{NoStrict: true}}, ` `},
	} {
		tt.cfg.Name = "google"
		r := send(t, tt.cfg, &tt.req)
		if got := r.Get("generationConfig.thinkingConfig").Raw + " " + r.Get("toolConfig.functionCallingConfig.mode").Str; got != tt.want {
			t.Errorf("%s, %q: got %s, want %s", tt.req.Model, tt.req.Thinking, got, tt.want)
		}
	}
}

// TestNoTools: calls and results in a request that has no tools, such as an agent's last turn, are told as text.
func TestNoTools(t *testing.T) {
	req := conversation()
	req.Tools = nil
	if got := string(send(t, Config{Name: "p"}, req).Body); strings.Contains(got, "function") || !strings.Contains(got, "I call read with") || !strings.Contains(got, "no such file") {
		t.Errorf("got %s", got)
	}
}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ base, model, want string }{
		{"", "m", "/v1beta/models/m:streamGenerateContent?alt=sse"}, {"/", "m", "/v1beta/models/m:streamGenerateContent?alt=sse"},
		{"/v1beta/", "m", "/v1beta/models/m:streamGenerateContent?alt=sse"}, {"/v1/projects/p?a=b", "m", "/v1/projects/p/models/m:streamGenerateContent?alt=sse&a=b"},
		{"", "tunedModels/mine", "/v1beta/tunedModels/mine:streamGenerateContent?alt=sse"}, {"", "a?b#c", "/v1beta/models/a%3Fb%23c:streamGenerateContent?alt=sse"},
	} {
		asked := ""
		client := &http.Client{Transport: transport(func(r *http.Request) { asked = r.URL.RequestURI() })}
		for range New(Config{BaseURL: "http://p" + tt.base, Key: "AIza-1", HTTPClient: client}).Stream(t.Context(), &model.Request{Model: tt.model}) {
		}
		if asked != tt.want {
			t.Errorf("%q, %q: asked for %s, want %s", tt.base, tt.model, asked, tt.want)
		}
	}
}

type transport func(*http.Request)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return wiretest.Memory("").Transport.RoundTrip(r)
}

func TestParameters(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"none", ``, ``},
		{"order and what is known", `{"$schema": "s", "type": "object", "properties": {"b": {"type": ["string", "null"], "pattern": "x", "minLength": 1, "default": "d", "description": "\"B\""}, "a": {"enum": ["x", 2], "minimum": 1}}, "required": ["b"], "additionalProperties": false}`,
			`{"type":"object","properties":{"b":{"type":["string", "null"],"description":"\"B\""},"a":{"enum":["x", 2],"minimum":1}},"required":["b"],"additionalProperties":false}`},
		{"const, enums of other types", `{"properties": {"a": {"const": "x"}, "b": {"const": true}, "c": {"enum": [null, "x"]}, "d": true}}`,
			`{"properties":{"a":{"enum":["x"]},"b":{},"c":{},"d":{}}}`},
		{"parts", `{"anyOf": [{"type": "string"}, {"items": {"not": {}}, "prefixItems": [{}, false]}], "additionalProperties": {"const": 1}}`,
			`{"anyOf":[{"type":"string"},{"items":{},"prefixItems":[{},{}]}],"additionalProperties":{"enum":[1]}}`},
		{"allOf", `{"description": "d", "allOf": [{"type": "object", "description": "e"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {"required": ["x"]}}}`,
			`{"description":"d","type":"object","required":["x"]}`},
		{"references", `{"properties": {"a": {"$ref": "#/definitions/x~1y", "description": "d", "default": 1}, "b": {"items": {"$ref": "#/properties/a"}}}, "definitions": {"x/y": {"type": "string", "description": "e"}}}`,
			`{"properties":{"a":{"description":"d","type":"string"},"b":{"items":{"description":"d","type":"string"}}}}`},
		{"a reference to itself", `{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}, "root": {"$ref": "#"}}}}}`,
			`{"type":"object","properties":{"next":{"type":"object"},"root":{"type":"object","properties":{}}}}`},
		{"references to nothing", `{"properties": {"a": {"$ref": "#/$defs/n"}, "b": {"$ref": "https://example.com/x"}, "c": {"$ref": "#anchor"}}}`, `{"properties":{"a":{},"b":{},"c":{}}}`},
	} {
		got := string(parameters(json.RawMessage(tt.schema)))
		if tt.name != "a reference to itself" && got != tt.want || got != "" && !json.Valid([]byte(got)) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		} else if len(got) > 500 {
			t.Errorf("%s: %d bytes", tt.name, len(got))
		}
	}
}

// TestThoughtComesBack: the signature of a call goes back with it.
func TestThoughtComesBack(t *testing.T) {
	server := modeltest.NewServer(t, modeltest.Answer{Thinking: "I have to look.", Calls: []modeltest.Call{{Name: "read", Args: `{}`}}}, modeltest.Answer{Text: "ok"})
	p := New(Config{Name: "p", BaseURL: server.URL})
	req := &model.Request{Model: "m", Tools: conversation().Tools, Messages: []model.Message{model.UserText("hi")}}
	for range 2 {
		for d, err := range p.Stream(t.Context(), req) {
			if err != nil {
				t.Fatal(err)
			}
			if d.Message != nil {
				req.Messages = append(req.Messages, *d.Message)
			}
		}
	}
	if got := server.Requests()[1].Get("contents.1.parts").Raw; got != `[{"functionCall":{"id":"call_1","name":"read","args":{}},"thoughtSignature":"c2VhbGVk"}]` {
		t.Errorf("got %s", got)
	}
}

func TestLeaveEarly(t *testing.T) {
	wiretest.LeaveEarly(t, func(baseURL string) model.Provider { return New(Config{BaseURL: baseURL}) },
		`{"candidates": [{"content": {"parts": [{"text": "one"}]}}]}`)
}

func connect(client *http.Client) model.Provider {
	return New(Config{Name: "p", BaseURL: "http://p", HTTPClient: client})
}

func TestAllocsPerChunk(t *testing.T) {
	const piece = `data: {"candidates": [{"content": {"parts": [{"text": " \"word\""}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": 2,"totalTokenCount": 10},"modelVersion": "m","responseId": "r1"}` + "\r\n\r\n"
	wiretest.Allocs(t, connect, piece, ` "word"`, `data: {"candidates": [{"finishReason": "STOP"}]}`+"\r\n\r\n")
}

func FuzzChunk(f *testing.F) { wiretest.Fuzz(f, connect) }

// TestManyReferences: a schema whose references multiply does not grow without bound.
func TestManyReferences(t *testing.T) {
	var defs []string
	for i := range 20 {
		one := fmt.Sprintf(`{"$ref": "#/$defs/d%d"}`, i+1)
		defs = append(defs, fmt.Sprintf(`"d%d": {"type": "object", "anyOf": [%s], "allOf": [%s]}`, i, strings.Repeat(one+",", 9)+one, strings.Repeat(one+",", 9)+one))
	}
	if got := parameters(json.RawMessage(`{"$ref": "#/$defs/d0", "$defs": {` + strings.Join(defs, ",") + `}}`)); !json.Valid(got) || len(got) > 64<<10 {
		t.Errorf("got %d bytes", len(got))
	}
}

// FuzzParameters: whatever the schema, what is sent is JSON.
func FuzzParameters(f *testing.F) {
	f.Add(`{"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"anyOf": [{"$ref": "#"}, {"const": 1}]}}}`)
	f.Fuzz(func(t *testing.T, schema string) {
		if !json.Valid([]byte(schema)) {
			return
		}
		if got := parameters(json.RawMessage(schema)); !json.Valid(got) {
			t.Errorf("%s became %s", schema, got)
		}
	})
}
